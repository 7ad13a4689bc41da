"""What was in flight counts: requests under way when the release begins, and pods killed with requests in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from sim.laws.deterministic import Deterministic
from sim.measures.twin import net
from sim.replication import Record, replicate
from sim.scenario import load
from sim.scenario.resolved import Scenario

CASES = Path(__file__).parents[1] / "cases"
SECOND = 10**9


def played(scenario: Scenario, strategy: str, *, index: int = 0, engine: str = "compiled") -> tuple[Record, Record]:
    cell = replicate(scenario, strategy=strategy, case="good", index=index, engine=engine)
    return cell, replicate(scenario, strategy=None, case="good", index=index, engine=engine)


def cost(scenario: Scenario, strategy: str, *, index: int = 0) -> Mapping[str, float]:
    cell, twin = played(scenario, strategy, index=index)
    return net(cell.values, cell.down, twin.values, twin.down, scenario.study.window)


@pytest.fixture(scope="module")
def recreated() -> Scenario:
    return load(CASES / "in-flight-at-release.yaml")


@pytest.mark.parametrize("index", range(3))
def test_recreate_kills_the_hundred_in_flight_and_refuses_those_of_its_downtime(
    recreated: Scenario, index: int
) -> None:
    figures = cost(recreated, "recreate", index=index)
    assert 98 <= figures["cut_off"] == figures["cut_off_at_start"] <= 100
    assert 14 <= figures["failed_requests"] - figures["cut_off"] <= 18
    assert figures["users_hit"] > 98


def test_both_engines_count_what_was_in_flight_alike(recreated: Scenario) -> None:
    ours, theirs = played(recreated, "recreate"), played(recreated, "recreate", engine="reference")
    for one, other in zip(ours, theirs, strict=True):
        assert one.digest == other.digest
        assert {k: v for k, v in one.values.items() if v == v} == {k: v for k, v in other.values.items() if v == v}


def test_requests_in_flight_are_in_the_totals_of_release_and_twin_alike(recreated: Scenario) -> None:
    cell, twin = played(recreated, "recreate")
    assert cell.values["requests"] == twin.values["requests"] == 700  # 600 arrive in ten minutes, 100 had arrived
    assert twin.values["failed_requests"] == 0


def ended_by(scenario: Scenario, pre_stop: int, grace: int) -> Scenario:
    """The case with requests of 5 s, so that two seconds after SIGTERM are not enough, and another shutdown."""
    stream = replace(scenario.traffic.streams[0], work=Deterministic(value=5.0 * SECOND))
    shutdown = replace(scenario.service.shutdown, pre_stop=pre_stop * SECOND, grace=grace * SECOND)
    service = replace(scenario.service, shutdown=shutdown)
    return replace(scenario, service=service, traffic=replace(scenario.traffic, streams=(stream,)))


@pytest.fixture(scope="module")
def restarted() -> Scenario:
    return load(CASES / "prestop-over-grace.yaml")


def test_pre_stop_beyond_the_grace_costs_less_than_none_and_more_than_one_within(restarted: Scenario) -> None:
    def failed(pre_stop: int, grace: int) -> float:
        shutdown = replace(restarted.service.shutdown, pre_stop=pre_stop * SECOND, grace=grace * SECOND)
        scenario = replace(restarted, service=replace(restarted.service, shutdown=shutdown))
        return cost(scenario, "rolling")["failed_requests"]

    without, beyond, within = failed(0, 30), failed(40, 30), failed(40, 50)
    assert without > 10
    assert 0 == within <= beyond <= 3


def test_pre_stop_beyond_the_grace_leaves_two_seconds_and_what_takes_longer_is_cut_off(restarted: Scenario) -> None:
    served_to_the_end = replace(restarted.service, endpoint_lag=Deterministic(value=29.0 * SECOND))
    scenario = replace(restarted, service=served_to_the_end)
    assert cost(ended_by(scenario, 40, 30), "rolling")["cut_off"] > 50
    assert cost(ended_by(scenario, 40, 50), "rolling")["cut_off"] == 0
