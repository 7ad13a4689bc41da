"""Whether a sample can carry a mean at all: skewness, and how much of the mean hangs on one number."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.stats.intervals import Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail:
    """What makes a mean fragile."""

    n: int
    skewness: float
    needed: int  # numbers for a t interval to be near its confidence: 25 times the squared skewness (W. Cochran)
    worst_share: float  # the largest number's share of the sum of all (of their absolute values)

    @property
    def carries_a_mean(self) -> bool:
        """Whether there are as many numbers as the skewness asks for."""
        return self.n >= self.needed


def tail(sample: Sample) -> Tail:
    """The tail of a sample; without spread the skewness is 0.

    >>> found = tail(np.array([0.0] * 99 + [100.0]))
    >>> round(found.skewness, 2), found.worst_share, found.carries_a_mean
    (9.85, 1.0, False)
    """
    data = np.asarray(sample, dtype=np.float64)
    away = data - data.mean() if len(data) else data
    spread = float((away**2).mean()) if len(data) else 0.0
    skewness = float((away**3).mean()) / spread**1.5 if spread > 0 else 0.0
    total, worst = float(np.abs(data).sum()), float(np.abs(data).max(initial=0.0))
    return Tail(
        n=len(data),
        skewness=skewness,
        needed=max(2, math.ceil(25 * skewness**2)),
        worst_share=worst / total if total > 0 else 0.0,
    )
