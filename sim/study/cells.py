"""Cells, indexes and jobs: what a study is made of, before anything is played.

A *cell* is a strategy and a release case; the twin, the same luck without a release, is a cell too and is shared by all
others of its index. A *job* is one replication of one cell. Jobs are asked for in index order, so that what is done
grows without gaps, and the twin of an index comes first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sim.scenario.resolved import Scenario

GOOD = "good"
FATE = "(good, until it is known whether it ships)"
"""The case of good releases that are played for nothing else, and no further (:func:`sim.replication.fate`)."""
NO_RELEASE = "(no release)"
"""How the twin is called in tables; no strategy can have this name."""


class Cell(NamedTuple):
    """A strategy and a release case, by name."""

    strategy: str
    case: str

    @property
    def is_twin(self) -> bool:
        """Whether nothing is released here."""
        return self.strategy == NO_RELEASE


TWIN = Cell(NO_RELEASE, GOOD)


@dataclass(frozen=True, slots=True)
class Job:
    """One replication of one cell."""

    cell: Cell
    index: int

    def __str__(self) -> str:
        return f"{self.cell.strategy}, case {self.cell.case}, index {self.index}"


def cells_of(scenario: Scenario) -> tuple[Cell, ...]:
    """All cells of a study in canonical order: the twin, then strategies and cases as written."""
    names = [case for case, _ in scenario.cases()]
    return (TWIN, *(Cell(strategy.name, case) for strategy in scenario.strategies for case in names))


def cells_played(scenario: Scenario) -> tuple[Cell, ...]:
    """The same, and those of good releases that only settle who ships."""
    return (*cells_of(scenario), *(Cell(strategy.name, FATE) for strategy in scenario.strategies))


def jobs_up_to(strategies: tuple[str, ...], targets: Mapping[str, int]) -> Iterator[Job]:
    """Every job below the targets (replications per case), in the order in which they are played.

    >>> [str(job) for job in jobs_up_to(("canary",), {"good": 1, "slow": 1})]  # doctest: +NORMALIZE_WHITESPACE
    ['(no release), case good, index 0', 'canary, case good, index 0', 'canary, case slow, index 0']
    """
    for index in range(max(targets.values(), default=0)):
        yield Job(TWIN, index)
        for case, target in targets.items():
            if index < target:
                yield from (Job(Cell(strategy, case), index) for strategy in strategies)


def fate_jobs(targets: Mapping[str, int], first: int) -> Iterator[Job]:
    """Good releases from the ``first`` to the targets (per strategy), played for their fate alone, in index order."""
    for index in range(first, max(targets.values(), default=0)):
        yield from (Job(Cell(name, FATE), index) for name, target in targets.items() if index < target)
