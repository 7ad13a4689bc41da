"""A lognormal law from values some of which are known only as "at least", where too small or large ones are missing.

Maximum likelihood with right censoring (Lawless, *Statistical Models and Methods for Lifetime Data*, 2003, section
5.4) and truncation: a value outside the bounds would not be in the list, so each that is there is weighed by the chance
to be seen. Intervals of percentiles are those of the profile likelihood, whose bound is the one that makes the interval
of the median exact where nothing is censored: ``n log(1 + t^2 / (n - 1))`` in place of chi square.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

Floats = NDArray[np.float64]

FEWEST = 5
"""Values seen to their end below which no law is fitted."""
_FURTHEST = 14.0
"""Natural logarithms from the best guess beyond which nobody looks for the end of an interval."""
_SPREADS = (math.log(0.02), math.log(6.0))
"""Between which the logarithm of the spread lies."""
_HALF_LOG_TAU = 0.5 * math.log(2 * math.pi)


@dataclass(frozen=True, slots=True)
class Percentile:
    """A percentile with its interval; ``high`` is infinite, or ``low`` zero, where the values leave it open."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """What was seen: logarithms, whether each is only a lower bound, and the bounds outside which nothing is seen."""

    logs: Floats
    open: NDArray[np.bool_]
    above: float = -math.inf
    below: float = math.inf

    @classmethod
    def of(
        cls, values: Sequence[float], *, open: Sequence[bool] | None = None, above: float = 0.0, below: float = math.inf
    ) -> Values:
        """From positive values; raises ValueError for fewer than :data:`FEWEST` that are known to their end."""
        bounds = np.zeros(len(values), dtype=np.bool_) if open is None else np.asarray(open, dtype=np.bool_)
        if int((~bounds).sum()) < FEWEST:
            raise ValueError(f"a law needs at least {FEWEST} values known to their end")
        return cls(
            logs=np.log(np.asarray(values, dtype=np.float64)),
            open=bounds,
            above=math.log(above) if above > 0 else -math.inf,
            below=math.log(below),
        )

    def likelihood(self, mean: float, spread: float) -> float:
        """The logarithm of the chance of just these values."""
        z = (self.logs - mean) / spread
        seen, at_least = z[~self.open], z[self.open]
        told = float(-0.5 * (seen**2).sum() - len(seen) * (math.log(spread) + _HALF_LOG_TAU))
        told += float(special.log_ndtr(-at_least).sum())
        if self.above > -math.inf or self.below < math.inf:
            told -= len(z) * _log_between((self.above - mean) / spread, (self.below - mean) / spread)
        return told


def _log_between(low: float, high: float) -> float:
    """The logarithm of the chance that a standard normal lies between, also far out where the chance itself is 0."""
    if low > 0:  # the upper tail has the digits
        low, high = -high, -low
    larger, smaller = float(special.log_ndtr(high)), float(special.log_ndtr(low))
    return larger + math.log(-math.expm1(min(smaller - larger, -1e-12)))


def percentile(values: Values, share: float, confidence: float = 0.9) -> Percentile:
    """A percentile of the law behind the values.

    >>> found = percentile(Values.of([4.0, 7.0, 9.0, 12.0, 15.0, 22.0, 30.0]), 0.5)
    >>> round(found.value, 1), round(found.low, 1), round(found.high, 1)
    (11.7, 7.1, 19.4)
    """
    z = float(special.ndtri(share))

    def best_at(log_value: float) -> float:
        """The likelihood of the likeliest law with this percentile."""
        found = optimize.minimize_scalar(
            lambda log_spread: -values.likelihood(log_value - z * math.exp(log_spread), math.exp(log_spread)),
            bounds=_SPREADS,
            method="bounded",
            options={"xatol": 1e-4},
        )
        return -float(found.fun)

    centre = float(values.logs.mean() + z * max(float(values.logs.std()), 0.05))
    most = optimize.minimize_scalar(
        lambda log_value: -best_at(log_value), bounds=(centre - _FURTHEST, centre + _FURTHEST), method="bounded"
    )
    near = optimize.minimize_scalar(
        lambda log_value: -best_at(log_value), bounds=(centre - 2.0, centre + 2.0), method="bounded"
    )
    likeliest = most if most.fun < near.fun else near
    seen = int((~values.open).sum())
    t = float(stats.t.ppf((1 + confidence) / 2, seen - 1))
    enough = -float(likeliest.fun) - 0.5 * seen * math.log1p(t * t / (seen - 1))
    low, high = (_end(lambda at: best_at(at) - enough, float(likeliest.x), side) for side in (-1.0, 1.0))
    return Percentile(math.exp(likeliest.x), math.exp(low), math.exp(high))


def _end(excess: Callable[[float], float], start: float, side: float) -> float:
    """Where a likelihood falls below what is enough, on one side; infinitely far where it never does."""
    inside, step = start, 0.1
    while abs(inside - start) < _FURTHEST:
        outside = inside + side * step
        if excess(outside) < 0:
            return float(optimize.brentq(excess, min(inside, outside), max(inside, outside), xtol=1e-4))
        inside, step = outside, 2 * step
    return side * math.inf
