"""Laws 1 to 3: what holds for every replication of any scenario."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from releases import STRATEGIES, scenario_data, scenarios, with_defect

from sim.measures.twin import net
from sim.outcomes import Outcome
from sim.replication import Record, replicate
from sim.scenario import from_data
from sim.scenario.resolved import Scenario

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


def same(one: Record, other: Record) -> bool:
    """Equality of two records in every figure, nan included."""
    figures = one.values.keys() == other.values.keys() and all(
        one.values[name] == other.values[name] or (one.values[name] != one.values[name]) for name in one.values
    )
    return figures and dict(one.down) == dict(other.down) and one.digest == other.digest


def play(scenario: Scenario, strategy: str | None, case: str = "good", **given: Any) -> Record:
    return replicate(scenario, strategy=strategy, case=case, index=0, **given)


@settings(max_examples=4, deadline=None, suppress_health_check=SLOW)
@given(scenarios())
def test_both_engines_tell_the_same_story_of_a_whole_release(data: dict[str, Any]) -> None:
    scenario = from_data(data)
    one = play(scenario, "plan", "flaw", engine="reference", story=True)
    other = play(scenario, "plan", "flaw", engine="compiled", story=True)
    assert one.ledger is not None
    assert other.ledger is not None
    for name in one.ledger._fields:
        assert np.array_equal(getattr(one.ledger, name), getattr(other.ledger, name)), name
    assert one.journal == other.journal
    assert same(one, other)


@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
@given(scenarios())
def test_every_request_has_exactly_one_outcome(data: dict[str, Any]) -> None:
    scenario = from_data(data)
    twin, release = play(scenario, None, story=True), play(scenario, "plan", "flaw", story=True)
    assert twin.ledger is not None
    assert release.ledger is not None
    assert np.array_equal(twin.ledger.requests.sum(axis=(2, 3)), release.ledger.requests.sum(axis=(2, 3)))
    succeeded = release.ledger.requests[..., Outcome.SUCCEEDED].sum()
    assert release.values["requests"] == succeeded + release.values["failed_requests"]
    assert release.ledger.latency.sum() == succeeded


@settings(max_examples=20, deadline=None, suppress_health_check=SLOW)
@given(scenarios())
def test_a_replication_is_a_pure_function_of_its_arguments(data: dict[str, Any]) -> None:
    assert same(play(from_data(data), "plan", "flaw"), play(from_data(data), "plan", "flaw"))


@settings(max_examples=20, deadline=None, suppress_health_check=SLOW)
@given(scenarios())
def test_two_names_for_one_strategy_are_identical(data: dict[str, Any]) -> None:
    data["strategies"]["alias"] = data["strategies"]["plan"]
    scenario = from_data(data)
    assert same(play(scenario, "plan", "flaw"), play(scenario, "alias", "flaw"))


@pytest.mark.parametrize("plan", [plan for plan in STRATEGIES if plan["kind"] == "blue_green"])
def test_a_good_and_costless_release_has_a_net_of_exactly_zero(plan: dict[str, Any]) -> None:
    """Blue/green with room for everybody: the same pods in number, the same luck, no bad answers added."""
    scenario = from_data(
        scenario_data(
            strategies={"plan": plan},
            service={"concurrency": 50, "endpoint_lag": "0s"},
            traffic={"streams": {"all": {"peak": "20/s", "work": "10ms"}}},
        )
    )
    twin, release = play(scenario, None), play(scenario, "plan")
    figures = net(release.values, release.down, twin.values, twin.down, scenario.study.window)
    assert figures["failed_requests"] == 0
    assert figures["users_hit"] == 0
    assert figures["down_99"] == 0
    assert release.values["promoted"] == 1


def test_weather_strikes_the_twin_and_the_release_alike() -> None:
    weather = {"storm": {"kind": "error_rate", "rate": "40%", "at": "30s", "lasts": "1m", "chance": "100%"}}
    calm = scenario_data(service={"concurrency": 50, "endpoint_lag": "0s"}, strategies={"plan": STRATEGIES[2]})
    calm["oncall"] = "none"
    stormy = {**calm, "conditions": weather}
    scenario = from_data(stormy)
    twin, release = play(scenario, None), play(scenario, "plan")
    assert twin.values["failed_requests"] > play(from_data(calm), None).values["failed_requests"] + 100
    figures = net(release.values, release.down, twin.values, twin.down, scenario.study.window)
    assert figures["failed_requests"] == 0
    assert figures["down_95"] == 0


@settings(max_examples=15, deadline=None, suppress_health_check=SLOW)
@given(scenarios())
def test_all_cells_of_an_index_are_identical_before_the_release(data: dict[str, Any]) -> None:
    """A horizon of nothing but the first window: whatever was played before t = 0 left the same traces."""
    scenario = from_data(data)
    stories = [play(scenario, "plan", case, story=True).journal for case in ("good", "flaw")]
    stories.append(play(scenario, None, story=True).journal)
    before = [[event for event in story.events if event.at < 0] for story in stories if story is not None]
    assert before[0] == before[1] == before[2]


def test_a_worse_defect_fails_every_request_that_a_milder_one_fails() -> None:
    """The coupling is monotone where it must be: same luck, higher error chance, no gate and nobody on call."""
    failed = []
    for rate in ("10%", "30%"):
        data = scenario_data(
            release=with_defect({"kind": "error_rate", "rate": rate}), strategies={"plan": STRATEGIES[2]}
        )
        data["oncall"] = "none"
        record = play(from_data(data), "plan", "flaw", story=True)
        assert record.ledger is not None
        failed.append(record.ledger.requests[..., Outcome.ERROR].sum(axis=(1, 2)))
    assert (failed[0] <= failed[1]).all()
    assert failed[0].sum() < failed[1].sum()


def test_another_index_is_other_luck() -> None:
    scenario = from_data(scenario_data())
    one = replicate(scenario, strategy="canary", case="flaw", index=0)
    other = replicate(scenario, strategy="canary", case="flaw", index=1)
    assert one.digest != other.digest
