"""Closed loops and recordings decide themselves how often requests come: no profile, and no growth, is theirs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sim.errors import ScenarioError
from sim.replication import most_requests, replicate
from sim.scenario import from_data, from_text
from sim.scenario.arithmetic import fleet_arithmetic
from sim.scenario.blindness import blind_spots
from sim.scenario.resolved import Scenario
from sim.strategies.canary import Canary
from sim.whatif.peak import at_peak
from sim.whatif.power import setting_of


def scenario(profile: dict[str, str], horizon: str = "10m", **streams: Any) -> Scenario:
    return from_data(
        {
            "rollrisk": 1,
            "service": {"replicas": 4, "concurrency": 5, "pod": {"app": {"start": "5s", "cpu": 1, "memory": "1Gi"}}},
            "nodes": {"count": 4, "cpu": 4, "memory": "16Gi"},
            "traffic": {"users": {"count": 500}, "profile": profile, "streams": streams},
            "release": {"baseline_errors": 0, "change_failure_rate": 0},
            "oncall": "none",
            "strategies": {"all": {"kind": "recreate"}},
            "study": {"horizon": horizon, "warm_up": "1m"},
        }
    )


CLOSED = {"arrivals": {"kind": "closed", "users": 300, "think": "900ms"}, "work": "100ms"}
OPEN = {"peak": "100/s", "work": "100ms"}


def recording(folder: Path, seconds: list[float]) -> dict[str, Any]:
    file = folder / "web.csv"
    file.write_text("at\n" + "".join(f"{second}\n" for second in seconds))
    return {"arrivals": {"kind": "replay", "file": str(file), "column": "at"}, "work": "10ms"}


def test_a_closed_loop_asks_as_often_at_half_of_the_profile() -> None:
    found = fleet_arithmetic(scenario({"0m": "50%"}, loop=CLOSED, web=OPEN))
    assert found.peak_rate == pytest.approx(300 + 50)
    assert found.requests_played == pytest.approx((300 + 50) * 600)
    assert scenario({"0m": "50%"}, loop=CLOSED, web=OPEN).slo.requests == pytest.approx((300 + 50) * 30 * 86400)


def test_a_service_of_closed_loops_needs_no_profile() -> None:
    assert fleet_arithmetic(scenario({"0m": "0%"}, loop=CLOSED)).peak_rate == pytest.approx(300)


def test_a_gate_on_trial_sees_as_much_of_a_closed_loop_at_half_of_the_profile() -> None:
    given = scenario({"0m": "50%", "10m": "100%"}, loop=CLOSED, web=OPEN)
    canary = Canary.model_validate({"steps": [{"weight": "20%", "hold": "5m"}]})
    setting = setting_of(given, replace(given.strategies[0], strategy=canary))
    assert setting.rate(0) == pytest.approx([300, 50])
    assert setting.rate(5 * 60 * 10**9) == pytest.approx([300, 75])


def test_a_capacity_review_grows_a_closed_loop_by_its_users() -> None:
    given = scenario({"0m": "50%"}, loop=CLOSED, web=OPEN)
    grown = at_peak(given, given.strategies[0], growth=2.0)
    assert grown.traffic.streams[0].arrivals.population() == 600 <= grown.traffic.users
    assert fleet_arithmetic(grown).peak_rate == pytest.approx(2 * (300 + 50))


def test_requests_of_a_recording_are_those_in_it_while_the_release_is_watched(tmp_path: Path) -> None:
    dense = [number / 100 for number in range(6000)] + [
        60.0 + number for number in range(100)
    ]  # the warm-up takes 60 s
    given = scenario({"0m": "50%"}, "90s", web=recording(tmp_path, dense))
    assert fleet_arithmetic(given).requests_played == 90
    assert most_requests(given) == 6090
    requests = replicate(given, strategy=None, case="good", index=0).values["requests"]
    assert requests == 90 + 1  # the last of the warm-up is under way when the release begins


def test_a_recording_that_swells_before_the_release_is_not_taken_for_a_service_that_has_not_settled(
    tmp_path: Path,
) -> None:
    swelling = [float(number) for number in range(45)] + [45.0 + number / 50 for number in range(2000)]
    given = scenario({"0m": "100%"}, "10s", web=recording(tmp_path, swelling))
    assert "drift" not in replicate(given, strategy=None, case="good", index=0).values
    assert "drift" in replicate(scenario({"0m": "100%"}, "10s", web=OPEN), strategy=None, case="good", index=0).values


def refusals(profile: dict[str, str], horizon: str, loop: dict[str, Any]) -> list[str]:
    with pytest.raises(ScenarioError) as told:
        scenario(profile, horizon, loop=loop)
    return [f"{problem.path}: {problem.message}" for problem in told.value.problems]


def test_a_user_who_may_ask_oftener_than_requests_can_be_numbered_is_refused() -> None:
    eager = {"arrivals": {"kind": "closed", "users": 5, "think": "1ms"}, "work": "100ms"}
    assert scenario({"0m": "100%"}, "2h", loop=eager)
    assert refusals({"0m": "100%"}, "3h", eager) == [
        "traffic.streams.loop.arrivals.think: a user who is refused at once each time would ask 10,860,000 times; "
        "allowed: below 8,388,608; let users think longer, or set a shorter study.horizon"
    ]


def test_a_closed_loop_is_not_taken_to_be_playable_because_the_profile_is_low() -> None:
    eager = {"arrivals": {"kind": "closed", "users": 500, "think": "10ms"}, "work": "0s"}
    assert scenario({"0m": "1%"}, "20h", loop=eager)
    told = refusals({"0m": "1%"}, "56h", eager)
    assert any("10,083,000,000 requests at most would be played per replication" in line for line in told)


def test_a_recording_that_ends_before_the_horizon_is_told(tmp_path: Path) -> None:
    short = scenario({"0m": "100%"}, "90s", web=recording(tmp_path, [0.0, 70.0, 100.0]))
    assert "web: its recording ends 40s after the release: no request comes in the rest of 1m30s" in (
        fleet_arithmetic(short).warnings
    )
    long = scenario({"0m": "100%"}, "40s", web=recording(tmp_path, [0.0, 70.0, 100.0]))
    assert not [line for line in fleet_arithmetic(long).warnings if "recording" in line]


def test_no_gate_is_called_blind_for_a_rate_of_requests_that_kill() -> None:
    text = """
rollrisk: 1
service: {replicas: 4, concurrency: 4, pod: {app: {start: 5s}}}
nodes: {count: 3, cpu: 4, memory: 16Gi}
traffic: {streams: {web: {peak: 40/s, work: 20ms}}}
release:
  baseline_errors: 0.1%
  change_failure_rate: 10%
  defects:
    poison: {share: 50%, kind: poison_request, rate: 0.1%}
    few: {share: 50%, kind: error_rate, rate: 0.1%}
oncall: none
gates: {ours: {kind: threshold, success: 99%}}
strategies: {canary: {kind: canary, gate: ours, steps: [{weight: 20%, hold: 10m}]}}
"""
    told = blind_spots(from_text(text))
    assert [spot.partition(":")[0] for spot in told if "no gate looks at it" in spot] == ["few"]
