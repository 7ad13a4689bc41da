import sys
from pathlib import Path
from typing import Any

from sim.cluster.eviction import Budget, allowance
from sim.quantities import CountOrShare

sys.path.insert(0, str(Path(__file__).parent))
from hpa_cases import cases


@cases("k8s_pod_disruption_budget")
def test_a_budget_allows_as_many_disruptions_as_in_kubernetes(case: dict[str, Any]) -> None:
    """Shares need a controller to know the whole; of pods without one nothing is expected."""
    written = {name: case[name] for name in ("min_available", "max_unavailable") if case[name] is not None}
    budget = Budget(**{name: CountOrShare.read(value) for name, value in written.items()})
    counts_pods = isinstance(case["min_available"], int)
    expected = case["controller_scale"] if case["managed"] or counts_pods else 0
    found = allowance(budget, expected=expected, healthy=case["healthy"])
    assert found == (case["expected_desired_healthy"], case["expected_disruptions_allowed"])
