"""Requests that come more bursty, or more evenly, than chance: how many fall into each interval."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

POISSON = 0.02
"""Gaps whose squared coefficient of variation is so near to 1 are taken for those of pure chance."""
RUN_IN = 200
"""Gaps before the first interval, so that it does not begin with an arrival."""
_POINTS = (np.arange(4000) + 0.5) / 4000


def variation_of(gap: Any) -> float:
    """The squared coefficient of variation of gaps between requests, from the law's quantiles.

    >>> from sim.arrivals.constant import Constant
    >>> variation_of(Constant().gap())
    0.0
    """
    gaps = np.array([float(gap.quantile(float(each))) for each in _POINTS])
    return float(gaps.var() / gaps.mean() ** 2)


def is_poisson(variation: float) -> bool:
    """Whether counts are Poisson numbers, each interval by itself."""
    return abs(variation - 1.0) <= POISSON


def renewal_counts(means: Floats, variation: float, luck: np.random.Generator) -> Ints:
    """Arrivals in each interval, given how many are expected in each: gamma gaps, run through the course of the rate.

    What a longer course draws begins with what a shorter one does.

    >>> renewal_counts(np.array([10.0, 0.0, 20.0]), 0.0, np.random.default_rng(1)).tolist()
    [10, 0, 20]
    """
    ends = np.concatenate([[0.0], means.cumsum()])
    wanted = int(ends[-1] + RUN_IN + 20.0 + 8.0 * np.sqrt((ends[-1] + RUN_IN) * max(variation, 0.01)))
    gaps = luck.standard_gamma(1.0 / variation, wanted) * variation if variation > 0 else np.ones(wanted)
    arrivals = gaps.cumsum() - RUN_IN
    if variation == 0:
        arrivals -= 0.5
    return np.diff(np.searchsorted(arrivals, ends)).astype(np.int64)
