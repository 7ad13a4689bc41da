"""A year of releases: how often it costs more than so much.

Each release of a year is good or bad by its probability and costs what one of the played releases of its kind did,
independently of the others. The distribution of a year's cost is computed from that (:mod:`sim.stats.compound`), not
drawn. Its uncertainty is that of what was played: one played release counts for as much as it moves the year's figure
(its influence), and the influences of all, with their shared luck, give the interval as losses do. Percentiles of
drawn years would not do: a thousand years are too few to know what one in twenty exceeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.stats.compound import Sum, totals
from sim.stats.exceedance import Curve
from sim.stats.intervals import Interval, Sample
from sim.stats.skewed import skewed_expectation

CHANCES = (*np.linspace(1.0, 0.05, 33), 0.04, 0.03, 0.02, 0.01, 0.005, 0.002, 0.001)
"""Of a year that costs more: where the curve is told."""
SELDOM = 0.05
BESIDE = 0.03
"""How far from 95 % the slope of the distribution is taken."""
FURTHEST = 0.999
"""Beyond this share of years nothing is read off the distribution that was found."""
METHOD = "exact year, influences, wider of slope and inversion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """How often a year costs more than each threshold, with a band point by point, and what one in twenty exceeds."""

    curve: Curve
    one_in_twenty: Interval


def year(weights: Sequence[float], samples: Sequence[Sample], releases: int, confidence: float = 0.95) -> Year:
    """The cost of a year with so many releases, over strata whose weights sum to 1 and whose numbers are finite.

    >>> found = year([0.9, 0.1], [np.zeros(5), np.full(5, 10.0)], 100)
    >>> round(found.one_in_twenty.value)
    150
    """
    pairs = zip(weights, samples, strict=True)
    used = [(weight, np.asarray(x, np.float64)) for weight, x in pairs if weight > 0]
    shares, played = [weight for weight, _ in used], [x for _, x in used]
    cost, without_one = totals(shares, played, releases)
    thresholds = np.unique([cost.quantile(1.0 - chance) for chance in CHANCES])
    chances = cost.above(thresholds)
    apart = [_uncertainty(shares, played, without_one, at, releases, confidence) for at in thresholds]
    return Year(
        curve=Curve(
            thresholds=thresholds,
            chances=chances,
            low=np.clip([chance + low for chance, (low, _) in zip(chances, apart, strict=True)], 0.0, 1.0),
            high=np.clip([chance + high for chance, (_, high) in zip(chances, apart, strict=True)], 0.0, 1.0),
        ),
        one_in_twenty=_one_in_twenty(shares, played, cost, without_one, releases, confidence),
    )


def _one_in_twenty(
    weights: Sequence[float], samples: Sequence[Sample], cost: Sum, without_one: Sum, releases: int, confidence: float
) -> Interval:
    """What one year in twenty exceeds, from the error of the chance there.

    That error is turned into money twice, over the slope of the distribution and by reading off what years of those
    chances exceed; each side is the wider. The slope alone is too narrow where costs come in lumps, the reading alone
    where the distribution that was found ends too early.
    """
    at = cost.quantile(1.0 - SELDOM)
    rise = cost.quantile(1.0 - SELDOM + BESIDE) - cost.quantile(1.0 - SELDOM - BESIDE)
    low, high = _uncertainty(weights, samples, without_one, at, releases, confidence)
    money = rise / (2 * BESIDE)  # per unit of chance
    least, most = cost.quantile(max(0.0, 1.0 - SELDOM + low)), cost.quantile(min(FURTHEST, 1.0 - SELDOM + high))
    n = sum(map(len, samples))
    return Interval(value=at, low=min(at + money * low, least), high=max(at + money * high, most), n=n, method=METHOD)


def _uncertainty(
    weights: Sequence[float], samples: Sequence[Sample], without_one: Sum, at: float, releases: int, confidence: float
) -> tuple[float, float]:
    """How far the chance of a year above a number may be off, downwards and upwards."""
    moves = [releases * without_one.above(at - x) for x in samples]
    found = skewed_expectation(weights, moves, confidence)
    return found.low - found.value, found.high - found.value
