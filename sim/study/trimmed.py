"""A study's rows where some strategies are played no further: their columns end where they went out.

What was played beyond that, by an earlier and longer study, does not count; so that the same question has the same
answer whatever lay in the results folder before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from sim.study.cells import Cell, Job
from sim.study.rows import Floats, Table

Limits: TypeAlias = Mapping[str, Mapping[str, int]]
"""Strategy -> case -> replications that count; strategies that are not named have no limit."""


class Trimmed(Table):
    """The same rows, seen through limits."""

    def __init__(self, table: Table, limits: Limits) -> None:
        vars(self).update(vars(table))
        self._limits = limits

    def columns(self, cell: Cell, count: int) -> Mapping[str, Floats]:
        """As of the whole table, of at most as many indexes as the cell's limit."""
        return super().columns(cell, within(self._limits, cell, count))

    def column(self, measure: str, cell: Cell, count: int) -> Floats:
        """As of the whole table, of at most as many indexes as the cell's limit."""
        return super().column(measure, cell, within(self._limits, cell, count))


def within(limits: Limits, cell: Cell, count: int) -> int:
    """How many of the first ``count`` replications of a cell count."""
    return min(count, limits.get(cell.strategy, {}).get(cell.case, count))


def counts(limits: Limits, job: Job) -> bool:
    """Whether a job is one that counts."""
    return job.index < within(limits, job.cell, job.index + 1)
