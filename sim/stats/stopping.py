"""Precise enough? And if not, how many replications it would take.

Looking often and stopping at the first narrow interval makes intervals too narrow; so nothing is looked at before the
pilot is complete in every stratum, and the number of replications grows by at most :data:`FASTEST` between two looks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.stats.intervals import Interval, Sample, t_quantile
from sim.stats.stratified import neyman

FASTEST = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """What was asked: a half-width relative to the figure, or absolute; ``indifferent`` is the zone that is all one.

    The target is the greater of what was asked and half the zone: beyond that, more precision decides nothing.
    """

    relative: float | None = None
    absolute: float | None = None
    indifferent: float = 0.0

    def target(self, value: float) -> float:
        """The half-width that is enough for a figure.

        >>> Precision(relative=0.1, indifferent=50.0).target(200.0), Precision(relative=0.1).target(200.0)
        (25.0, 20.0)
        """
        asked = [] if self.relative is None else [self.relative * abs(value)]
        asked += [] if self.absolute is None else [self.absolute]
        return max([*asked, self.indifferent / 2])


def reached(interval: Interval, precision: Precision) -> bool:
    """Whether the half-width is small enough; never where there is no interval."""
    return interval.half_width <= precision.target(interval.value)


def pilot_done(counts: Sequence[int], pilot: int) -> bool:
    """Whether every stratum has the replications without which nobody may look."""
    return all(count >= pilot for count in counts)


def growth(interval: Interval, precision: Precision) -> float:
    """By what factor all samples would have to grow for the precision: 1 where it is reached, inf where never.

    A half-width falls with the square root of the number of replications.

    >>> growth(Interval(value=100.0, low=80.0, high=120.0, n=50, method="t"), Precision(relative=0.1))
    4.0
    """
    if reached(interval, precision):
        return 1.0
    target = precision.target(interval.value)
    return (interval.half_width / target) ** 2 if target > 0 and math.isfinite(interval.half_width) else math.inf


def replications_needed(sample: Sample, half_width: float, confidence: float = 0.95, most: int = 10**9) -> int:
    """The least number whose t interval would be this narrow if the variance stayed as it is, at least as many as now.

    A. Law, Simulation Modeling and Analysis, section 9.4.1; ``most`` where no smaller number will do.

    >>> bank = np.array([1.53, 1.66, 1.24, 2.34, 2.0, 1.69, 2.69, 2.86, 1.7, 2.6])
    >>> replications_needed(bank, 0.25, 0.90)
    16
    """
    spread, probability = float(np.var(sample, ddof=1)), (1 + confidence) / 2

    def narrow(n: int) -> bool:
        return t_quantile(probability, n - 1) * math.sqrt(spread / n) <= half_width

    low, high = max(2, len(sample)) - 1, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if narrow(middle) else (middle, high)
    return high


def next_counts(
    weights: Sequence[float], deviations: Sequence[float], counts: Sequence[int], factor: float, cap: int
) -> tuple[int, ...]:
    """How many replications each stratum should have before the next look.

    The total grows by ``factor`` (at most :data:`FASTEST`) and is shared out as weight times standard deviation; no
    stratum shrinks, none exceeds ``cap``, and what a capped stratum cannot take goes to the others.

    >>> next_counts([0.9, 0.1], [0.0, 5.0], [100, 100], 1.5, cap=1000)
    (100, 200)
    """
    total = math.ceil(sum(counts) * min(max(factor, 1.0), FASTEST))
    full: set[int] = {place for place, count in enumerate(counts) if count >= cap}
    while True:
        open_to_more = [place for place in range(len(counts)) if place not in full]
        left = total - sum(max(counts[place], cap) for place in full)
        parts = neyman(
            [weights[place] for place in open_to_more],
            [deviations[place] for place in open_to_more],
            left,
            [counts[place] for place in open_to_more],
        )
        shares = dict(zip(open_to_more, parts, strict=True))
        over = {place for place, part in shares.items() if part > cap}
        if not over:
            return tuple(shares.get(place, max(counts[place], cap)) for place in range(len(counts)))
        full |= over
