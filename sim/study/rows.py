"""What has been played so far, in memory: one row per replication, and the net figures of each.

Rows travel one by one and are kept side by side (:mod:`sim.study.columns`), so that a hundred thousand
of them fit in little memory. Net is a join: a row with the twin of its index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from sim.study import columns
from sim.study.cells import NO_RELEASE, TWIN, Cell, Job
from sim.study.columns import Side

Floats: TypeAlias = columns.Floats
Names: TypeAlias = columns.Names
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
        self._cells: dict[Cell, Side] = {}
        self._names: dict[Names, Names] = {}
        self._columns: dict[Cell, tuple[int, dict[str, Floats]]] = {}

    def add(self, rows: Iterable[Row]) -> None:
        """Take rows in; of two rows of one job the first stays, for they are equal."""
        for row in rows:
            names = self._names.setdefault(row.names, row.names)
            self._cells.setdefault(row.cell, Side()).add(row.index, names, row.figures, dict(row.down))

    def __len__(self) -> int:
        return sum(len(side) for side in self._cells.values())

    def __contains__(self, job: Job) -> bool:
        return job.cell in self._cells and job.index in self._cells[job.cell]

    def __getitem__(self, job: Job) -> Row:
        block, line = self._cells[job.cell].place(job.index)
        return Row(job.cell, job.index, block.names, block.figures(line), block.down(line))

    def count(self, cell: Cell) -> int:
        """How many rows a cell has, gaps or not."""
        return len(self._cells.get(cell, ()))

    def indexes(self, cell: Cell) -> list[int]:
        """The indexes of a cell's rows, sorted."""
        return sorted(self._cells.get(cell, ()))

    def canonical(self) -> Iterator[Row]:
        """All rows: the twin first, then by strategy, case and index; nobody's history shows."""
        for cell in sorted(self._cells, key=lambda cell: (cell.strategy != NO_RELEASE, cell)):
            yield from (self[Job(cell, index)] for index in self.indexes(cell))

    def prefix(self, strategies: tuple[str, ...], case: str) -> int:
        """How many indexes from 0 on are there without a gap, for all strategies alike and for the twin."""
        needed = [TWIN, *(Cell(strategy, case) for strategy in strategies)]
        sides = [self._cells.get(cell, Side()) for cell in needed]
        index = 0
        while all(index in side for side in sides):
            index += 1
        return index

    def net(self, cell: Cell, index: int) -> tuple[Names, Floats]:
        """Names and net figures of a row whose twin is there."""
        row, twin = self[Job(cell, index)], self[Job(TWIN, index)]
        joined = self._join(row.values, row.down, twin.values, twin.down)
        names = tuple(joined)
        return self._names.setdefault(names, names), np.array([joined[name] for name in names], dtype=np.float64)

    def columns(self, cell: Cell, count: int) -> dict[str, Floats]:
        """All net measures of a cell's indexes 0 … count-1, by name; nan where a row does not have one.

        Joined once and remembered; with more rows only the new ones are joined.
        """
        known, columns = self._columns.get(cell, (0, {}))
        if known < count:
            fresh = _side_by_side([self.net(cell, index) for index in range(known, count)])
            columns = {
                name: np.concatenate([_or_nan(columns.get(name), known), _or_nan(fresh.get(name), count - known)])
                for name in dict.fromkeys([*columns, *fresh])
            }
            known = count
            self._columns[cell] = (known, columns)
        return columns if known == count else {name: column[:count] for name, column in columns.items()}

    def column(self, measure: str, cell: Cell, count: int) -> Floats:
        """One net measure of a cell's indexes 0 … count-1; nan where a row does not have it."""
        found = self.columns(cell, count).get(measure)
        return np.full(count, np.nan) if found is None else found


def _or_nan(column: Floats | None, count: int) -> Floats:
    return np.full(count, np.nan) if column is None else column


def _side_by_side(rows: Sequence[tuple[Names, Floats]]) -> dict[str, Floats]:
    """Rows as columns; rows with the same names are put together at once."""
    names = dict.fromkeys(name for of_row in dict.fromkeys(names for names, _ in rows) for name in of_row)
    places = {name: place for place, name in enumerate(names)}
    grid = np.full((len(rows), len(names)), np.nan)
    for pattern in dict.fromkeys(names for names, _ in rows):
        lines = [line for line, (of_row, _) in enumerate(rows) if of_row == pattern]
        grid[np.ix_(lines, [places[name] for name in pattern])] = np.stack([rows[line][1] for line in lines])
    return {name: grid[:, place] for name, place in places.items()}
