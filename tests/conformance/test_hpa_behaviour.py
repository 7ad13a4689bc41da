import sys
from pathlib import Path
from typing import Any

from sim.hpa.limits import changed_within, down_limit, limited, limited_without_rules, noted, up_limit
from sim.hpa.stabilise import Recommendation, between_windows, highest_recent

sys.path.insert(0, str(Path(__file__).parent))
from hpa_cases import NOW, SECOND, cases, changes, down_rules, up_rules


def history(case: dict[str, Any]) -> tuple[Recommendation, ...]:
    return tuple(Recommendation(replicas, NOW - age * SECOND) for replicas, age in case["recommendations"])


@cases("k8s_hpa_scaling_policies")
def test_policies_and_bounds_limit_as_in_kubernetes(case: dict[str, Any]) -> None:
    up, down = up_rules(case.get("up_rules")), down_rules(case.get("down_rules"))
    added, removed = changes(case.get("up_events")), changes(case.get("down_events"))
    if case.get("fn"):
        limit, side = (up_limit, up) if case["fn"] == "up_limit" else (down_limit, down)
        assert limit(case["current"], side, added=added, removed=removed, now=NOW) == case["expected"]
        return
    found = limited(
        case["current"], case["desired"], fewest=case["min"], most=case["max"], now=NOW, up=up, down=down, added=added,
        removed=removed,
    )  # fmt: skip
    assert (found.replicas, found.reason) == (case["expected"], case["expected_reason"])


@cases("k8s_hpa_limits_legacy")
def test_without_behaviour_the_size_at_most_doubles_or_reaches_four(case: dict[str, Any]) -> None:
    found = limited_without_rules(case["current"], case["desired"], fewest=case["min"], most=case["max"])
    assert (found.replicas, found.reason) == (case["expected"], case["expected_reason"])


@cases("k8s_hpa_stabilization_legacy")
def test_without_behaviour_the_highest_recent_wish_holds(case: dict[str, Any]) -> None:
    found, known = highest_recent(history(case), case["desired"], now=NOW, window=case["window_s"] * SECOND)
    assert (found, len(known)) == (case["expected"], case["expected_log_length"])


@cases("k8s_hpa_stabilization_behavior")
def test_with_behaviour_the_size_moves_as_far_as_both_windows_agree(case: dict[str, Any]) -> None:
    found, _ = between_windows(
        history(case), case["desired"], current=case["current"], now=NOW, up_window=case["up_window_s"] * SECOND,
        down_window=case["down_window_s"] * SECOND,
    )  # fmt: skip
    assert found == case["expected"]


@cases("k8s_hpa_scale_events")
def test_past_changes_are_kept_as_long_as_a_policy_looks_back(case: dict[str, Any]) -> None:
    before = changes(case["events_before"])
    rules = up_rules(case["rules"]) if case["rules"] is not None else None
    assert changed_within(before, 60 * SECOND, NOW) == case["expected_change_last_60s"]
    kept = noted(before, case["replica_change"], rules, now=NOW)
    assert [[change.replicas, change.outdated] for change in kept] == case["expected_events_after"]
