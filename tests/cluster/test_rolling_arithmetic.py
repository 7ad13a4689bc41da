import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.cluster.rolling import Counts, Limits, clean_up, grow_new, reconcile, shrink_old, spare
from sim.quantities import CountOrShare
from sim.strategies.rolling import fenceposts

PEER_CASES = Path(__file__).parents[3] / "shared" / "peer_cases"


def cases(name: str, *functions: str) -> list[Any]:
    """Cases of the real controller's own tests, or one that is skipped where they are not beside this repository."""
    path = PEER_CASES / f"{name}.json"
    if not path.exists():
        missing = pytest.mark.skip("the cases of the real controllers are not beside this repository")
        return [pytest.param({}, marks=missing)]
    found = json.loads(path.read_text())["cases"]
    return [case for case in found if not functions or case["fn"] in functions]


def limits_of(case: dict[str, Any]) -> Limits:
    surge, unavailable = (CountOrShare.read(case.get(word) or 0) for word in ("max_surge", "max_unavailable"))
    return Limits(case["replicas"], *fenceposts(surge, unavailable, case["replicas"]))


def rollout(limits: Limits) -> list[tuple[int, int]]:
    """Sizes of the old and new fleet after each change, when new pods become available all together."""
    counts, seen = Counts(limits.replicas, 0, limits.replicas, 0), []
    while True:
        old, new = reconcile(counts, limits)
        if (old, new) != (counts.old, counts.new):
            seen.append((old, new))
            counts = Counts(old, new, min(counts.old_available, old), min(counts.new_available, new))
        elif counts.new_available < counts.new:
            counts = counts._replace(new_available=counts.new)
        else:
            return seen


def test_ten_pods_with_the_defaults_go_in_the_known_waves() -> None:
    assert rollout(Limits(10, 3, 2)) == [(10, 3), (8, 3), (8, 5), (3, 5), (3, 10), (0, 10)]


def test_without_surge_old_pods_go_before_new_ones_come() -> None:
    assert rollout(Limits(3, 0, 1))[:2] == [(2, 0), (2, 1)]


def test_new_pods_that_are_not_available_freeze_old_ones() -> None:
    stuck = Counts(old=8, new=5, old_available=8, new_available=0)
    assert reconcile(stuck, Limits(10, 3, 2)) == (8, 5)


def test_broken_old_pods_go_first_and_cost_no_availability() -> None:
    assert shrink_old(Counts(old=10, new=3, old_available=8, new_available=3), Limits(10, 3, 2)) == 5
    assert shrink_old(Counts(old=10, new=3, old_available=8, new_available=0), Limits(10, 3, 2)) == 8


@given(
    replicas=st.integers(min_value=1, max_value=60),
    surge=st.integers(min_value=0, max_value=60),
    unavailable=st.integers(min_value=0, max_value=60),
)
def test_every_rolling_update_ends_and_never_leaves_its_bounds(replicas: int, surge: int, unavailable: int) -> None:
    limits = Limits(replicas, surge, unavailable if surge or unavailable else 1)
    waves = rollout(limits)
    assert waves[-1] == (0, replicas)
    assert max(old + new for old, new in waves) <= replicas + surge


@pytest.mark.parametrize("case", cases("k8s_fenceposts", "fenceposts"))
def test_surge_and_unavailable_are_rounded_as_kubernetes_rounds_them(case: dict[str, Any]) -> None:
    if case["expected_error"]:
        with pytest.raises(ValueError, match="oops"):
            limits_of(case)
        return
    limits = limits_of(case)
    assert (limits.surge, limits.unavailable) == (case["expected_surge"], case["expected_unavailable"])


@pytest.mark.parametrize("case", cases("k8s_fenceposts", "max_unavailable", "min_available"))
def test_the_least_available_is_as_kubernetes_counts_it(case: dict[str, Any]) -> None:
    if case["strategy"] != "RollingUpdate":
        return  # a Recreate never asks
    least = limits_of(case).least_available
    assert least == (case["expected"] if case["fn"] == "min_available" else case["replicas"] - case["expected"])


@pytest.mark.parametrize("case", cases("k8s_rolling_update_step"))
def test_one_reconcile_is_as_kubernetes_does_it(case: dict[str, Any]) -> None:
    match case["fn"]:
        case "cleanup_unhealthy":
            done = clean_up(case["old_spec"], case["old_available"], case["max_cleanup"])
            assert done == case["expected_cleaned"]
        case "reconcile_new":
            counts = Counts(case["old_spec"], case["new_spec"], 0, 0)
            assert grow_new(counts, limits_of(case)) == case["expected_new_spec"]
        case "reconcile_old":
            counts = Counts(case["old_spec"], case["new_spec"], case["old_available"], case["new_available"])
            assert shrink_old(counts, limits_of(case)) == case["expected_old_spec"]
        case "scale_down_old":
            gone = spare(case["old_spec"], case["old_available"], limits_of(case))
            assert case["old_spec"] - gone == case["expected_old_spec"]
        case unknown:
            pytest.fail(f"no rule for {unknown}")


@pytest.mark.parametrize("case", cases("derived_rolling_update_traces"))
def test_whole_rolling_updates_go_in_kubernetes_waves(case: dict[str, Any]) -> None:
    waves = [(old, new) for old, new, _, _ in case["trace_old_new_oldavail_newavail"]]
    limits = limits_of(case)
    assert rollout(limits) == list(dict.fromkeys(waves))
    assert (limits.surge, limits.unavailable) == (case["surge_pods"], case["unavailable_pods"])
