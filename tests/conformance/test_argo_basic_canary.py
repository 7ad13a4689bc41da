"""Argo Rollouts' own assertions on a canary without a router, put to the functions the basic canary asks."""

from __future__ import annotations

from typing import Any

import pytest
from peers import cases

from sim.cluster.basic_canary import counted, has_arrived, reconcile_split
from sim.cluster.rolling import Limits, Sized
from sim.quantities import CountOrShare, fenceposts
from sim.replica_split import Pair, nearest_split
from sim.strategies.canary import canary_pods, stable_pods


def limits_of(case: dict[str, Any]) -> Limits:
    surge, unavailable = (CountOrShare.read(case[word]) for word in ("max_surge", "max_unavailable"))
    return Limits(case["replicas"], *fenceposts(surge, unavailable, case["replicas"]))


def target_of(case: dict[str, Any], limits: Limits) -> Pair:
    share = 1.0 if case.get("promote_full") else 0.0 if case.get("abort") else case["set_weight"] / 100
    return nearest_split(limits.replicas, share, limits.surge)


@pytest.mark.parametrize("case", cases("argo_canary_weight_approximation"))
def test_whole_pods_come_as_near_to_a_weight_as_argo_asserts(case: dict[str, Any]) -> None:
    found = nearest_split(case["replicas"], case["weight"] / case["max_weight"], case["max_surge"])
    assert found == (case["expected_canary"], case["expected_stable"])


@pytest.mark.parametrize("case", cases("argo_canary_replicas"))
def test_a_reconcile_asks_for_the_pods_argo_asserts(case: dict[str, Any]) -> None:
    if case.get("traffic_routed", True):
        pytest.skip("a router splits the traffic: the plain canary's rule, not this one's")
    limits = limits_of(case)
    canary = Sized(case["canary_spec"], case["canary_available"])
    stable = Sized(case["stable_spec"], case["stable_available"])
    older = case.get("older", [0, 0])[0]
    found = reconcile_split(canary, stable, target_of(case, limits), limits, older=older)
    assert found == (case["expected_canary"], case["expected_stable"])


@pytest.mark.parametrize("case", cases("argo_at_desired_counts"))
def test_a_step_is_done_when_argo_asserts(case: dict[str, Any]) -> None:
    limits = limits_of(case)
    canary, stable = (Sized(case[side]["spec"], case[side]["available"]) for side in ("canary", "stable"))
    target = target_of(case, limits)
    assert has_arrived(canary, stable, target, stable_exists=case["stable"]["status"]) is case["expected"]


@pytest.mark.parametrize("case", cases("argo_replicas_for_scale_down"))
def test_so_many_pods_of_a_fleet_count_as_argo_asserts(case: dict[str, Any]) -> None:
    asked, available = case["rs"] or (0, 0)
    assert counted(Sized(asked, available), as_asked=case["ignore_availability"]) == case["expected"]


@pytest.mark.parametrize("case", cases("argo_traffic_weight_to_replicas"))
def test_a_router_s_weight_takes_the_pods_argo_asserts(case: dict[str, Any]) -> None:
    assert canary_pods(case["weight"] / case["max_weight"], case["replicas"]) == case["expected"]


@pytest.mark.parametrize("case", cases("argo_check_replicas_available"))
def test_a_weight_waits_for_the_stable_pods_argo_asserts(case: dict[str, Any]) -> None:
    if case.get("threshold_percent", 100) is not None:
        pytest.skip("a progress threshold of the step's own is not played")
    needed = stable_pods(1.0 - case["weight"] / case["max_weight"], case["replicas"])
    assert (case["rs_available"] >= needed) is case["expected"]


@pytest.mark.parametrize("case", cases("argo_fenceposts"))
def test_surge_and_missing_pods_are_rounded_as_argo_asserts(case: dict[str, Any]) -> None:
    if case.get("strategy") == "blueGreen":
        pytest.skip("a blue/green release has neither")
    if case.get("expected_error"):
        with pytest.raises(ValueError, match="oops"):
            CountOrShare.read(case["max_surge"])
    elif "strategy" in case:
        limits = limits_of(case)
        assert case.get("expected_max_surge", limits.surge) == limits.surge
        assert case.get("expected_max_unavailable", limits.most_unavailable) == limits.most_unavailable
    else:
        surge, unavailable = (CountOrShare.read(case[word] or 0) for word in ("max_surge", "max_unavailable"))
        found = fenceposts(surge, unavailable, case["desired"])
        assert found == (case["expected_surge"], case["expected_unavailable"])


def trace_of(case: dict[str, Any]) -> list[list[int]]:
    """Every reconcile that changes something, new pods being available before the next."""
    limits, seen = limits_of(case), []
    canary, stable = Sized(0, 0), Sized(case["replicas"], case["replicas"])
    for weight in case["weights"]:
        target = nearest_split(limits.replicas, weight / 100, limits.surge)
        while (asked := reconcile_split(canary, stable, target, limits)) != (canary.asked, stable.asked):
            available = min(canary.available, asked.canary), min(stable.available, asked.stable)
            seen.append([weight, *asked, *available])
            canary, stable = Sized(asked.canary, asked.canary), Sized(asked.stable, asked.stable)
    return seen


@pytest.mark.parametrize("case", cases("derived_argo_basic_canary_traces"))
def test_a_whole_canary_takes_the_reconciles_that_follow_from_argo_s_rules(case: dict[str, Any]) -> None:
    trace = trace_of(case)
    assert trace == case["trace"]
    assert max(canary + stable for _, canary, stable, *_ in trace) == case["peak_pods"]
