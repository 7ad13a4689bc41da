"""Where Kubernetes releases differ, a scenario says which it means."""

import pytest

from sim.scenario import from_text
from sim.units import SECOND

TEXT = """
rollrisk: 1
service:
  replicas: 4
  concurrency: 5
  pod:
    app: {start: 5s, cpu: 1, memory: 1Gi}
nodes: {count: 4, cpu: 4, memory: 16Gi, WORDS}
traffic: {streams: {browse: {peak: 90/s, work: 100ms}}}
release: {baseline_errors: 0.05%, change_failure_rate: 0%}
oncall: none
strategies: {rolling: rolling}
study: {horizon: 1h}
"""


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("", 50),
        ("kubernetes: newest", 50),
        ('kubernetes: "1.28"', 40),
        ('kubernetes: "1.28", detection: 60s', 60),
    ],
)
def test_a_lost_node_is_noticed_as_late_as_the_release_says(words: str, seconds: int) -> None:
    scenario = from_text(TEXT.replace(", WORDS", f", {words}" if words else ""))
    assert scenario.nodes.detection == seconds * SECOND
    told = [each.value for each in scenario.defaults if each.path == "nodes.detection"]
    assert told == ([] if "detection" in words else [f"{seconds}s"])
