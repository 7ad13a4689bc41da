"""What the act of releasing does to both versions: public cases with their right values, and the arithmetic of each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.errors import ScenarioError
from sim.replication import replicate
from sim.scenario import from_text, load
from sim.scenario.corners import with_values
from sim.scenario.resolved import Scenario

CASES = Path(__file__).parents[1] / "cases"


def case(name: str, **values: Any) -> Scenario:
    scenario = load(CASES / f"{name}.yaml")
    return with_values(scenario, {path.replace("__", "."): value for path, value in values.items()})


def failed(scenario: Scenario, strategy: str, defect: str, plays: int = 2) -> float:
    """Net failed requests of a release, on the average of a few plays."""
    net = 0.0
    for index in range(plays):
        played = replicate(scenario, strategy=strategy, case=defect, index=index)
        twin = replicate(scenario, strategy=None, case="good", index=index)
        net += played.values["failed_requests"] - twin.values["failed_requests"]
    return net / plays


@pytest.mark.parametrize("strategy", ["rolling", "blue-green"])
def test_fifteen_seconds_without_the_api_cost_three_thousand_requests_by_any_strategy(strategy: str) -> None:
    assert failed(case("migration-lock"), strategy, "lock") == pytest.approx(15 * 200, rel=0.05)


@pytest.mark.parametrize(
    ("strategy", "right"),
    [
        ("rolling", 40 * 480 / 3),
        ("canary-1", 40 * 480 * 2 * 0.01 * 0.99),
        ("canary-50", 40 * (480 + 29) / 2),  # while the rest of the fleet starts, half still goes to each
        ("blue-green", 0),
    ],
)
def test_a_renamed_field_costs_two_w_times_one_minus_w_of_the_requests(strategy: str, right: float) -> None:
    found = failed(case("renamed-field"), strategy, "renamed")
    assert found == pytest.approx(right, rel=0.05, abs=3 * right**0.5)


@pytest.mark.parametrize("strategy", ["canary-1", "canary-50"])
def test_a_renamed_field_costs_nothing_where_users_are_sticky(strategy: str) -> None:
    sticky = case("renamed-field", traffic__users__sticky=True)
    assert failed(sticky, strategy, "renamed", plays=1) == 0


@pytest.mark.parametrize(("lasts", "right"), [("15s", 15 * 200), ("2s", 0)])
@pytest.mark.parametrize("strategy", ["rolling", "blue-green"])
def test_a_lock_costs_whom_it_outlasts_and_nobody_where_it_ends_before_their_patience(
    strategy: str, lasts: str, right: int
) -> None:
    locked = case(
        "migration-lock",
        service__pod__app__start="30s",
        release__defects__lock={"share": "100%", "kind": "lock", "lasts": lasts},
    )
    assert failed(locked, strategy, "lock", plays=1) == pytest.approx(right, rel=0.05)


def test_a_planned_lock_is_paid_by_good_releases_too_and_never_by_the_twin() -> None:
    planned = case(
        "migration-lock",
        service__pod__app__start="30s",
        release__effects={"migration": {"kind": "lock", "lasts": "15s"}},
    )
    twin = replicate(planned, strategy=None, case="good", index=0)
    assert twin.values["failed_requests"] == 0
    assert failed(planned, "blue-green", "good", plays=1) == pytest.approx(15 * 200, rel=0.05)


HERD = """
rollrisk: 1
service:
  replicas: 20
  concurrency: 50
  queue: 1000
  pod: {app: {image: 0, cpu: 100m, memory: 64Mi, start: 1s}}
  readiness: {every: 1s}
nodes: {count: 10, cpu: 4, memory: 16Gi}
dependencies: {config: {connections: 1000, per_pod: 1, concurrency: 20, work: 10ms}}
traffic: {users: {count: 1000}, streams: {web: {peak: 100/s, work: 10ms, timeout: PATIENCE, calls: {config: 1}}}}
release: {baseline_errors: 0%, change_failure_rate: 0%, effects: {warm-up: EFFECT}}
oncall: none
strategies: {blue-green: {kind: blue_green, keep_old: 1m}}
study: {horizon: 3m, warm_up: 20s, pilot: 2, cap: 2}
""".replace("EFFECT", "{kind: start_load, dependency: config, calls: 1000}")

BUSY = 20 * 1000 * 0.010 / 20  # s, from the end of the start on
LATEST = (BUSY + 0.02 - 1.0) / (1.0 - 100 * 0.010 / 20)
"""s from there on in which requests come that are not answered in a second: behind the herd, and the line behind it."""


@pytest.mark.parametrize(("patience", "right"), [("1s", 100 * LATEST), ("12s", 0)])
def test_a_herd_of_starting_pods_keeps_a_dependency_busy_for_all_it_asks(patience: str, right: float) -> None:
    scenario = from_text(HERD.replace("PATIENCE", patience), "herd.yaml")
    assert failed(scenario, "blue-green", "good", plays=1) == pytest.approx(right, rel=0.1, abs=20)


def test_a_pod_serves_when_it_has_got_what_it_asked_for_at_its_start() -> None:
    scenario = from_text(HERD.replace("PATIENCE", "20s"), "herd.yaml")
    journal = replicate(scenario, strategy="blue-green", case="good", index=0, story=True).journal
    assert journal is not None
    serving = [each.at / 1e9 for each in journal.events if each.who.startswith("new/") and each.what == "serving"]
    assert serving == pytest.approx([1.0 + 0.5 * (nth + 1) for nth in range(20)])


def test_a_start_up_load_needs_a_dependency_that_can_answer() -> None:
    with pytest.raises(ScenarioError, match="there is no dependency with concurrency and work 'confg'"):
        from_text(HERD.replace("PATIENCE", "1s").replace("dependency: config", "dependency: confg"), "herd.yaml")
