"""What ``power`` says of gates that cannot see: wired wrong, starved, or never asked."""

from typing import Any

import pytest

from sim.scenario import from_text
from sim.whatif.curves import drawn
from sim.whatif.power import power_of
from sim.whatif.saying import sentence

TEXT = """
rollrisk: 1
name: told
service:
  replicas: 4
  concurrency: 4
  queue: 50
  pod:
    app: {{image: 100MB, cpu: 500m, memory: 256Mi, start: 5s}}
nodes: {{count: 3, cpu: 4, memory: 16Gi}}
traffic:
  streams:
    web: {{peak: {peak}, work: 20ms, arrivals: {arrivals}}}
{telemetry}
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
"""
S, MINUTE = 10**9, 60 * 10**9
PLAIN = "{kind: threshold, success: 99%}"


def told(
    gate: str = PLAIN, *, peak: str = "40/s", arrivals: str = "poisson", telemetry: str = "", releases: int = 25
) -> tuple[str, Any]:
    scenario = from_text(TEXT.format(gate=gate, peak=peak, arrivals=arrivals, telemetry=telemetry))
    powers = power_of(scenario, scenario.strategies[0], releases=releases)
    return sentence(powers).replace("\N{NO-BREAK SPACE}", " "), powers[0]


def test_a_gate_with_enough_to_judge_needs_no_excuse() -> None:
    text, power = told()
    assert "judge" not in text
    assert power.grades[0].judged > 0.8


def test_a_gate_that_waits_for_want_of_requests_is_said_to() -> None:
    text, power = told(peak="1/s")
    assert "It never has enough to judge, and waits." in text
    assert power.grades[0].judged == 0.0


def test_a_gate_that_waits_mostly_is_said_to() -> None:
    text, _ = told("{kind: threshold, success: 99%, min_requests: 370}")
    assert "It has enough to judge at only" in text


def test_a_gate_whose_first_look_comes_too_late_is_said_never_to_look() -> None:
    text, _ = told("{kind: kayenta, every: 30m, metrics: {errors: {direction: increase}}}")
    assert "It never looks: every hold ends before its first look." in text


@pytest.mark.parametrize(
    ("reads", "says"),
    [("stable", "the running version's pods"), ("service", "all pods"), ("nothing", "no pods at all")],
)
def test_a_gate_wired_to_the_wrong_series_is_said_to_be(reads: str, says: str) -> None:
    text, _ = told(f"{{kind: threshold, success: 99%, wrong_series: {{reads: {reads}}}}}")
    assert f"Its queries select {says}." in text


def test_none_and_all_are_said_with_how_sure_that_is() -> None:
    text, power = told(peak="1/s")
    assert power.grades[0].stopped.high == pytest.approx(0.137, abs=0.001)
    assert "in 100 % (at least 86 %) of releases" in text


def test_bursty_arrivals_reach_the_bench() -> None:
    _, even = told(arrivals="{kind: gamma, cv: 0.1}")
    _, bursty = told(arrivals="{kind: gamma, cv: 5}")
    assert even.setting.variations[0] < 0.02
    assert bursty.setting.variations[0] > 15
    assert bursty.grades[0].by_arithmetic is None


def test_the_faults_of_the_metrics_reach_the_bench() -> None:
    _, power = told(telemetry="telemetry: {missing: 30%, noise: {errors: 50%}}")
    assert (power.setting.faults.missing, power.setting.faults.errors) == (0.3, 0.5)


def test_what_is_stopped_how_soon_and_at_what_cost_is_drawn() -> None:
    _, power = told("{kind: threshold, success: 99%, latency: {quantile: 95%, below: 100ms}}")
    text = drawn([power], ".svg").decode()
    for panel in ("releases stopped", "minutes until half are stopped", "errors made until then", "times slower"):
        assert f"<!-- {panel}" in text


RUN = "{success_condition: result >= 99%, interval: 1m, initial_delay: 2m, count: "


def test_a_run_that_is_waited_for_makes_the_hold_longer_for_whoever_is_tried_beside_it() -> None:
    """The first of twenty measurements after two minutes, the others a minute apart: 21 minutes in place of ten."""
    text, power = told(f"{{kind: argo, delay: 0s, metrics: {{rate: {RUN}20, failure_limit: 9}}}}}}")
    assert "At 20 % of 40 rps for 21m the gate ours sees 10,080 requests" in text
    assert power.setting.holds[0].end - power.setting.holds[0].start == pytest.approx(21 * MINUTE, abs=S)


def test_a_step_without_a_hold_of_its_own_is_tried_for_as_long_as_its_run() -> None:
    gate = f"{{kind: argo, delay: 0s, metrics: {{rate: {RUN}20, failure_limit: 9}}}}}}"
    text = TEXT.format(gate=gate, peak="40/s", arrivals="poisson", telemetry="").replace("hold: 10m", "hold: 0s")
    scenario = from_text(text)
    (hold,) = power_of(scenario, scenario.strategies[0], releases=20)[0].setting.holds
    assert (hold.share, hold.end) == (0.2, pytest.approx(21 * MINUTE, abs=S))


def test_a_run_that_has_measured_and_goes_on_is_not_said_to_wait_for_want_of_requests() -> None:
    text, power = told(f"{{kind: argo, delay: 0s, metrics: {{rate: {RUN}20, failure_limit: 9}}}}}}")
    assert "enough to judge" not in text
    assert power.grades[0].judged == 1.0


def test_a_run_whose_queries_find_nothing_is() -> None:
    gate = f"{{kind: argo, delay: 0s, wrong_series: {{reads: nothing}}, metrics: {{rate: {RUN}20}}}}}}"
    assert told(gate)[1].grades[0].judged < 0.3
