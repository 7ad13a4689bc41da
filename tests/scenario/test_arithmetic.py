import math

import pytest

from sim.errors import ScenarioError
from sim.scenario import from_text
from sim.scenario.arithmetic import FleetArithmetic, fleet_arithmetic

GOOD = """
rollrisk: 1
service:
  replicas: 4
  concurrency: 5
  pod:
    app: {start: 5s, cpu: 1, memory: 1Gi}
nodes: {count: 4, cpu: 4, memory: 16Gi}
dependencies: {db: {connections: 60, per_pod: 10}}
traffic:
  profile: {0m: 50%, 30m: 100%}
  streams:
    browse: {peak: 90/s, work: 100ms}
    pay: {peak: 10/s, work: 300ms}
release:
  baseline_errors: 0.05%
  change_failure_rate: 8%
  defects:
    errors: {share: 100%, kind: error_rate, rate: 5%}
oncall: {notices_at: 2%, reacts: 10m}
gates:
  ours: {kind: threshold, per: stream, success: 99%, window: 1m, min_requests: 50}
strategies:
  canary: {kind: canary, gate: ours, steps: [{weight: 20%, hold: 10m}]}
study: {horizon: 1h}
"""


def arithmetic(good: str = "", changed: str = "") -> FleetArithmetic:
    assert good in GOOD
    return fleet_arithmetic(from_text(GOOD.replace(good, changed) if good else GOOD))


def test_a_fleet_carries_its_slots_over_the_mean_work() -> None:
    found = arithmetic()
    assert found.work == {"browse": 0.1, "pay": 0.3}
    assert found.pod_rate == pytest.approx(5 * 100 / (90 * 0.1 + 10 * 0.3))
    assert found.use_at_peak == pytest.approx(12 / 20)
    assert found.use_with_node_less == pytest.approx(12 / 15)


def test_the_requests_of_a_replication_are_the_area_under_the_profile() -> None:
    assert arithmetic().requests_played == pytest.approx(100 * (1800 * 0.75 + 1800 * 1.0))


def test_a_fleet_on_one_node_has_nothing_left_without_it() -> None:
    assert math.isinf(arithmetic("nodes: {count: 4", "nodes: {count: 1").use_with_node_less)


def test_pods_fit_by_the_scarcer_of_cpu_and_memory() -> None:
    assert arithmetic().pods_per_node == 4
    assert arithmetic("memory: 1Gi", "memory: 8Gi").pods_per_node == 2


def test_both_fleets_together_hold_more_connections_than_there_are() -> None:
    found = arithmetic()
    assert (found.dependencies[0].held, found.dependencies[0].held_at_most) == (40, 80)
    assert "db: both fleets together ask for 80 connections of 60: pods beyond it are not ready" in found.warnings


def test_a_fleet_that_asks_for_more_connections_than_there_are_is_named_without_any_release() -> None:
    assert warned("db: the fleet alone asks for 40 connections of 39: pods", "connections: 60", "connections: 39")
    crash = ("connections: 60", "connections: 39, beyond: crash")
    assert warned("the fleet alone asks for 40 connections of 39: pods beyond it crash", *crash)


def test_one_pod_that_asks_for_more_connections_than_there_are_is_refused() -> None:
    with pytest.raises(ScenarioError, match="one pod asks for 10 of 9 connections and is never ready"):
        arithmetic("connections: 60", "connections: 9")


def warned(words: str, good: str = "", changed: str = "") -> bool:
    return any(words in warning for warning in arithmetic(good, changed).warnings)


def test_a_step_that_shows_the_gate_too_few_requests_is_named() -> None:
    assert not warned("canary step 1")
    assert warned(
        "canary step 1: 22 pay requests in a window of 1m, the gate ours needs 50", "weight: 20%", "weight: 5%"
    )


def test_a_defect_that_telemetry_does_not_show_is_named() -> None:
    assert warned("errors: no gate can see it", "rate: 5%}", "rate: 5%, visible: 0%}")


def test_a_defect_within_what_a_gate_lets_pass_is_named() -> None:
    assert warned("errors: no gate looks at it", "rate: 5%}", "rate: 0.5%}")


def test_slow_answers_are_not_seen_by_a_gate_on_success_alone() -> None:
    assert warned("errors: no gate looks at it", "kind: error_rate, rate: 5%", "kind: latency, factor: 2")


def test_a_strategy_that_nobody_watches_is_named() -> None:
    assert warned("nothing can stop a bad release", "gate: ours, steps", "steps") is False
    both = GOOD.replace("gate: ours, steps", "steps").replace("oncall: {notices_at: 2%, reacts: 10m}", "oncall: none")
    assert any("nothing can stop" in each for each in fleet_arithmetic(from_text(both)).warnings)


def test_where_no_release_is_bad_nobody_has_to_stop_one() -> None:
    alone = GOOD.replace("gate: ours, steps", "steps").replace("oncall: {notices_at: 2%, reacts: 10m}", "oncall: none")
    rate = next(line for line in alone.splitlines() if "change_failure_rate:" in line)
    none_bad = alone.replace(rate, rate.partition("change_failure_rate:")[0] + "change_failure_rate: 0%")
    assert not any("nothing can stop" in each for each in fleet_arithmetic(from_text(none_bad)).warnings)


def test_a_strategy_that_holds_as_long_as_anybody_looks_is_named() -> None:
    assert not warned("are watched", "hold: 10m", "hold: 59m")
    assert warned("canary: holds for 1h, and 1h are watched: not even a good release", "hold: 10m", "hold: 1h")


def test_a_fleet_that_asks_for_more_places_than_there_are_is_named() -> None:
    assert warned("asks for up to 8 pods, 4 fit", "cpu: 4", "cpu: 1")


def test_sections_without_effect_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.scenario.arithmetic.IDLE", ("observed",))
    assert warned("observed: is kept, and has no effect yet", "study:", "observed: {p50: 1s}\nstudy:")


CALLED = {
    "dependencies: {db: {connections: 60, per_pod: 10}}": (
        "dependencies: {db: {connections: 60, per_pod: 10, concurrency: 2, work: 10ms}}"
    ),
    "browse: {peak: 90/s, work: 100ms}": "browse: {peak: 90/s, work: 100ms, calls: {db: 2}}",
}


def called() -> FleetArithmetic:
    text = GOOD
    for good, changed in CALLED.items():
        assert good in text
        text = text.replace(good, changed)
    return fleet_arithmetic(from_text(text))


def test_a_request_holds_its_slot_while_it_calls() -> None:
    assert called().use_at_peak == pytest.approx((90 * 0.12 + 10 * 0.3) / 20)
    assert called().pod_rate == pytest.approx(5 * 100 / (90 * 0.12 + 10 * 0.3))
    assert called().work["browse"] == 0.1


def test_a_dependency_is_as_busy_as_its_calls_make_it_and_too_busy_is_told() -> None:
    (db,) = called().dependencies
    assert db.use_at_peak == pytest.approx(90 * 2 * 0.01 / 2)
    assert "db is 90 % busy at peak: calls queue, and hold slots of pods" in called().warnings
    assert arithmetic().dependencies[0].use_at_peak is None
