"""Downtime: the windows whose success ratio is below a level, for a ladder of levels.

A level L says something only of at least 5 / (1 - L) requests (so that one failure more or less does not decide):
windows widen until they hold so many. Windows without arrivals are left out: they are neither up nor down, and do not
count in the length of a wider window. Windows are those of the ledger, by intended arrival; one cut short by the
horizon counts as whole.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.ledger import Ledger
from sim.measures.catalogue import LEVELS
from sim.outcomes import Outcome
from sim.rows import Ints

Bits = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class DownWindows:
    """Which ledger windows were down, and their bits as kept for the join with the twin."""

    bits: Bits

    @property
    def packed(self) -> bytes:
        """The bits as :func:`numpy.packbits` packs them."""
        return np.packbits(self.bits).tobytes()


def down_windows(ledger: Ledger, streams: Sequence[str]) -> Mapping[str, DownWindows]:
    """The down windows for each level of the ladder, of the whole service (``"99"``) and per stream (``"99/pay"``)."""
    arrived = ledger.requests.sum(axis=(2, 3))
    good = ledger.requests[:, :, :, Outcome.SUCCEEDED].sum(axis=2)
    found = {level: DownWindows(_below(arrived.sum(axis=1), good.sum(axis=1), LEVELS[level])) for level in LEVELS}
    for place, stream in enumerate(streams):
        for level in LEVELS:
            found[f"{level}/{stream}"] = DownWindows(_below(arrived[:, place], good[:, place], LEVELS[level]))
    return found


def downtime(down: Mapping[str, DownWindows], window: int) -> dict[str, float]:
    """Seconds of down windows, by measure: ``down_99``, ``down_99.pay``."""
    return {measure_of(key): float(windows.bits.sum()) * window / 1e9 for key, windows in down.items()}


def measure_of(key: str) -> str:
    """The measure that counts the windows of a key.

    >>> measure_of("99.9"), measure_of("99/pay")
    ('down_99.9', 'down_99.pay')
    """
    return "down_" + key.replace("/", ".", 1)


def requests_needed(level: int) -> int:
    """How many requests a window must hold for a level in thousandths: 5 / (1 - L).

    >>> [requests_needed(level) for level in (500, 950, 990, 999)]
    [10, 100, 500, 5000]
    """
    return 5000 // (1000 - level)


def _below(arrived: Ints, good: Ints, level: int) -> Bits:
    """Which windows lie in a wide enough window whose success ratio is below the level (in thousandths)."""
    down = np.zeros(len(arrived), dtype=np.bool_)
    (busy,) = np.nonzero(arrived)
    starts = _widened(arrived[busy], requests_needed(level))
    if len(starts):
        total, succeeded = np.add.reduceat(arrived[busy], starts), np.add.reduceat(good[busy], starts)
        lengths = np.diff(np.append(starts, len(busy)))
        down[busy] = np.repeat(1000 * succeeded < level * total, lengths)
    return down


def _widened(arrived: Ints, need: int) -> Ints:
    """Where each wide enough window starts, from the first on; what is left at the end widens the last one.

    Nothing can be said, and no window is given, when all together hold too few.
    """
    reached = np.cumsum(arrived)
    if len(arrived) and int(arrived.min()) >= need:
        return np.arange(len(arrived), dtype=np.int64)
    sums, starts, start, before = reached.tolist(), [], 0, 0
    while (last := bisect_left(sums, before + need, start)) < len(sums):
        starts.append(start)
        start, before = last + 1, sums[last]
    return np.array(starts, dtype=np.int64)
