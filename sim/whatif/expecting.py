"""How long a capacity review will take: by how many releases such a search plays, and what each of them costs."""

from __future__ import annotations

from collections.abc import Sequence

from sim.scenario.resolved import Scenario, Strategy
from sim.study.pace import cost_of
from sim.study.planning import BEGINNING, SIDE_BY_SIDE, WORKERS, Time
from sim.whatif import peak
from sim.whatif.peak import Loss
from sim.whatif.releases import AT_LEAST

FLEET, FLEET_AND_LOSS = 10, 22
"""Releases played to find a fleet: with nothing lost, and for a loss."""
WALL, WALL_AND_LOSS = 15, 25
"""… and to find where today's fleet breaks, and what runs out first."""
OFF = 2.0
"""A search may take so many times longer or shorter."""


def expected(
    scenario: Scenario, growths: Sequence[float], workers: int, *, slow: float = 1.0, compiling: float = 0.0
) -> Time:
    """On a machine that does nothing else, and that takes ``slow`` times as long as an ordinary one."""
    seconds = 0.0
    for strategy in scenario.strategies:
        for loss in peak.losses(scenario):
            lost = loss is not Loss.NONE
            seconds += (WALL_AND_LOSS if lost else WALL) * _release(scenario, strategy, 1.0, lost=lost)
            for growth in growths:
                plays = FLEET_AND_LOSS if lost else FLEET
                seconds += plays * _release(scenario, strategy, growth, lost=lost)
    first = (BEGINNING + (WORKERS if workers > 1 else 0.0)) * slow
    likely = seconds * slow * (SIDE_BY_SIDE / workers if workers > 1 else 1.0)
    return Time(least=first + likely / OFF, likely=first + likely, most=first + likely * OFF, compiling=compiling)


def _release(scenario: Scenario, strategy: Strategy, growth: float, *, lost: bool) -> float:
    """Seconds of a processor for one release at the peak, watched until it has ended."""
    grown = peak.at_peak(scenario, strategy, growth)
    watched = int(strategy.strategy.planned(scenario.service.replicas)) + AT_LEAST
    if lost:
        watched += scenario.nodes.detection + scenario.nodes.toleration // 2
    return cost_of(peak.lasting(grown, min(watched, grown.study.horizon))).release
