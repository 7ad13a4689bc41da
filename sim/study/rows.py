"""What has been played so far, in memory: one row per replication, and the net figures of each.

Rows travel one by one; they and their net figures are kept so that memory does not grow with their number
(:mod:`sim.study.columns`). Net is a join: a row with the twin of its index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, overload

import numpy as np

from sim.study import columns
from sim.study.cells import NO_RELEASE, TWIN, Cell, Job
from sim.study.columns import Columns, Net, Side
from sim.study.spill import Spill

Floats: TypeAlias = columns.Floats
Names: TypeAlias = columns.Names
Figures: TypeAlias = Mapping[str, float]
Down: TypeAlias = Mapping[str, bytes]
Join: TypeAlias = Callable[[Figures, Down, Figures, Down], Figures]
"""Gross figures and down windows of a cell, then of its twin, to net figures."""

JOINED_AT_ONCE = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """The gross figures of one replication, and its packed down windows."""

    cell: Cell
    index: int
    names: Names
    figures: Floats
    down: Down
    why: str = ""  # a good release did not ship

    @classmethod
    def of(cls, job: Job, values: Figures, down: Down, why: str = "") -> Row:
        """A row from a record's mappings; names are sorted, so that a table has one order of columns."""
        names = tuple(sorted(values))
        figures = np.array([values[name] for name in names], dtype=np.float64)
        return cls(job.cell, job.index, names, figures, dict(down), why)

    @property
    def values(self) -> dict[str, float]:
        """The figures by name."""
        return dict(zip(self.names, self.figures.tolist(), strict=True))


class Table:
    """All rows of a study by cell and index; adding a row twice changes nothing."""

    def __init__(self, join: Join, folder: Path | None = None) -> None:
        """``folder``: where there is room on disk, if it exists; nothing that stays is written there."""
        self._join, self._spill = join, Spill(folder)
        self._cells: dict[Cell, Side] = {}
        self._names: dict[Names, Names] = {}
        self._net: dict[Cell, Net] = {}

    def add(self, rows: Iterable[Row]) -> None:
        """Take rows in; of two rows of one job the first stays, for they are equal."""
        for row in rows:
            names = self._names.setdefault(row.names, row.names)
            if row.cell not in self._cells:
                self._cells[row.cell] = Side(self._spill)
            self._cells[row.cell].add(row.index, names, row.figures, row.down, row.why)

    def __len__(self) -> int:
        return sum(len(side) for side in self._cells.values())

    def __contains__(self, job: Job) -> bool:
        return job.cell in self._cells and job.index in self._cells[job.cell]

    def __getitem__(self, job: Job) -> Row:
        side = self._cells[job.cell]
        block, line = side.place(job.index)
        figures, down = block.row(line)
        return Row(job.cell, job.index, block.names, figures, down, side.why(job.index))

    def rows(self, cell: Cell, count: int) -> Sequence[Row]:
        """The rows of a cell's indexes 0 … count-1; each is read when it is asked for."""
        return _Rows(self, cell, count)

    def count(self, cell: Cell) -> int:
        """How many rows a cell has, gaps or not."""
        return len(self._cells.get(cell, ()))

    def indexes(self, cell: Cell) -> list[int]:
        """The indexes of a cell's rows, sorted."""
        return list(self._cells.get(cell, ()))

    def canonical(self) -> Iterator[Row]:
        """All rows: the twin first, then by strategy, case and index; nobody's history shows."""
        for cell in sorted(self._cells, key=lambda cell: (cell.strategy != NO_RELEASE, cell)):
            yield from (self[Job(cell, index)] for index in self._cells[cell])

    def prefix(self, strategies: tuple[str, ...], case: str) -> int:
        """How many indexes from 0 on are there without a gap, for all strategies alike and for the twin."""
        needed = [TWIN, *(Cell(strategy, case) for strategy in strategies)]
        sides = [self._cells.get(cell) for cell in needed]
        index = 0
        while all(side is not None and index in side for side in sides):
            index += 1
        return index

    def net(self, cell: Cell, index: int) -> tuple[Names, Floats]:
        """Names and net figures of a row whose twin is there."""
        row, twin = self[Job(cell, index)], self[Job(TWIN, index)]
        joined = self._join(row.values, row.down, twin.values, twin.down)
        names = tuple(joined)
        return self._names.setdefault(names, names), np.array([joined[name] for name in names], dtype=np.float64)

    def columns(self, cell: Cell, count: int) -> Mapping[str, Floats]:
        """All net measures of a cell's indexes 0 … count-1, by name; nan where a row does not have one.

        Joined once and kept; with more rows only the new ones are joined.
        """
        net = self._net.setdefault(cell, Net(self._spill))
        while net.count < count:
            until = min(count, net.count + JOINED_AT_ONCE)
            joined = _side_by_side([self.net(cell, index) for index in range(net.count, until)])
            net.append(joined, until - net.count)
        return Columns(net, count)

    def column(self, measure: str, cell: Cell, count: int) -> Floats:
        """One net measure of a cell's indexes 0 … count-1; nan where a row does not have it."""
        found = self.columns(cell, count)
        return found[measure] if measure in found else np.full(count, np.nan)


class _Rows(Sequence[Row]):
    """Rows of one cell that stay where they are until somebody looks at one."""

    def __init__(self, table: Table, cell: Cell, count: int) -> None:
        self._table, self._cell, self._indexes = table, cell, range(count)

    def __len__(self) -> int:
        return len(self._indexes)

    @overload
    def __getitem__(self, place: int) -> Row: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Row]: ...

    def __getitem__(self, place: int | slice) -> Row | Sequence[Row]:
        if isinstance(place, slice):
            return [self._table[Job(self._cell, index)] for index in self._indexes[place]]
        return self._table[Job(self._cell, self._indexes[place])]


def _side_by_side(rows: Sequence[tuple[Names, Floats]]) -> dict[str, Floats]:
    """Rows as columns; rows with the same names are put together at once."""
    names = dict.fromkeys(name for of_row in dict.fromkeys(names for names, _ in rows) for name in of_row)
    places = {name: place for place, name in enumerate(names)}
    grid = np.full((len(rows), len(names)), np.nan)
    for pattern in dict.fromkeys(names for names, _ in rows):
        lines = [line for line, (of_row, _) in enumerate(rows) if of_row == pattern]
        grid[np.ix_(lines, [places[name] for name in pattern])] = np.stack([rows[line][1] for line in lines])
    return {name: grid[:, place] for name, place in places.items()}
