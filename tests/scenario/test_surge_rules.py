"""What a surge may be, what check says of it, and what it asks of the fleet."""

from __future__ import annotations

from typing import Any

import pytest

from sim import units
from sim.errors import ScenarioError
from sim.report.fleet import lines
from sim.scenario import from_data
from sim.scenario.arithmetic import fleet_arithmetic
from sim.scenario.resolved import Scenario
from sim.whatif.peak import at_peak

SURGE = {"kind": "surge", "factor": 2, "at": "10m", "lasts": "10m", "rises": "10m", "falls": "5m"}


def scenario(conditions: dict[str, Any], **streams: Any) -> Scenario:
    return from_data(
        {
            "rollrisk": 1,
            "service": {"replicas": 4, "concurrency": 5, "pod": {"app": {"start": "5s", "cpu": 1, "memory": "1Gi"}}},
            "nodes": {"count": 4, "cpu": 4, "memory": "16Gi"},
            "traffic": {
                "profile": {"0m": "50%", "40m": "100%"},
                "streams": streams or {"web": {"peak": "100/s", "work": "100ms"}},
            },
            "release": {"baseline_errors": 0, "change_failure_rate": 0},
            "oncall": "none",
            "strategies": {"all": {"kind": "recreate"}},
            "conditions": conditions,
            "study": {"horizon": "1h"},
        }
    )


def problems(conditions: dict[str, Any], **streams: Any) -> list[str]:
    with pytest.raises(ScenarioError) as told:
        scenario(conditions, **streams)
    return [f"{problem.path}: {problem.message}" for problem in told.value.problems]


def test_a_surge_adds_a_stream_whose_profile_is_its_shape_times_the_traffics() -> None:
    (added,) = scenario({"rush": SURGE}).traffic.surges
    moments, shares = zip(*(added.profile or ()), strict=True)
    assert [when // units.MINUTE for when in moments] == [10, 20, 30, 35]
    assert shares == pytest.approx((0.0, 0.75, 0.875, 0.0))
    assert (added.name, added.swells, added.condition, added.peak) == ("web+rush", "web", "rush", 100)


def test_a_surge_swells_every_stream_with_a_peak_unless_it_names_some() -> None:
    closed = {"arrivals": {"kind": "closed", "users": 5, "think": "3s"}, "work": "50ms"}
    streams: dict[str, Any] = {name: {"peak": "10/s", "work": "100ms"} for name in ("web", "pay")} | {"loop": closed}
    assert [each.swells for each in scenario({"rush": SURGE}, **streams).traffic.surges] == ["web", "pay"]
    named = {"rush": {**SURGE, "streams": ["pay"]}}
    assert [each.swells for each in scenario(named, **streams).traffic.surges] == ["pay"]
    assert problems({"rush": {**SURGE, "streams": ["loop"]}}, **streams) == [
        "conditions.rush.streams[0]: stream loop has no peak to be multiplied: its arrivals are of kind closed; "
        "name streams with a peak"
    ]
    assert problems({"rush": SURGE}, loop=closed) == [
        "conditions.rush: no stream has a peak to be multiplied; write peak: for one"
    ]


def test_a_stream_that_is_not_there_or_named_twice_is_told() -> None:
    assert problems({"rush": {**SURGE, "streams": ["wbe"]}}) == [
        "conditions.rush.streams[0]: there is no stream 'wbe'; did you mean 'web'? known: web"
    ]
    assert problems({"rush": {**SURGE, "streams": ["web", "web"]}}) == ["conditions.rush.streams: names a stream twice"]


def test_a_surge_is_no_defect() -> None:
    data = dict(scenario({}).document)
    surge = {name: value for name, value in SURGE.items() if name != "at"}
    data["release"] = {**data["release"], "change_failure_rate": "5%", "defects": {"rush": {"share": 1, **surge}}}
    with pytest.raises(ScenarioError, match="no release brings a surge; write it under conditions, with at:"):
        from_data(data)


@pytest.mark.parametrize(("field", "value"), [("factor", 1), ("factor", 2000), ("rises", "0s"), ("falls", "10us")])
def test_a_surge_grows_and_takes_time(field: str, value: Any) -> None:
    (told,) = problems({"rush": {**SURGE, field: value}})
    assert told.startswith(f"conditions.rush.{field}: ")


def test_more_streams_than_can_be_numbered_are_refused_before_they_are_played() -> None:
    many = {f"s{number}": {"peak": "1/s", "work": "10ms"} for number in range(40)}
    assert len(scenario({}, **many).traffic.played) == 40
    assert problems({"rush": SURGE}, **many) == [
        "conditions: 40 streams are written, and surges add 40; allowed: up to 64 together"
    ]


def test_the_fleet_is_told_what_a_surge_asks_of_it() -> None:
    found = scenario({"rush": {**SURGE, "chance": "25%"}})
    arithmetic = fleet_arithmetic(found)
    assert arithmetic.peak_rate == 100  # today's, without the surge
    assert "rush (10m after the release, in 25 % of replications): up to 175 rps = 88\N{NO-BREAK SPACE}%" in lines(
        arithmetic, found
    )
    assert "rush: at its height 175 rps come, and the fleet is 88 % busy" in arithmetic.warnings


def test_what_a_surge_asks_of_a_dependency_is_told_too() -> None:
    data = dict(scenario({"rush": SURGE}).document)
    data["dependencies"] = {"db": {"connections": 90, "per_pod": 5, "concurrency": 2, "work": "10ms"}}
    data["traffic"] = {**data["traffic"], "streams": {"web": {"peak": "100/s", "work": "60ms", "calls": {"db": 1}}}}
    found = from_data(data)
    arithmetic = fleet_arithmetic(found)
    assert "rush (10m after the release): up to 175 rps = 61\N{NO-BREAK SPACE}%; db 88\N{NO-BREAK SPACE}%" in lines(
        arithmetic, found
    )
    assert "rush: at its height 175 rps come, and db is 88 % busy" in arithmetic.warnings


def test_requests_played_are_those_of_the_surge_too_as_often_as_it_strikes() -> None:
    calm = fleet_arithmetic(scenario({})).requests_played
    area = 100 * 60 * (10 * 0.75 / 2 + 10 * (0.75 + 0.875) / 2 + 5 * 0.875 / 2)
    assert fleet_arithmetic(scenario({"rush": {**SURGE, "chance": "25%"}})).requests_played == pytest.approx(
        calm + area / 4
    )


def test_weather_that_would_come_after_the_horizon_is_told() -> None:
    late = {"late": {**SURGE, "at": "60m"}, "lost": {"kind": "node_loss", "at": "59m"}}
    told = [line for line in fleet_arithmetic(scenario(late)).warnings if "never comes" in line]
    assert told == ["late: would strike 1h after the release, and 1h are watched: it never comes"]


def test_a_surge_too_large_to_be_played_is_refused() -> None:
    (told,) = problems({"rush": {**SURGE, "factor": 1000}}, web={"peak": "20k/s", "work": "1ms"})
    assert "requests at most would be played per replication" in told


def test_a_capacity_review_at_the_planning_peak_leaves_surges_out() -> None:
    found = scenario({"rush": SURGE})
    assert at_peak(found, found.strategies[0]).traffic.surges == ()
