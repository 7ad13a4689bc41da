"""Rows of one cell kept side by side, as columns that grow, instead of an object for every row.

Rows with the same names and the same sizes of down windows stand in one block of floats and one of bytes; of most cells
there is one such shape.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", bound=np.generic)
Floats: TypeAlias = NDArray[np.float64]
Names: TypeAlias = tuple[str, ...]
Sizes: TypeAlias = tuple[tuple[str, int], ...]
"""Kinds of down windows, each with its number of bytes."""

FIRST = 16
GROWTH = 1.5


class Block:
    """Rows of one shape: figures [line, name] and down windows [line, byte]."""

    def __init__(self, names: Names, sizes: Sizes) -> None:
        self.names, self.sizes, self.count = names, sizes, 0
        self._figures = np.empty((FIRST, len(names)))
        self._bytes = np.empty((FIRST, sum(size for _, size in sizes)), dtype=np.uint8)

    def append(self, figures: Floats, down: dict[str, bytes]) -> int:
        """Take a row in; gives back its line."""
        if self.count == len(self._figures):
            more = round(GROWTH * self.count)
            self._figures, self._bytes = _longer(self._figures, more), _longer(self._bytes, more)
        self._figures[self.count] = figures
        self._bytes[self.count] = np.frombuffer(b"".join(down[kind] for kind, _ in self.sizes), dtype=np.uint8)
        self.count += 1
        return self.count - 1

    def figures(self, line: int) -> Floats:
        """The figures of a line, by name."""
        found: Floats = self._figures[line]
        return found

    def down(self, line: int) -> dict[str, bytes]:
        """The down windows of a line, by kind."""
        whole, found, first = self._bytes[line].tobytes(), {}, 0
        for kind, size in self.sizes:
            found[kind], first = whole[first : first + size], first + size
        return found


class Side:
    """All rows of one cell, found by their index."""

    def __init__(self) -> None:
        self._blocks: dict[tuple[Names, Sizes], Block] = {}
        self._places: dict[int, tuple[Block, int] | int] = {}
        self._first: Block | None = None

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, index: int) -> bool:
        return index in self._places

    def __iter__(self) -> Iterator[int]:
        return iter(self._places)

    def add(self, index: int, names: Names, figures: Floats, down: dict[str, bytes]) -> None:
        """Take a row in; of two rows of one index the first stays, for they are equal."""
        if index in self._places:
            return
        shape = names, tuple((kind, len(down[kind])) for kind in sorted(down))
        if shape not in self._blocks:
            self._blocks[shape] = Block(*shape)
        block = self._blocks[shape]
        self._first = self._first or block
        line = block.append(figures, down)
        # A number alone is a line of the first block: a tuple for every row would be a quarter of its memory.
        self._places[index] = line if block is self._first else (block, line)

    def place(self, index: int) -> tuple[Block, int]:
        """The block and line of an index."""
        found = self._places[index]
        if isinstance(found, tuple):
            return found
        assert self._first is not None
        return self._first, found


def _longer(array: NDArray[Number], count: int) -> NDArray[Number]:
    return np.concatenate([array, np.empty((count - len(array), array.shape[1]), dtype=array.dtype)])
