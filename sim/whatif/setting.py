"""One question of a capacity review: this fleet at this traffic; and the scenario that is played for it."""

from __future__ import annotations

from dataclasses import dataclass

from sim.scenario.resolved import Scenario, Strategy
from sim.whatif import peak


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A fleet at a traffic: ``growth`` times today's peak; without pods and nodes, the fleet that the file says."""

    growth: float = 1.0
    pods: int | None = None
    nodes: int | None = None
    surge: int | None = None  # pods, for a strategy that has one


def scenario_of(scenario: Scenario, strategy: Strategy, setting: Setting) -> Scenario:
    """The scenario that is played for a setting, nothing lost."""
    grown = peak.at_peak(scenario, strategy, setting.growth)
    if setting.pods is not None:
        grown = peak.with_fleet(grown, setting.pods, setting.nodes or grown.nodes.count)
    if setting.surge is not None:
        kind = strategy.strategy
        surge = type(kind.surge).read(setting.surge)
        grown = peak.with_strategy(grown, strategy, kind.model_copy(update={"surge": surge}))
    return grown
