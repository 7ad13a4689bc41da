"""Rows of one cell, and their net figures, kept so that memory does not grow with their number.

Rows with the same names and the same sizes of down windows are lines of one block; of most cells there is one such
shape. Full chunks of lines, and columns of net figures, go to a file (:mod:`sim.study.spill`) and come back when they
are asked for. What stays in memory of a row is where it is: a few bytes.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterator, Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sim.study.spill import Spill

Floats: TypeAlias = NDArray[np.float64]
Names: TypeAlias = tuple[str, ...]
Sizes: TypeAlias = tuple[tuple[str, int], ...]
"""Kinds of down windows, each with its number of bytes."""

CHUNK = 128
"""Lines that wait in memory until they are written."""
NOWHERE = -1


class Block:
    """Rows of one shape, a line each: figures by name, then down windows by kind."""

    def __init__(self, names: Names, sizes: Sizes, spill: Spill) -> None:
        self.names, self.sizes, self.count = names, sizes, 0
        self._width = 8 * len(names) + sum(size for _, size in sizes)
        self._spill, self._chunks, self._last = spill, array("q"), bytearray()

    def append(self, figures: Floats, down: Mapping[str, bytes]) -> int:
        """Take a row in; gives back its line."""
        self._last += figures.tobytes()
        for kind, _ in self.sizes:
            self._last += down[kind]
        self.count += 1
        if self.count % CHUNK == 0:
            self._chunks.append(self._spill.put(self._last))
            self._last.clear()
        return self.count - 1

    def row(self, line: int) -> tuple[Floats, dict[str, bytes]]:
        """The figures of a line in the order of the names, and its down windows by kind."""
        content = self._content(line)
        down, first = {}, 8 * len(self.names)
        for kind, size in self.sizes:
            down[kind], first = content[first : first + size], first + size
        return np.frombuffer(content, dtype=np.float64, count=len(self.names)), down

    def _content(self, line: int) -> bytes:
        chunk, place = divmod(line, CHUNK)
        if chunk < len(self._chunks):
            return self._spill.get(self._chunks[chunk] + place * self._width, self._width)
        return bytes(self._last[place * self._width : (place + 1) * self._width])


class Side:
    """All rows of one cell, found by their index."""

    def __init__(self, spill: Spill) -> None:
        self._spill, self._count = spill, 0
        self._numbers: dict[tuple[Names, Sizes], int] = {}
        self._blocks: list[Block] = []
        self._block_of, self._line_of = array("i"), array("i")
        self._why: dict[int, str] = {}  # by index, of the few rows that have a reason

    def __len__(self) -> int:
        return self._count

    def __contains__(self, index: int) -> bool:
        return index < len(self._block_of) and self._block_of[index] != NOWHERE

    def __iter__(self) -> Iterator[int]:
        """The indexes, rising."""
        return (index for index, block in enumerate(self._block_of) if block != NOWHERE)

    def add(self, index: int, names: Names, figures: Floats, down: Mapping[str, bytes], why: str = "") -> None:
        """Take a row in; of two rows of one index the first stays, for they are equal."""
        if index in self:
            return
        if why:
            self._why[index] = sys.intern(why)
        number = self._number((names, tuple((kind, len(down[kind])) for kind in sorted(down))))
        for places in (self._block_of, self._line_of):
            if index >= len(places):
                places.extend([NOWHERE] * (index + 1 - len(places)))
        self._block_of[index] = number
        self._line_of[index] = self._blocks[number].append(figures, down)
        self._count += 1

    def why(self, index: int) -> str:
        """Why a row's release did not ship; empty where it did."""
        return self._why.get(index, "")

    def place(self, index: int) -> tuple[Block, int]:
        """The block and line of an index."""
        if index not in self:
            raise KeyError(index)
        return self._blocks[self._block_of[index]], self._line_of[index]

    def _number(self, shape: tuple[Names, Sizes]) -> int:
        if shape not in self._numbers:
            self._numbers[shape] = len(self._blocks)
            self._blocks.append(Block(*shape, self._spill))
        return self._numbers[shape]


class Net:
    """Columns of net figures of one cell that grow by runs of rows; nan where a run does not have a column."""

    def __init__(self, spill: Spill) -> None:
        self.count = 0
        self.names: dict[str, None] = {}
        self._spill, self._runs = spill, list[tuple[int, dict[str, int]]]()

    def append(self, columns: Mapping[str, Floats], count: int) -> None:
        """Take in ``count`` more rows."""
        self.names.update(dict.fromkeys(columns))
        self._runs.append((count, {name: self._spill.put(column.tobytes()) for name, column in columns.items()}))
        self.count += count

    def column(self, name: str, count: int) -> Floats:
        """The first ``count`` rows of a column."""
        parts: list[Floats] = [np.empty(0)]
        for number, places in self._runs:
            wanted = min(number, count - sum(map(len, parts)))
            if wanted > 0:
                parts.append(self._part(places.get(name), wanted))
        return np.concatenate(parts)

    def _part(self, place: int | None, count: int) -> Floats:
        return np.full(count, np.nan) if place is None else np.frombuffer(self._spill.get(place, 8 * count))


class Columns(Mapping[str, Floats]):
    """The first so many rows of all columns of a cell; each is read when it is asked for."""

    def __init__(self, net: Net, count: int) -> None:
        self._net, self._count, self._names = net, count, tuple(net.names)

    def __getitem__(self, name: str) -> Floats:
        if name not in self._net.names:
            raise KeyError(name)
        return self._net.column(name, self._count)

    def __contains__(self, name: object) -> bool:
        return name in self._net.names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
