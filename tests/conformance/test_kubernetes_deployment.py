"""Replica arithmetic, progress, resizing and recreate, against what Kubernetes' own tests assert."""

import sys
from pathlib import Path
from typing import Any

import pytest

from sim.cluster.progress import NO_DEADLINE, Status, has_progressed, is_complete, looks_again_in, timed_out
from sim.cluster.proportional import Sized, Wanted, resized
from sim.cluster.replicasets import forgotten, old_pods_run
from sim.cluster.rolling import Counts, Limits, clean_up, grow_new, grown, reconcile, shrink_old, spare
from sim.quantities import CountOrShare, int_or_percent, scaled
from sim.strategies.rolling import fenceposts

sys.path.insert(0, str(Path(__file__).parent))
from peers import SECOND, cases, nanoseconds

Case = dict[str, Any]


def limits_of(case: Case) -> Limits:
    replicas = case["replicas"] or 0
    surge, unavailable = (CountOrShare.read(case.get(word) or 0) for word in ("max_surge", "max_unavailable"))
    rolling = case.get("strategy", "RollingUpdate") == "RollingUpdate"
    return Limits(replicas, *fenceposts(surge, unavailable, replicas), rolling=rolling)


@pytest.mark.parametrize("case", cases("k8s_fenceposts", "fenceposts"))
def test_fenceposts(case: Case) -> None:
    if case["expected_error"]:
        with pytest.raises(ValueError, match="cannot read"):
            limits_of(case)
        return
    limits = limits_of(case)
    assert (limits.surge, limits.unavailable) == (case["expected_surge"], case["expected_unavailable"])


@pytest.mark.parametrize("case", cases("k8s_fenceposts", "new_rs_replicas", "max_unavailable", "min_available"))
def test_limits_that_follow_from_the_fenceposts(case: Case) -> None:
    limits = limits_of(case)
    match case["fn"]:
        case "new_rs_replicas":
            found = grown(case["new_spec"], case["other_spec"], limits)
        case "max_unavailable":
            found = limits.most_unavailable
        case _:
            found = limits.least_available
    assert found == case["expected"]


@pytest.mark.parametrize("case", cases("k8s_rolling_update_step"))
def test_one_step_of_a_rolling_update(case: Case) -> None:
    match case["fn"]:
        case "cleanup_unhealthy":
            assert clean_up(case["old_spec"], case["old_available"], case["max_cleanup"]) == case["expected_cleaned"]
        case "reconcile_new":
            size = grow_new(Counts(case["old_spec"], case["new_spec"], 0, 0), limits_of(case))
            assert (size, size != case["new_spec"]) == (case["expected_new_spec"], case["expected_scaled"])
        case "reconcile_old":
            counts = Counts(case["old_spec"], case["new_spec"], case["old_available"], case["new_available"])
            size = shrink_old(counts, limits_of(case))
            assert (size, size != case["old_spec"]) == (case["expected_old_spec"], case["expected_scaled"])
        case "scale_down_old":
            size = case["old_spec"] - spare(case["old_spec"], case["old_available"], limits_of(case))
            assert (size, size != case["old_spec"]) == (case["expected_old_spec"], case["expected_scaled"])
        case unknown:
            pytest.fail(f"no rule for {unknown}")


def trace(limits: Limits) -> list[list[int]]:
    """[old, new, old available, new available] after each action; when nothing can be done all new pods come up."""
    counts, seen = Counts(limits.replicas, 0, limits.replicas, 0), []
    while True:
        old, new = reconcile(counts, limits)
        if (old, new) != (counts.old, counts.new):
            counts = Counts(old, new, min(counts.old_available, old), min(counts.new_available, new))
        elif counts.new_available < counts.new:
            seen.append(list(counts))
            counts = counts._replace(new_available=counts.new)
        else:
            return seen
        seen.append(list(counts))


