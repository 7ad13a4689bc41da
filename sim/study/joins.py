"""Net figures: the join of a cell's row with the twin of its index, and what follows from it.

The definitions are those of :mod:`sim.measures`; here is only what needs the whole scenario: the share of the error
budget that the release burnt, and what it cost by the scenario's prices.
"""

from __future__ import annotations

import math

from sim.measures import measure_named
from sim.measures.twin import net
from sim.scenario.resolved import Prices, Scenario
from sim.study.charges import LOST, charges
from sim.study.rows import Down, Figures, Join

FAILED, BURNT, LOSS = "failed_requests", "budget_burnt", "loss"


def join_of(scenario: Scenario) -> Join:
    """The join for a scenario's rows."""
    window, budget = scenario.study.window, budget_of(scenario)

    def join(cell: Figures, cell_down: Down, twin: Figures, twin_down: Down) -> Figures:
        figures = net(cell, cell_down, twin, twin_down, window)
        figures = {**figures, BURNT: figures[FAILED] / budget if budget > 0 else float("nan")}
        return figures if scenario.prices is None else {**figures, LOSS: loss(scenario.prices, figures, twin)}

    return join


def loss(prices: Prices, figures: Figures, twin: Figures) -> float:
    """What a release cost by a price list, its pod-hours those beyond the twin's; nan where a priced one is missing."""
    extra_pods = figures.get("pod_hours", math.nan) - twin.get("pod_hours", math.nan)
    charged = {**figures, "pod_hours": extra_pods, LOST: figures.get(LOST, 0.0)}
    return sum(
        each.price * charged.get(measure, math.nan) * amount
        for each in charges(prices)
        if each.price > 0
        for measure, amount in each.of
    )


def budget_of(scenario: Scenario) -> float:
    """Bad events that the objective allows in its window."""
    return (1.0 - scenario.slo.success) * scenario.slo.requests


def sign(measure: str) -> float:
    """+1 where less is better, -1 where more is (headroom)."""
    return 1.0 if measure_named(measure).lower_is_better else -1.0
