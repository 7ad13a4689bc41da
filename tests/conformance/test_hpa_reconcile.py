import sys
from pathlib import Path
from typing import Any

from sim.hpa.calculator import for_utilisation
from sim.hpa.reconcile import Bounds, Memory, first_sight, reconcile
from sim.hpa.stabilise import Recommendation

sys.path.insert(0, str(Path(__file__).parent))
from hpa_cases import NOW, SECOND, TESTED_PATIENCE, cases, down_rules, metrics, pod, up_rules


def told(case: dict[str, Any], field: str, place: int, otherwise: Any) -> Any:
    return case[field][place] if place < len(case.get(field) or ()) else otherwise


def memory_of(case: dict[str, Any]) -> Memory:
    if case["history"] == "first_sight":
        return first_sight(case["spec_replicas"], NOW)
    seeded = case.get("history_seed") or ()
    return Memory(history=tuple(Recommendation(replicas, NOW - age * SECOND) for replicas, age in seeded))


@cases("k8s_hpa_controller_cpu")
def test_a_whole_pass_comes_to_the_size_kubernetes_comes_to(case: dict[str, Any]) -> None:
    count = max(len(case["requests_milli"]), len(case.get("phase") or ()))
    pods = [
        pod(
            f"pod-{place}",
            request=told(case, "requests_milli", place, None),
            hot=told(case, "hot", place, False),
            ready=told(case, "ready", place, True),
            phase=told(case, "phase", place, "Running"),
            deleted=told(case, "deleted", place, False),
        )
        for place in range(count)
    ]
    up, down = case.get("scaleUpRules"), case.get("scaleDownRules")
    bounds = Bounds(case["min"], case["max"], up_rules(up) if up else None, down_rules(down) if down else None)
    current = case["spec_replicas"]
    found = reconcile(
        memory_of(case),
        bounds,
        [
            lambda: for_utilisation(
                pods, metrics(case["usage_milli"]), current=current, target=case["target_utilization"], now=NOW,
                patience=TESTED_PATIENCE,
            )
        ],
        current=current,
        now=NOW,
    )  # fmt: skip
    assert found.replicas == case["expected_desired"]


@cases("derived_hpa_canary_feedback")
def test_a_part_of_usage_that_every_pod_has_feeds_back_through_canary_pods(case: dict[str, Any]) -> None:
    bounds = Bounds(case["min"], case["max"], down_window=0)
    percent = 10_000  # requests are so fine that the load divides among pods without loss
    size = case["replicas"]
    for sync in case["syncs"]:
        seen = size + -(-case["weight"] * size // 100)
        load, constant = case["total_load_pct_pods"] * percent, case["per_pod_constant_pct"] * percent
        usage = [round(constant + load * (place + 1) // seen - load * place // seen) for place in range(seen)]
        pods = [pod(f"pod-{place}", request=100 * percent) for place in range(seen)]
        assert (size, seen) == (sync["spec_replicas"], sync["pods_seen"])
        found = reconcile(
            Memory(),
            bounds,
            [lambda: for_utilisation(pods, metrics(usage), current=size, target=case["target_pct"], now=NOW)],  # noqa: B023
            current=size,
            now=NOW,
        )
        assert found.wish is not None
        assert (found.wish.level, found.replicas) == (sync["utilisation_pct"], sync["desired"])
        size = found.replicas
    assert size == case["final"]
