"""Net figures: the join of a cell's row with the twin of its index, and what follows from it.

The definitions are those of :mod:`sim.measures`; here is only what needs the whole scenario: the share of the error
budget that the release burnt.
"""

from __future__ import annotations

from sim.measures import measure_named
from sim.measures.twin import net
from sim.scenario.resolved import Scenario
from sim.study.rows import Down, Figures, Join

FAILED, BURNT = "failed_requests", "budget_burnt"


def join_of(scenario: Scenario) -> Join:
    """The join for a scenario's rows."""
    window, budget = scenario.study.window, budget_of(scenario)

    def join(cell: Figures, cell_down: Down, twin: Figures, twin_down: Down) -> Figures:
        figures = net(cell, cell_down, twin, twin_down, window)
        return {**figures, BURNT: figures[FAILED] / budget if budget > 0 else float("nan")}

    return join


def budget_of(scenario: Scenario) -> float:
    """Bad events that the objective allows in its window."""
    return (1.0 - scenario.slo.success) * scenario.slo.requests


def sign(measure: str) -> float:
    """+1 where less is better, -1 where more is (headroom)."""
    return 1.0 if measure_named(measure).lower_is_better else -1.0
