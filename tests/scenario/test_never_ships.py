"""What ``check`` says of strategies that cannot ship, before anything is played; each with a near miss."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.gates.argo import Argo
from sim.judges.bound import Bound
from sim.rollout_plan import plan_of
from sim.scenario import from_text
from sim.scenario.arithmetic import fleet_arithmetic
from sim.stats.looks import failures_in_all
from sim.strategies.canary import Canary
from sim.strategies.no_release import NoRelease
from sim.strategies.rolling import Rolling

CASES = Path(__file__).parents[1] / "cases"


def warned(case: str, *changes: tuple[str, str]) -> list[str]:
    """The warnings about strategies that lose good releases."""
    text = (CASES / f"{case}.yaml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    told = fleet_arithmetic(from_text(text)).warnings
    return [each.replace("\N{NO-BREAK SPACE}", " ") for each in told if "cannot ship" in each or "stricter" in each]


def test_a_second_fleet_without_connections_is_told() -> None:
    (told,) = warned("never-ships-quota")
    assert told.startswith("blue-green cannot ship: its pods do not fit the connections: 400 connections of 20 pods")


def test_a_second_fleet_that_just_fits_is_not_told() -> None:
    assert warned("never-ships-quota", ("connections: 220", "connections: 400")) == []


@pytest.mark.parametrize(
    ("quota", "fits"), [("pods: 19", False), ("pods: 20", True), ("cpu: 9", False), ("cpu: 10", True)]
)
def test_a_quota_is_told_to_the_pod(quota: str, fits: bool) -> None:
    room = ("  progress_deadline: 4m", f"  progress_deadline: 4m\n  quota: {{{quota}}}")
    assert bool(warned("never-ships-quota", ("connections: 220", "connections: 400"), room)) is not fits


def test_a_surge_of_one_needs_one_pod_more() -> None:
    fits = ("connections: 220", "connections: 200")
    assert any(each.startswith("rolling cannot ship") for each in warned("never-ships-quota", fits))


def test_a_canary_that_ends_in_two_whole_fleets_is_told_and_one_by_pods_is_not() -> None:
    told = warned("setweight-50-connections")
    assert [each.partition(" ")[0] for each in told] == ["canary-50", "small-steps"]


def test_a_gate_stricter_than_todays_errors_is_told_by_name_and_a_sane_one_is_not() -> None:
    (told,) = warned("never-ships-strict-gate")
    assert told.startswith("canary-strict: its gate strict is stricter than today (it asks for 99.9 % success")
    assert "at least 100 % of good releases" in told


def test_a_gate_that_lets_todays_errors_pass_is_not_told() -> None:
    assert warned("never-ships-strict-gate", ("baseline_errors: 0.2%", "baseline_errors: 0.001%")) == []


def test_a_latency_bound_on_few_requests_is_told_with_its_chance() -> None:
    (told,) = warned("never-ships-quiet-service")
    assert "15 % take longer by their work alone" in told
    assert "at least 44 % of good releases" in told


def test_what_may_be_lost_is_the_scenarios_own_word() -> None:
    assert warned("never-ships-quiet-service", ("pilot: 20,", "pilot: 20, false_aborts: 60%,")) == []


def test_what_is_taken_back_on_purpose_is_not_meant_to_ship() -> None:
    dark = Canary.model_validate({"steps": [{"weight": "10%", "hold": "1m"}], "then": "rollback"})
    assert [plan_of(each, 4).ships for each in (Rolling(), dark, NoRelease())] == [True, False, False]


def late(*changes: tuple[str, str]) -> list[str]:
    """The warnings about pods that come after the progress deadline, of a service whose pods take 15 s to start."""
    text = (CASES / "in-flight-at-release.yaml").read_text(encoding="utf-8")
    for old, new in (
        ("{recreate: {kind: recreate}}", "{recreate: {kind: recreate}, green: {kind: blue_green}}"),
        *changes,
    ):
        assert old in text
        text = text.replace(old, new)
    return [each for each in fleet_arithmetic(from_text(text)).warnings if "takes back" in each]


def deadline(seconds: int) -> tuple[str, str]:
    return "  endpoint_lag: 0s", f"  endpoint_lag: 0s\n  progress_deadline: {seconds}s"


def test_pods_that_start_after_the_progress_deadline_are_told_by_strategies_that_then_take_back() -> None:
    (told,) = late(deadline(14))
    told = told.replace("\N{NO-BREAK SPACE}", " ")
    assert told.startswith(
        "green takes back at least 100 % of good releases: its pods take about 15s to start, and the"
    )
    assert told.endswith("progress deadline is 14s; write service.progress_deadline: 10m or longer")


def test_pods_that_start_within_the_progress_deadline_are_not_told() -> None:
    assert late(deadline(15)) == []


@pytest.mark.parametrize(("start", "tells"), [("{p50: 15s, p99: 30s}", False), ("{p50: 30s, p99: 60s}", True)])
def test_one_of_two_pods_in_time_is_enough(start: str, tells: bool) -> None:
    """P(start > 20 s) is 17 % and 91 % of lognormal starts; squared, for two pods, 3 % and 83 %."""
    assert bool(late(deadline(20), ("start: 15s", f"start: {start}"))) is tells


def test_pods_that_must_be_ready_for_longer_than_the_deadline_are_told() -> None:
    minimum = ("  endpoint_lag: 0s", "  endpoint_lag: 0s\n  progress_deadline: 60s\n  min_ready: 61s")
    assert any("have to be ready for 1m1s (min_ready)" in each for each in late(minimum))


ARGO = "kind: argo, metrics: {{m: {{{metric}, interval: 1m, failure_limit: {limit}}}}}, run: {run}"


@pytest.mark.parametrize(
    ("gate", "strict"),
    [
        (ARGO.format(metric="success_condition: 'result >= 99.9%'", limit=3, run="background"), True),
        (ARGO.format(metric="success_condition: 'result >= 99%'", limit=3, run="background"), False),
        (ARGO.format(metric="failure_condition: 'result < 99.9%'", limit=3, run="step"), True),
        (ARGO.format(metric="value: errors, failure_condition: 'result > 0.1%'", limit=3, run="step"), True),
        (ARGO.format(metric="value: errors, failure_condition: 'result > 1%'", limit=3, run="step"), False),
        (ARGO.format(metric="value: p95, success_condition: 'result < 100ms'", limit=3, run="step"), True),
        (ARGO.format(metric="value: p95, success_condition: 'result < 1s'", limit=3, run="step"), False),
        (ARGO.format(metric="success_condition: 'result >= 99.9%', dry_run: true", limit=3, run="step"), False),
        (ARGO.format(metric="success_condition: 'result >= 99.9%'", limit=30, run="background"), False),
        ("kind: sprt, good: 0.05%, bad: 0.1%", True),
        ("kind: sprt, good: 0.2%, bad: 2%", False),
        ("kind: cusum, good: 0.05%, bad: 0.1%", True),
        ("kind: cusum, good: 0.2%, bad: 2%", False),
        ("kind: kayenta, metrics: {m: {}}", False),
    ],
)
def test_gates_of_every_kind_that_arithmetic_reaches_are_told_where_they_are_stricter_than_today(
    gate: str, strict: bool
) -> None:
    """Today 0.2 % fail; twenty minutes are held at twenty requests a second."""
    old = "kind: threshold, per: version, success: 99.9%, every: 1m, window: 1m"
    said = warned("never-ships-strict-gate", (old, gate))
    assert bool(said) is strict, said
    assert all(each.startswith("canary-strict: its gate strict is stricter than today") for each in said)
    assert all("nan" not in each for each in said)


def test_a_run_at_each_hold_counts_anew_and_one_in_the_background_adds_up() -> None:
    """Two failed measurements of ten each stop a run that lets three pass only if they are counted together."""
    fails = [0.2] * 10
    together, apart = (bound_of(anew) for anew in (False, True))
    assert failures_in_all([*fails, *fails], 4) > 1 - (1 - failures_in_all(fails, 4)) ** 2
    assert (together.anew, apart.anew) == (False, True)


def bound_of(anew: bool) -> Bound:
    metric = {"m": {"success_condition": "result >= 99%", "interval": "1m", "failure_limit": 3}}
    (found,) = Argo.model_validate({"metrics": metric, "run": "step" if anew else "background"}).bounds
    assert (found.stops_at, found.success) == (4, 0.99)
    return found
