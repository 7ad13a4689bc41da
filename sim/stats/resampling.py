"""Intervals for skewed losses: the bootstrap of the studentised mean.

A few terrible releases make the mean of a sample skewed, and the symmetric t interval then misses on the high side.
The bootstrap-t interval takes the shape from the sample itself (P. Hall, The Bootstrap and Edgeworth Expansion, 1992).
Its own luck comes from a seed, so that the same data give the same interval.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from sim.stats.intervals import Interval, Sample
from sim.stats.stratified import Block, blocks, expectation, variance

SHORTEST = 10
"""A block of fewer indexes cannot be resampled by itself."""


def bootstrap_t(
    weights: Sequence[float],
    samples: Sequence[Sample],
    confidence: float = 0.95,
    resamples: int = 999,
    seed: int = 0,
) -> Interval:
    """The expectation over strata with its bootstrap-t interval; indexes are drawn whole, so that luck stays shared.

    Where a block between two sample lengths is shorter than :data:`SHORTEST`, or nothing varies, it is the t interval.
    """
    plain = expectation(weights, samples, confidence)
    found = blocks(weights, samples)
    spread, _ = variance(weights, samples)
    if not spread > 0 or any(block.length < SHORTEST for block in found):
        return plain
    pivots = _pivots(found, np.random.default_rng(seed), resamples)
    side = (1 - confidence) / 2
    low, high = np.quantile(pivots, [side, 1 - side], method="higher")
    error = math.sqrt(spread)
    return Interval(
        value=plain.value,
        low=plain.value - float(high) * error,
        high=plain.value - float(low) * error,
        n=plain.n,
        method="bootstrap-t",
    )


def _pivots(found: Sequence[Block], luck: np.random.Generator, resamples: int) -> Sample:
    """(Resampled sum minus the sum) over the resampled standard error; resamples without spread are left out."""
    shift, spread = np.zeros(resamples), np.zeros(resamples)
    for block in found:
        own = block.contributions[block.begin :]
        drawn = own[luck.integers(0, len(own), (resamples, len(own)))]
        shift += drawn.sum(axis=1) - own.sum()
        spread += len(own) * drawn.var(axis=1, ddof=1)
    usable = spread > 0
    return np.asarray(shift[usable] / np.sqrt(spread[usable]))
