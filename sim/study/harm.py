"""Bad releases that nobody stopped and that did no harm: they are no failure of anybody, and are told apart.

A mixture of versions that a strategy never makes leaves a bad release that runs to the horizon and costs nobody
anything. What has not shown by the horizon is not harmless: it is late, and is told of for itself.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.scenario.resolved import Scenario
from sim.study import estimates
from sim.study.cells import Cell
from sim.study.findings import Estimate
from sim.study.rows import Floats, Table

NOBODY, ASLEEP = "stopped_nobody", "asleep"
HARMS = ("failed_requests", "slow_requests")
"""Net measures of which one above zero makes a release harmful: more fail, or wait too long, than without it."""


def harmless_unstopped(table: Table, scenario: Scenario, counts: Mapping[str, int], strategy: str) -> Estimate:
    """The share of a strategy's bad releases that nobody stopped, and whose defect acted and cost nothing."""
    shares = estimates.weights(scenario, estimates.BAD)
    columns = {case: _harmless(table, Cell(strategy, case), counts[case]) for case in shares}
    return estimates.estimate(columns, shares, scenario.study.confidence, measure=NOBODY)


def _harmless(table: Table, cell: Cell, count: int) -> Floats:
    """1 where nobody stopped a replication and nothing came of it, else 0; nan where it is not known."""
    unstopped, asleep = table.column(NOBODY, cell, count), np.nan_to_num(table.column(ASLEEP, cell, count))
    known = table.columns(cell, count)
    costs = [known[name] for name in HARMS if name in known]
    quiet = np.all([np.nan_to_num(cost) <= 0 for cost in costs], axis=0) if costs else np.zeros(count, dtype=bool)
    return np.where(np.isnan(unstopped), np.nan, unstopped * quiet * (asleep == 0.0))


def plans_to_roll_back(scenario: Scenario, strategy: str) -> bool:
    """Whether a strategy takes even a good release back on purpose, so that "aborted" is no mistake of its."""
    kinds = {each.name: each.strategy for each in scenario.strategies}
    return getattr(kinds[strategy], "then", None) == "rollback"
