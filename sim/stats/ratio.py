"""Ratios of expectations, as availability: successes over requests. Not the mean of ratios, which is something else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sim.stats.intervals import Interval, Sample, around, mean
from sim.stats.stratified import expectation, variance


def ratio(
    weights: Sequence[float], tops: Sequence[Sample], bottoms: Sequence[Sample], confidence: float = 0.95
) -> Interval:
    """The expectation of the tops over that of the bottoms, over strata; its interval by the delta method.

    Symmetric: for ratios the interval that leans (:mod:`sim.stats.skewed`) was measured to cover less often.

    >>> ratio([1.0], [np.array([9.0, 19.0])], [np.array([10.0, 20.0])]).value
    0.9333333333333333
    """
    top, bottom = expectation(weights, tops), expectation(weights, bottoms)
    if bottom.value == 0:
        return around(math.nan, math.nan, 0, confidence, top.n, "ratio")
    value = top.value / bottom.value
    residuals = [(np.asarray(a) - value * np.asarray(b)) / bottom.value for a, b in zip(tops, bottoms, strict=True)]
    spread, freedom = variance(weights, residuals)
    return around(value, spread, freedom, confidence, top.n, "ratio")


def jackknife(tops: Sample, bottoms: Sample, confidence: float = 0.95) -> Interval:
    """The ratio of one sample with its first-order bias removed (M. Quenouille, J. Tukey)."""
    top, bottom, n = float(np.sum(tops)), float(np.sum(bottoms)), len(tops)
    without = bottom - np.asarray(bottoms, dtype=np.float64)
    if n < 2 or bottom == 0 or np.any(without == 0):
        return around(math.nan, math.nan, 0, confidence, n, "jackknife")
    pseudo = n * top / bottom - (n - 1) * (top - np.asarray(tops, dtype=np.float64)) / without
    return replace(mean(pseudo, confidence), method="jackknife")
