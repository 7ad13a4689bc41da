"""Intervals for one sample of independent numbers: mean, proportion, quantile."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Sample: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A figure with its confidence interval.

    ``low`` and ``high`` are nan where the data cannot carry an interval, and infinite where it is open to that side.
    ``n`` counts the numbers that went in, ``method`` says how it was made.
    """

    value: float
    low: float
    high: float
    n: int
    method: str

    @property
    def half_width(self) -> float:
        """Half the interval's length."""
        return (self.high - self.low) / 2

    def contains(self, number: float) -> bool:
        """Whether a number lies in the interval; never where there is none."""
        return self.low <= number <= self.high


def t_quantile(probability: float, freedom: float) -> float:
    """The quantile of Student's t.

    >>> round(t_quantile(0.975, 9), 3), round(t_quantile(0.975, math.inf), 3)
    (2.262, 1.96)
    """
    if freedom > 1e7:
        return NormalDist().inv_cdf(probability)
    from scipy.special import stdtrit

    return float(stdtrit(freedom, probability))


def around(value: float, variance: float, freedom: float, confidence: float, n: int, method: str = "t") -> Interval:
    """The t interval around an estimate of known variance; without an interval where the variance is not known.

    A variance of exactly zero gives an interval of no length.
    """
    if math.isnan(variance) or freedom < 1:
        return Interval(value=value, low=math.nan, high=math.nan, n=n, method=method)
    half = t_quantile((1 + confidence) / 2, freedom) * math.sqrt(variance) if variance > 0 else 0.0
    return Interval(value=value, low=value - half, high=value + half, n=n, method=method)


def mean(sample: Sequence[float] | Sample, confidence: float = 0.95) -> Interval:
    """The mean with its t interval (A. Law, Simulation Modeling and Analysis, section 4.5).

    >>> bank = [1.53, 1.66, 1.24, 2.34, 2.0, 1.69, 2.69, 2.86, 1.7, 2.6]
    >>> print(f"{mean(bank, 0.90).value:.2f} ± {mean(bank, 0.90).half_width:.2f}")
    2.03 ± 0.32
    """
    data = np.asarray(sample, dtype=np.float64)
    n = len(data)
    if n < 2:
        return around(float(data[0]) if n else math.nan, math.nan, 0, confidence, n)
    return around(float(data.mean()), float(data.var(ddof=1)) / n, n - 1, confidence, n)


def proportion(successes: float, n: float, confidence: float = 0.95) -> Interval:
    """Wilson's score interval: good on average, for showing (E. Wilson, 1927). Fractions are allowed.

    >>> shown = proportion(3, 3000)
    >>> f"{shown.low:.5f} {shown.high:.5f}"
    '0.00034 0.00294'
    """
    if n <= 0:
        return Interval(value=math.nan, low=math.nan, high=math.nan, n=0, method="Wilson")
    share, z = successes / n, NormalDist().inv_cdf((1 + confidence) / 2)
    scale = 1 + z * z / n
    middle = (share + z * z / (2 * n)) / scale
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / scale
    low = 0.0 if successes == 0 else max(0.0, middle - half)
    high = 1.0 if successes == n else min(1.0, middle + half)
    return Interval(value=share, low=low, high=high, n=int(n), method="Wilson")


def proportion_guaranteed(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """Clopper and Pearson's interval: never covers less than asked, for claims of safety.

    >>> f"{proportion_guaranteed(0, 300).high:.4f}"
    '0.0122'
    """
    from scipy.special import betaincinv

    if n <= 0:
        return Interval(value=math.nan, low=math.nan, high=math.nan, n=0, method="Clopper-Pearson")
    side = (1 - confidence) / 2
    low = float(betaincinv(successes, n - successes + 1, side)) if successes > 0 else 0.0
    high = float(betaincinv(successes + 1, n - successes, 1 - side)) if successes < n else 1.0
    return Interval(value=successes / n, low=low, high=high, n=n, method="Clopper-Pearson")


def quantile_ranks(n: int, probability: float, confidence: float = 0.95) -> tuple[int, int]:
    """The ranks r and s (from 1) between whose order statistics the quantile lies with at least the confidence.

    r = 0 and s = n + 1 mean that the sample is too small to bound that side (H. David, H. Nagaraja, Order Statistics).

    >>> quantile_ranks(100, 0.5), quantile_ranks(1000, 0.999)
    ((40, 61), (997, 1001))
    """
    from scipy.special import bdtr, bdtrc

    side, ranks = (1 - confidence) / 2, np.arange(1, n + 1)
    at_most = bdtr(ranks - 1, n, probability)  # chance that fewer than `rank` numbers lie below the quantile
    at_least = bdtrc(ranks - 1, n, probability)
    return int((at_most <= side).sum()), n + 1 - int((at_least <= side).sum())


def quantile(sample: Sequence[float] | Sample, probability: float, confidence: float = 0.95) -> Interval:
    """The least number not exceeded with the probability, bounded by order statistics; numbers may be infinite.

    >>> quantile(range(1, 101), 0.5)
    Interval(value=50.0, low=40.0, high=61.0, n=100, method='order statistics')
    """
    data = np.sort(np.asarray(sample, dtype=np.float64))
    n = len(data)
    if n == 0:
        return Interval(value=math.nan, low=math.nan, high=math.nan, n=0, method="order statistics")
    first, last = quantile_ranks(n, probability, confidence)
    place = max(1, math.ceil(probability * n - 1e-9))
    return Interval(
        value=float(data[place - 1]),
        low=float(data[first - 1]) if first >= 1 else -math.inf,
        high=float(data[last - 1]) if last <= n else math.inf,
        n=n,
        method="order statistics",
    )
