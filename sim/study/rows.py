"""What has been played so far, in memory: one row per replication, and the net figures of each.

A row keeps its figures as one array of floats beside a shared tuple of names, so that a hundred thousand rows fit in
little memory. Net is a join: a row with the twin of its index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sim.study.cells import NO_RELEASE, TWIN, Cell, Job

Floats: TypeAlias = NDArray[np.float64]
Names: TypeAlias = tuple[str, ...]
Figures: TypeAlias = Mapping[str, float]
Down: TypeAlias = Mapping[str, bytes]
Join: TypeAlias = Callable[[Figures, Down, Figures, Down], Figures]
"""Gross figures and down windows of a cell, then of its twin, to net figures."""


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """The gross figures of one replication, and its packed down windows."""

    cell: Cell
    index: int
    names: Names
    figures: Floats
    down: Down

    @classmethod
    def of(cls, job: Job, values: Figures, down: Down) -> Row:
        """A row from a record's mappings; names are sorted, so that a table has one order of columns."""
        names = tuple(sorted(values))
        return cls(job.cell, job.index, names, np.array([values[name] for name in names], dtype=np.float64), dict(down))

    @property
    def values(self) -> dict[str, float]:
        """The figures by name."""
        return dict(zip(self.names, self.figures.tolist(), strict=True))


class Table:
    """All rows of a study by cell and index; adding a row twice changes nothing."""

    def __init__(self, join: Join) -> None:
        self._join = join
        self._rows: dict[Cell, dict[int, Row]] = {}
        self._net: dict[Job, tuple[Names, Floats]] = {}
        self._names: dict[Names, Names] = {}
        self._columns: dict[Cell, tuple[int, dict[str, Floats]]] = {}

    def add(self, rows: Iterable[Row]) -> None:
        """Take rows in; of two rows of one job the first stays, for they are equal."""
        for row in rows:
            names = self._names.setdefault(row.names, row.names)
            self._rows.setdefault(row.cell, {}).setdefault(row.index, replace(row, names=names))

    def __len__(self) -> int:
        return sum(len(rows) for rows in self._rows.values())

    def __contains__(self, job: Job) -> bool:
        return job.index in self._rows.get(job.cell, {})

    def __getitem__(self, job: Job) -> Row:
        return self._rows[job.cell][job.index]

    def count(self, cell: Cell) -> int:
        """How many rows a cell has, gaps or not."""
        return len(self._rows.get(cell, {}))

    def canonical(self) -> Iterator[Row]:
        """All rows: the twin first, then by strategy, case and index; nobody's history shows."""
        for cell in sorted(self._rows, key=lambda cell: (cell.strategy != NO_RELEASE, cell)):
            yield from (self._rows[cell][index] for index in sorted(self._rows[cell]))

    def prefix(self, strategies: tuple[str, ...], case: str) -> int:
        """How many indexes from 0 on are there without a gap, for all strategies alike and for the twin."""
        needed = [TWIN, *(Cell(strategy, case) for strategy in strategies)]
        rows = [self._rows.get(cell, {}) for cell in needed]
        index = 0
        while all(index in of_cell for of_cell in rows):
            index += 1
        return index

    def net(self, cell: Cell, index: int) -> tuple[Names, Floats]:
        """Names and net figures of a row whose twin is there; joined once and remembered."""
        job = Job(cell, index)
        if job not in self._net:
            row, twin = self[job], self[Job(TWIN, index)]
            joined = self._join(row.values, row.down, twin.values, twin.down)
            names = tuple(joined)
            names = self._names.setdefault(names, names)
            self._net[job] = (names, np.array([joined[name] for name in names], dtype=np.float64))
        return self._net[job]

    def columns(self, cell: Cell, count: int) -> dict[str, Floats]:
        """All net measures of a cell's indexes 0 … count-1, by name; nan where a row does not have one."""
        known = self._columns.get(cell)
        if known is None or known[0] != count:
            known = (count, _side_by_side([self.net(cell, index) for index in range(count)]))
            self._columns[cell] = known
        return known[1]

    def column(self, measure: str, cell: Cell, count: int) -> Floats:
        """One net measure of a cell's indexes 0 … count-1; nan where a row does not have it."""
        found = self.columns(cell, count).get(measure)
        return np.full(count, np.nan) if found is None else found


def _side_by_side(rows: Sequence[tuple[Names, Floats]]) -> dict[str, Floats]:
    """Rows as columns; rows with the same names are put together at once."""
    names = dict.fromkeys(name for of_row in dict.fromkeys(names for names, _ in rows) for name in of_row)
    places = {name: place for place, name in enumerate(names)}
    grid = np.full((len(rows), len(names)), np.nan)
    for pattern in dict.fromkeys(names for names, _ in rows):
        lines = [line for line, (of_row, _) in enumerate(rows) if of_row == pattern]
        grid[np.ix_(lines, [places[name] for name in pattern])] = np.stack([rows[line][1] for line in lines])
    return {name: grid[:, place] for name, place in places.items()}