@pytest.mark.parametrize("case", cases("derived_rolling_update_traces"))
def test_whole_rolling_updates(case: Case) -> None:
    limits = limits_of(case)
    assert (limits.surge, limits.unavailable) == (case["surge_pods"], case["unavailable_pods"])
    found = trace(limits)
    assert found == case["trace_old_new_oldavail_newavail"]
    assert (max(row[0] + row[1] for row in found), found[-1]) == (case["peak_pods"], case["final"])
    assert min(row[2] + row[3] for row in found) == case["min_available"]


@pytest.mark.parametrize("case", cases("k8s_int_or_percent", "scaled"))
def test_percentages_of_a_total(case: Case) -> None:
    if case["expected_error"]:
        with pytest.raises(ValueError, match="cannot read"):
            int_or_percent(case["input"])
        return
    value, is_percent = int_or_percent(case["input"])
    assert (scaled(value, case["total"], up=case["round_up"]) if is_percent else value) == case["expected"]


@pytest.mark.parametrize("case", cases("k8s_int_or_percent", "parse"))
def test_numbers_and_percentages_are_told_apart(case: Case) -> None:
    if case["expected_error"]:
        with pytest.raises(ValueError, match="cannot read"):
            int_or_percent(case["input"])
    else:
        assert int_or_percent(case["input"]) == (case["expected"], case["expected_percent"])


def sized(written: Case | None) -> Sized | None:
    if written is None:
        return None
    return Sized(
        name=written["name"],
        size=written["size"],
        age=written["age"],
        largest=written.get("max_annotation"),
        desired=written.get("desired_annotation"),
        available=written.get("available", 0),
    )


@pytest.mark.parametrize("case", cases("k8s_proportional_scaling"))
def test_a_resize_in_mid_rollout(case: Case) -> None:
    new = sized(case["new_rs"])
    old = [each for each in map(sized, case["old_rss"]) if each]
    changes = resized(Wanted(case["replicas"], case["max_surge"], now=case["old_replicas"]), new, old)
    kept = {name: size for name, size in changes.items() if name not in case["not_persisted"]}
    assert {each.name: kept.get(each.name, each.size) for each in old} == case["expected_old"]
    assert (kept.get(new.name, new.size) if new else None) == case["expected_new"]


def deadline_of(case: Case) -> int | None:
    seconds = case["progress_deadline_s"]
    return None if seconds is None or seconds == NO_DEADLINE else seconds * SECOND


@pytest.mark.parametrize("case", cases("k8s_deployment_conditions"))
def test_completion_progress_and_deadline(case: Case) -> None:
    match case["fn"]:
        case "complete":
            status = Status(case["status_replicas"], case["updated"], case["available"], case["available"])
            assert is_complete(case["desired"], status) == case["expected"]
        case "progressing":
            before, after = (Status(**case[word]) for word in ("before", "after"))
            assert has_progressed(before, after) == case["expected"]
        case "timed_out":
            ago = nanoseconds(case["last_update_ago_s"])
            progressed_at = None if ago is None else -ago
            arrived = case["reason"] == "NewReplicaSetAvailable"
            assert timed_out(0, progressed_at, deadline_of(case), arrived=arrived) == case["expected"]
        case "requeue":
            status = Status(case["status_replicas"], case["updated"], case["available"], case["available"])
            stuck = case["condition"] == "stuck" and not is_complete(case["replicas"], status)
            ago = nanoseconds(case["last_update_ago_s"]) or 0
            found = looks_again_in(0, -ago if stuck else None, deadline_of(case))
            assert (-1 if found is None else found) == nanoseconds(case["expected_requeue_s"]) or (
                found is None and case["expected_requeue_s"] == -1
            )
        case unknown:
            pytest.fail(f"no rule for {unknown}")


@pytest.mark.parametrize("case", cases("k8s_recreate_and_history"))
def test_recreate_waits_and_history_is_trimmed(case: Case) -> None:
    if case["fn"] == "history_cleanup":
        limit = None if case["revision_history_limit"] == NO_DEADLINE else case["revision_history_limit"]
        sizes = [(asked, existing) for asked, existing in case["old"]]
        assert len(forgotten(sizes, limit)) == case["expected_deleted"]
    else:
        assert old_pods_run(case["old_status_replicas"], case["old_pod_phases"]) == case["expected"]
