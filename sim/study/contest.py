"""Who may be recommended, and how far the others are played: what surely does not ship costs no further play.

Whether each strategy ships is settled first, on good releases alone (:mod:`sim.study.shipping`); only then are bad ones
played beyond the pilot, by those that can still win. So who is out follows from good releases, whatever order they
came in, and who is out has exactly the pilot's releases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.scenario.resolved import Scenario
from sim.study.findings import Shipping, Ships
from sim.study.pilot import first_counts
from sim.study.rows import Table
from sim.study.shipping import shipping
from sim.study.trimmed import Limits


def electable(names: Sequence[str], ships: Mapping[str, Shipping]) -> list[str]:
    """Who may be recommended: all that ship or may ship; a baseline only where nothing else was asked about."""
    may = [name for name in names if name not in ships or ships[name].standing is not Ships.DOES_NOT]
    real = [name for name in may if name not in ships or not ships[name].ends_nowhere]
    return real if any(name not in ships or not ships[name].ends_nowhere for name in names) else may


def contenders(table: Table, scenario: Scenario) -> tuple[str, ...]:
    """Strategies that may be recommended, by the good releases that there are, in the order of the scenario."""
    names = [each.name for each in scenario.strategies]
    return tuple(electable(names, shipping(table, scenario)))


def left_out(scenario: Scenario, running: Sequence[str]) -> Limits:
    """How far those that cannot win are played: to the pilot."""
    first = first_counts(scenario)
    return {each.name: first for each in scenario.strategies if each.name not in running}
