"""Gates that cannot see what they were put there for, said before anything is played."""

import pytest

from sim.scenario import from_text
from sim.scenario.blindness import blind_spots
from sim.scenario.resolved import Scenario
from sim.units import MINUTE

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


@pytest.mark.parametrize(
    ("step", "blind"), [("weight: 0%, mirror: 50%", 0), ("weight: 0%, cohort: 30%", 0), ("weight: 1%", 1)]
)
def test_copies_of_requests_and_a_cohort_feed_the_gate_like_a_weight(step: str, blind: int) -> None:
    text = TEXT.replace("{{weight: 20%, hold: 10m}}", f"{{{{{step}, hold: 10m}}}}")
    found = blind_spots(from_text(text.format(gate="{kind: threshold, success: 99%}")))
    assert len([spot for spot in found if "canary step 1" in spot]) == blind


def test_a_gate_that_sees_is_not_mentioned() -> None:
    assert spots("{kind: threshold, success: 99%}") == []


@pytest.mark.parametrize(("chance", "seldom"), [("100%", ""), ("5%", " in 5 % of releases")])
def test_a_gate_wired_to_the_wrong_series_is_a_blind_spot(chance: str, seldom: str) -> None:
    found = spots(f"{{kind: threshold, success: 99%, wrong_series: {{reads: stable, chance: {chance}}}}}")
    assert found[0] == f"canary: queries of the gate ours select the running version's pods{seldom}"


def test_a_hold_that_ends_before_the_first_verdict_of_its_gate_is_told_and_one_as_long_is_not() -> None:
    late = "canary: hold 1 of 10m ends before the first verdict of the gate ours, which can fall after 10m1s"
    assert spots("{kind: fisher, after: 10m, every: 601s}") == [late]
    assert spots("{kind: fisher, after: 10m, every: 5m}") == []


def test_holds_that_end_before_their_gate_can_stop_a_release_are_told_and_holds_as_long_are_not() -> None:
    counted = "{{kind: argo, metrics: {{m: {{success_condition: result >= 99%, interval: 1m, failure_limit: {}}}}}}}"
    (found,) = spots(counted.format(11))
    assert found.startswith("canary: the longest hold lasts 10m, the gate ours can stop a release only after 11m")
    assert spots(counted.format(9)) == []


def test_a_gate_that_holds_the_weight_while_checks_fail_finds_no_hold_too_short() -> None:
    assert spots("{kind: flagger, success: 99%, threshold: 50}") == []


def test_a_window_shorter_than_two_scrapes_is_told_and_one_of_two_is_not() -> None:
    assert any("two scrape intervals" in each for each in spots("{kind: threshold, success: 99%, window: 29s}"))
    assert spots("{kind: threshold, success: 99%, window: 30s}") == []


def test_a_gate_that_makes_its_hold_longer_is_no_blind_spot_for_looking_late() -> None:
    metric = "{success_condition: result >= 99%, interval: 5m, initial_delay: 15m, count: 3}"
    assert spots(f"{{kind: argo, metrics: {{rate: {metric}}}, delay: 0s}}") == []
    assert spots(f"{{kind: argo, run: background, metrics: {{rate: {metric}}}, delay: 0s}}") != []


GATE = "{kind: threshold, success: 99%}"


def approved(oncall: str) -> Scenario:
    text = TEXT.replace("hold: 10m}}", "hold: 10m, approve: true}}").replace("oncall: none", f"oncall: {oncall}")
    return from_text(text.format(gate=GATE))


def test_a_rollout_that_asks_a_person_while_nobody_is_on_call_never_goes_on() -> None:
    waits = "canary: waits for a person to let it go on, and nobody is on call: it never goes on"
    assert waits in blind_spots(approved("none"))
    assert waits not in blind_spots(approved("{{notices_at: 5%, reacts: 20m}}"))


def test_the_horizon_has_room_for_the_person_and_for_the_gate_that_insists() -> None:
    person = "{{notices_at: 5%, reacts: 3h}}"
    plain = TEXT.replace("oncall: none", f"oncall: {person}")
    assert approved(person).study.horizon - from_text(plain.format(gate=GATE)).study.horizon >= 120 * MINUTE
    metric = "{success_condition: result >= 99%, interval: 10m, count: 20}"
    insists = f"{{kind: argo, metrics: {{rate: {metric}}}, delay: 0s}}"
    assert from_text(plain.format(gate=insists)).study.horizon > from_text(plain.format(gate=GATE)).study.horizon
