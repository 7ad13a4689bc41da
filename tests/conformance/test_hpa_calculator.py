import sys
from pathlib import Path
from typing import Any

import pytest

from sim.hpa.calculator import NoMetricError, Wish, for_average, for_utilisation, for_value, for_value_per_pod
from sim.hpa.pods import LONG_AGO, Metric, PodPhase, PodSeen, group_pods

sys.path.insert(0, str(Path(__file__).parent))
from hpa_cases import NOW, SECOND, TESTED_PATIENCE, ago, cases, metrics, pod


@cases("k8s_hpa_group_pods")
def test_pods_count_as_kubernetes_counts_them(case: dict[str, Any]) -> None:
    pods = [
        PodSeen(
            each["name"], 0, PodPhase(each["phase"]), each["deleted"], each["ready"], ago(each["start_ago_s"]),
            ago(each["transition_ago_s"]),
        )
        for each in case["pods"]
    ]  # fmt: skip
    seen = {
        name: Metric(1, LONG_AGO if each["age_s"] is None else NOW - each["age_s"] * SECOND, each["window_s"] * SECOND)
        for name, each in case["metrics"].items()
    }
    groups = group_pods(pods, seen, now=NOW, is_cpu=case["resource"] == "cpu", patience=TESTED_PATIENCE)
    assert len(groups.ready) == case["expected_ready"]
    for group in ("unready", "missing", "ignored"):
        assert sorted(getattr(groups, group)) == sorted(case[f"expected_{group}"])


def asked(case: dict[str, Any]) -> Wish:
    """What the metric of a case asks for."""
    kind, current = case["kind"], case["current_replicas"]
    if kind == "resource":
        return for_utilisation(
            pods_of(case), usage_of(case), current=current, target=case["target_utilization"], now=NOW,
            is_cpu=case.get("resource", "cpu") == "cpu", patience=TESTED_PATIENCE,
        )  # fmt: skip
    levels, target = case["levels_milli"], case["target_milli"]
    if kind == "podMetric":
        return for_average(pods_of(case), metrics(levels), current=current, target=target, now=NOW)
    if kind in ("objectMetric", "externalMetric"):
        return for_value(pods_of(case), sum(levels), current=current, target=target)
    assert kind in ("objectPerPodMetric", "externalPerPodMetric"), kind
    return for_value_per_pod(sum(levels), current=current, target=target)


def pods_of(case: dict[str, Any]) -> list[PodSeen]:
    """The pods; one container's request, or that of both."""
    requests, both = case.get("requests_milli_per_container", []), 1 if case.get("container") else 2
    asks = [both * requests[place] if place < len(requests) else None for place in range(len(case["pods"]))]
    return [
        pod(
            f"pod-{place}",
            request=asks[place],
            hot=each["hot"],
            ready=each["ready"],
            phase=each["phase"],
            deleted=each["deleted"],
        )
        for place, each in enumerate(case["pods"])
    ]


def usage_of(case: dict[str, Any]) -> dict[str, Metric]:
    """Usage by pod, of one container or both; under names nobody knows where the case says so."""
    container = case.get("container")
    reported = case["usage_milli_per_container"]
    if container and any(len(each) < container for each in reported):
        raise NoMetricError(f"container {container} reports nothing")
    values = [each[container - 1] if container else sum(each) for each in reported]
    found = metrics(values)
    return (
        {f"unknown-{name}": value for name, value in found.items()} if case.get("metric_pod_names_unknown") else found
    )


@cases("k8s_hpa_replica_calculator")
def test_a_metric_asks_for_as_many_replicas_as_in_kubernetes(case: dict[str, Any]) -> None:
    if case.get("expected_error"):
        with pytest.raises(NoMetricError):
            asked(case)
        return
    wish = asked(case)
    assert wish.replicas == case["expected_replicas"]
    if "expected_utilization" in case:
        assert wish.level == case["expected_utilization"]
        assert wish.average == case["expected_average_milli"]
    else:
        assert wish.level == case["expected_usage_milli"]
