"""Gates that cannot see what they were put there for, said before anything is played."""

import pytest

from sim.scenario import from_text
from sim.scenario.blindness import blind_spots

TEXT = """
rollrisk: 1
name: blind
service:
  replicas: 4
  concurrency: 4
  queue: 50
  pod:
    app: {{image: 100MB, cpu: 500m, memory: 256Mi, start: 5s}}
nodes: {{count: 3, cpu: 4, memory: 16Gi}}
traffic:
  streams:
    web: {{peak: 40/s, work: 20ms}}
release:
  baseline_errors: 0.1%
  change_failure_rate: 10%
  defects:
    wrong: {{share: 100%, kind: error_rate, rate: 5%}}
oncall: none
gates:
  ours: {gate}
strategies:
  canary: {{kind: canary, gate: ours, steps: [{{weight: 20%, hold: 10m}}]}}
  blue-green: {{kind: blue_green, gate: ours, keep_old: 1h}}
"""


def spots(gate: str) -> list[str]:
    return [spot for spot in blind_spots(from_text(TEXT.format(gate=gate))) if "gate ours" in spot]


def test_a_gate_that_sees_is_not_mentioned() -> None:
    assert spots("{kind: threshold, success: 99%}") == []


@pytest.mark.parametrize(("chance", "seldom"), [("100%", ""), ("5%", " in 5 % of releases")])
def test_a_gate_wired_to_the_wrong_series_is_a_blind_spot(chance: str, seldom: str) -> None:
    found = spots(f"{{kind: threshold, success: 99%, wrong_series: {{reads: stable, chance: {chance}}}}}")
    assert found[0] == f"canary: queries of the gate ours select the running version's pods{seldom}"


def test_a_gate_whose_first_look_comes_after_every_hold_is_a_blind_spot_there_and_not_elsewhere() -> None:
    found = spots("{kind: group_sequential, looks: 2, over: 40m, delay: 0s}")
    assert found == ["canary: no hold is longer than 10m, the gate ours first looks after 20m"]
