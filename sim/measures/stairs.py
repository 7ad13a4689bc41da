"""Step functions of time: the journal's gauges between the release and the horizon."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.journal import Gauge, Journal
from sim.rows import Floats, Ints


@dataclass(frozen=True, slots=True)
class Stairs:
    """A step function from t = 0 on: at each of ``at`` (ns) it takes a value and keeps it to the next or to ``end``."""

    at: Ints
    value: Floats
    end: int

    @property
    def peak(self) -> float:
        """The highest value."""
        return float(self.value.max())

    @property
    def total(self) -> float:
        """The integral over time in value times seconds."""
        return float(self.up_to(np.array([self.end]))[0]) / 1e9

    def up_to(self, moments: Ints) -> Floats:
        """The integral from 0 to each of some moments, in value times ns."""
        corners = np.append(self.at, self.end)
        steps = self.value * np.diff(corners)
        sums: Floats = np.interp(moments, corners, np.concatenate([[0.0], np.cumsum(steps)]))
        return sums

    def first_above(self, level: float) -> int | None:
        """The first moment with a value above a level; None when there is none."""
        (above,) = np.nonzero(self.value > level)
        return int(self.at[above[0]]) if len(above) else None


def stairs(journal: Journal, gauge: Gauge, horizon: int) -> Stairs:
    """A gauge from the release to the horizon; 0 until it is first noted.

    >>> journal = Journal()
    >>> journal.gauge(Gauge.PODS, -5, 8.0); journal.gauge(Gauge.PODS, 10**9, 10.0)
    >>> pods = stairs(journal, Gauge.PODS, 4 * 10**9)
    >>> pods.peak, pods.total
    (10.0, 38.0)
    """
    points = journal.gauges.get(gauge, [])
    start = next((value for at, value in reversed(points) if at <= 0), 0.0)
    inside = [(0, start), *((at, value) for at, value in points if 0 < at < horizon)]
    at, value = zip(*inside, strict=True)
    return Stairs(np.array(at, dtype=np.int64), np.array(value, dtype=np.float64), horizon)
