"""User-uptime: how much of the time in which users are active the service is up for them, and its worst windows.

T. Hauer, P. Hoffmann, J. Lunney, D. Ardelean and A. Diwan, Meaningful Availability, NSDI 2020. From one event of a user
to the next the service is for this user what the first event said, up or down; a gap longer than the cutoff is no
active time at all. Retries do not make a downtime longer, and heavy users do not weigh more than their time.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.stats.intervals import Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Uptime:
    """Active time that was up and down, in the unit of the events' times."""

    up: float
    down: float

    @property
    def share(self) -> float:
        """The share of the active time that was up; nan without any."""
        return self.up / (self.up + self.down) if self.up + self.down > 0 else math.nan

    def __add__(self, other: Uptime) -> Uptime:
        return Uptime(up=self.up + other.up, down=self.down + other.down)


@dataclass(frozen=True, slots=True, kw_only=True)
class Worst:
    """The least share of a window, and the bin it begins with."""

    share: float
    begin: int


def of_user(times: ArrayLike, good: ArrayLike, cutoff: float) -> Uptime:
    """One user's active time, from the rising times of events and whether each succeeded.

    >>> of_user([0, 5, 10, 12, 20, 30, 100], [1, 1, 0, 0, 1, 1, 1], cutoff=30)
    Uptime(up=20.0, down=10.0)
    """
    gaps, up = _segments(times, good, cutoff)
    return Uptime(up=float(gaps[up].sum()), down=float(gaps[~up].sum()))


def of_users(users: Iterable[tuple[ArrayLike, ArrayLike]], cutoff: float) -> Uptime:
    """All users' active time together."""
    return sum((of_user(times, good, cutoff) for times, good in users), Uptime(up=0.0, down=0.0))


def in_bins(times: ArrayLike, good: ArrayLike, cutoff: float, edges: ArrayLike) -> tuple[Sample, Sample]:
    """One user's up time and active time between consecutive edges; what crosses an edge is split there.

    >>> up, active = in_bins([0, 15], [1, 1], cutoff=30, edges=[0, 10, 20])
    >>> up.tolist(), active.tolist()
    ([10.0, 5.0], [10.0, 5.0])
    """
    gaps, up = _segments(times, good, cutoff)
    starts, marks = np.asarray(times, np.float64)[:-1], np.asarray(edges, np.float64)
    return _spread(starts[up], gaps[up], marks), _spread(starts, gaps, marks)


def of_population(
    users: ArrayLike, times: ArrayLike, good: ArrayLike, cutoff: int, *, length: int, bins: int
) -> tuple[Uptime, Sample, Sample]:
    """All users at once: their active time, then up time and active time in so many bins of a length from 0 on.

    One entry per event, in any order: whose it was, when (whole numbers from 0 on), and whether it succeeded. What lies
    behind the last bin counts in the whole only.

    >>> whole, up, active = of_population([7, 9, 7], [0, 3, 15], [1, 1, 1], 30, length=10, bins=2)
    >>> whole, up.tolist(), active.tolist()
    (Uptime(up=15.0, down=0.0), [10.0, 5.0], [10.0, 5.0])
    """
    who, at = np.asarray(users, np.int64), np.asarray(times, np.int64)
    order = np.lexsort((at, who))
    who, at, fine = who[order], at[order], np.asarray(good, bool)[order]
    gaps = np.where(np.diff(who) == 0, np.diff(at), cutoff + 1)
    active = gaps <= cutoff
    starts, gaps, up = at[:-1][active], gaps[active], fine[:-1][active]
    whole = Uptime(up=float(gaps[up].sum()), down=float(gaps[~up].sum()))
    return whole, _in_even_bins(starts[up], gaps[up], length, bins), _in_even_bins(starts, gaps, length, bins)


def worst_window(up: ArrayLike, active: ArrayLike, length: int) -> Worst:
    """The minimal cumulative ratio: the least up time over active time in a window of so many bins.

    Windows without active time are skipped; nan where all are.

    >>> worst_window([10, 10, 4, 2, 9], [10] * 5, 2)
    Worst(share=0.3, begin=2)
    """
    ups, totals = np.asarray(up, np.float64), np.asarray(active, np.float64)
    if not 1 <= length <= len(totals):
        raise ValueError(f"found a window of {length} bins; there are {len(totals)}")
    above, below = _moving(ups, length), _moving(totals, length)
    shares = np.full(len(below), np.inf)
    np.divide(above, below, out=shares, where=below > 0)
    begin = int(np.argmin(shares))
    return Worst(share=float(shares[begin]) if below[begin] > 0 else math.nan, begin=begin)


def _segments(times: ArrayLike, good: ArrayLike, cutoff: float) -> tuple[Sample, np.ndarray]:
    """From each event to the next: its active length (0 where inactive), and whether it was up."""
    gaps = np.diff(np.asarray(times, np.float64))
    if np.any(gaps < 0):
        raise ValueError("the times of a user's events must not fall")
    return np.where(gaps > cutoff, 0.0, gaps), np.asarray(good, bool)[:-1]


def _spread(starts: Sample, lengths: Sample, edges: Sample) -> Sample:
    """How much of the segments lies between consecutive edges, by the time covered up to each edge."""
    covered = np.clip(edges[:, None] - starts[None, :], 0.0, lengths[None, :]).sum(axis=1)
    return np.diff(covered)


def _moving(numbers: Sample, length: int) -> Sample:
    sums = np.concatenate([[0.0], np.cumsum(numbers)])
    return np.asarray(sums[length:] - sums[:-length])


def _in_even_bins(starts: NDArray[np.int64], lengths: NDArray[np.int64], length: int, bins: int) -> Sample:
    """How much of the segments lies in each bin: what is in their first and last one, and all of those between."""
    ends = starts + lengths
    first, last = starts // length, ends // length
    inside = first == last
    size = int(last.max(initial=0)) + 2
    parts = np.where(inside, lengths, (first + 1) * length - starts)
    total = np.bincount(first, parts, size) + np.bincount(last, np.where(inside, 0, ends - last * length), size)
    begun = np.bincount(first + 1, ~inside, size) - np.bincount(last, ~inside, size)
    total += length * np.cumsum(begun)
    return np.concatenate([total, np.zeros(max(0, bins - size))])[:bins]
