"""Series of samples over time, added up into windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.exchange.measured.data import Floats, Ints


@dataclass(frozen=True, slots=True)
class Track:
    """Samples of one series: times in ns and values, both in order; values may be nan. Shape [sample] each."""

    times: Ints
    values: Floats


@dataclass(frozen=True, slots=True)
class Grid:
    """The times of all samples of an answer, and the time between two."""

    times: Ints
    step: int

    @classmethod
    def of(cls, tracks: Sequence[Track]) -> Grid:
        """All times of the tracks."""
        times = np.unique(np.concatenate([each.times for each in tracks])) if tracks else np.zeros(0, dtype=np.int64)
        step = int(np.median(np.diff(times))) if len(times) > 1 else 0
        return cls(times, step)


def increments(tracks: Sequence[Track], grid: Grid) -> Floats:
    """How much counters grew in all between times of the grid; shape [times - 1], nan where none was sampled.

    A counter that falls was begun anew: its value is its growth. Growth over a gap is spread over it evenly. What a
    series had when it was first seen is not counted, as with Prometheus' ``increase``.

    >>> one = Track(np.array([0, 10, 20, 30]), np.array([5.0, 8.0, 2.0, 4.0]))
    >>> increments([one], Grid.of([one])).tolist()
    [3.0, 2.0, 2.0]
    """
    grown = np.zeros(max(0, len(grid.times) - 1))
    seen = np.zeros(len(grown), dtype=np.bool_)
    for track in tracks:
        there = ~np.isnan(track.values)
        places = np.searchsorted(grid.times, track.times[there])
        values = track.values[there]
        steps = np.diff(places)
        rise = np.where(np.diff(values) < 0, values[1:], np.diff(values))
        for first, length, each in zip(places[:-1], steps, rise, strict=True):
            grown[first : first + length] += each / length
            seen[first : first + length] = True
    return np.where(seen, grown, np.nan)


def sums(tracks: Sequence[Track], grid: Grid) -> Floats:
    """The sum of all values at each time; nan where no series has one."""
    total, seen = np.zeros(len(grid.times)), np.zeros(len(grid.times), dtype=np.bool_)
    for track in tracks:
        there = ~np.isnan(track.values)
        places = np.searchsorted(grid.times, track.times[there])
        total[places] += track.values[there]
        seen[places] = True
    return np.where(seen, total, np.nan)
