"""Where pods are the weight, whole ones only: said before anything is played."""

from __future__ import annotations

import pytest

from sim.scenario import from_text
from sim.scenario.arithmetic import fleet_arithmetic

TEXT = """
rollrisk: 1
name: rounded
service:
  replicas: {replicas}
  concurrency: 4
  queue: 50
  pod: {{app: {{image: 100MB, cpu: 500m, memory: 256Mi, start: 5s}}}}
nodes: {{count: 20, cpu: 4, memory: 16Gi}}
traffic: {{streams: {{web: {{peak: 10/s, work: 20ms}}}}}}
release:
  baseline_errors: 0.1%
  change_failure_rate: 10%
  defects: {{wrong: {{share: 100%, kind: error_rate, rate: 5%}}}}
oncall: none
strategies:
  ours: {strategy}
"""


def told(strategy: str, replicas: int) -> list[str]:
    scenario = from_text(TEXT.format(strategy=strategy, replicas=replicas))
    return [each for each in fleet_arithmetic(scenario).warnings if "cannot be had" in each]


BASIC, PODS = (
    "{{kind: basic_canary, {}steps: [{{weight: {}, hold: 10m}}]}}",
    "{{kind: canary, split: pods, steps: [{}]}}",
)


@pytest.mark.parametrize(
    ("strategy", "replicas", "weighs"),
    [
        (BASIC.format("", "10%"), 3, "new pods get 25 % of the traffic"),
        (BASIC.format("surge: 0, unavailable: 1, ", "95%"), 10, "no pod is new"),
        (PODS.format("{weight: 10%, hold: 10m}"), 3, "new pods get 33 % of the traffic"),
    ],
)
def test_a_weight_that_whole_pods_cannot_have_is_told_with_what_they_have(
    strategy: str, replicas: int, weighs: str
) -> None:
    (warning,) = told(strategy, replicas)
    assert warning.endswith(weighs)


@pytest.mark.parametrize(
    ("strategy", "replicas"),
    [
        (BASIC.format("", "10%"), 10),
        (PODS.format("{weight: 10%, hold: 10m}"), 10),
        ("{kind: canary, steps: [{weight: 1%, hold: 10m}]}", 3),
        ("{kind: blue_green}", 3),
    ],
)
def test_a_weight_that_they_have_is_not_mentioned(strategy: str, replicas: int) -> None:
    assert told(strategy, replicas) == []
