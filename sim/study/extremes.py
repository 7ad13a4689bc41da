"""The worst of each resource that was seen in any release that was played, and in which: what a fleet must stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from sim.measures import measure_named
from sim.scenario.resolved import Scenario
from sim.study.cells import Cell
from sim.study.findings import Extreme
from sim.study.rows import Table

RESOURCES = ("headroom", "peak_")
"""Beginnings of the measures whose worst is told."""


def extremes(table: Table, scenario: Scenario, counts: Mapping[str, int]) -> dict[tuple[str, str], Extreme]:
    """(measure, strategy) -> the worst value seen; of equals the first, the good release before the bad ones."""
    return {(measure, name): found for name, measure, found in _all(table, scenario, counts)}


def _all(table: Table, scenario: Scenario, counts: Mapping[str, int]) -> Iterator[tuple[str, str, Extreme]]:
    for strategy in scenario.strategies:
        worst: dict[str, tuple[float, Extreme]] = {}
        for case, _ in scenario.cases():
            for measure, column in table.columns(Cell(strategy.name, case), counts[case]).items():
                if measure.startswith(RESOURCES) and not np.isnan(column).all():
                    badness = column if measure_named(measure).lower_is_better else -column
                    index = int(np.nanargmax(badness))
                    if measure not in worst or badness[index] > worst[measure][0]:
                        seen = Extreme(value=float(column[index]), case=case, index=index)
                        worst[measure] = float(badness[index]), seen
        yield from ((strategy.name, measure, found) for measure, (_, found) in worst.items())
