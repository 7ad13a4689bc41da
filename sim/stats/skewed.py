"""Intervals for skewed losses without resampling: the studentised mean, its skewness transformed away.

A few terrible releases make the error of a mean skewed, and the symmetric t interval then misses on the high side. P.
Hall's monotone cubic (On the removal of skewness by transformation, Journal of the Royal Statistical Society B 54,
1992) straightens the studentised mean by its own estimated skewness. On the shapes of docs/validation-statistics.md it
covers as often as the bootstrap-t interval or more often, is the same every time, and costs next to nothing.

An estimated skewness can mislead too: between strategies that are alike, differences have long tails on both sides, and
the transformed interval alone declared a winner in up to 10 % of experiments instead of 5 %. So each side is the wider
of the transformed and the symmetric interval's; this kept both promises.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from sim.stats.intervals import Interval, Sample, t_quantile
from sim.stats.stratified import Block, blocks, combination, variance

METHOD = "wider of t and Hall, stratified"


def skewed_expectation(weights: Sequence[float], samples: Sequence[Sample], confidence: float = 0.95) -> Interval:
    """The sum over strata of weight times mean, with an interval that leans to the side of the long tail.

    Weights need not sum to 1 and may be negative. Where nothing varies, or a stratum has one number only, it is the
    interval of :func:`sim.stats.stratified.combination`.

    >>> found = skewed_expectation([1.0], [np.array([0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 2.0, 9.0])])
    >>> f"{found.value:.2f} {found.low:.2f} {found.high:.2f}"
    '1.62 -0.94 10.34'
    """
    plain = combination(weights, samples, confidence)
    spread, freedom = variance(weights, samples)
    if not spread > 0 or freedom < 1:
        return plain
    error, lean = math.sqrt(spread), _skewness(blocks(weights, samples))
    reach = t_quantile((1 + confidence) / 2, freedom)
    return Interval(
        value=plain.value,
        low=min(plain.low, plain.value - error * straightened(reach, lean)),
        high=max(plain.high, plain.value - error * straightened(-reach, lean)),
        n=plain.n,
        method=METHOD,
    )


def straightened(number: float, skewness: float) -> float:
    """The quantile of a studentised mean whose estimate has this skewness, where a symmetric one has ``number``.

    Rises with ``number``; the inverse of Hall's cubic.

    >>> straightened(1.96, 0.0), straightened(-1.96, 0.3) < -1.96 < 1.96 > straightened(1.96, 0.3)
    (1.96, True)
    """
    if abs(skewness) < 1e-9:
        return number
    return 3 / skewness * (math.cbrt(1 + skewness * (number - skewness / 6)) - 1)


def _skewness(found: Sequence[Block]) -> float:
    """Of the estimate: third moments add over independent contributions as variances do."""
    second = third = 0.0
    for block in found:
        away = block.contributions - block.contributions.mean()
        second += block.length * float(np.mean(away**2))
        third += block.length * float(np.mean(away**3))
    return third / math.pow(second, 1.5)
