"""A capacity question at more than today's traffic: every kind of arrivals grows as it can."""

from __future__ import annotations

import pytest
from pencil import PENCIL

from sim.scenario import from_text
from sim.scenario.resolved import Scenario
from sim.whatif.peak import at_peak

OPEN = "web: {peak: 45/s, arrivals: constant,"
CLOSED = "web: {arrivals: {kind: closed, users: 90, think: 1900ms},"


def grown(stream: str, factor: float) -> Scenario:
    scenario = from_text(PENCIL.replace(OPEN, stream))
    return at_peak(scenario, scenario.strategies[0], factor)


@pytest.mark.parametrize("factor", [1.0, 1.5, 2.0])
def test_a_closed_loop_grows_by_its_users(factor: float) -> None:
    stream = grown(CLOSED, factor).traffic.streams[0]
    assert stream.arrivals.population() == 90 * factor
    assert stream.peak == pytest.approx(45 * factor)


def test_traffic_from_outside_grows_by_its_profile() -> None:
    now, later = grown(OPEN, 1.0).traffic, grown(OPEN, 2.0).traffic
    assert later.profile == tuple((at, 2 * share) for at, share in now.profile)
    assert later.streams == now.streams


def test_a_loop_keeps_one_user_at_least() -> None:
    assert grown(CLOSED, 0.001).traffic.streams[0].arrivals.population() == 1
