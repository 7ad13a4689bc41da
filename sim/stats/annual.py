"""A year of releases: what it costs altogether, and how often it costs more than so much.

Each release of a year is good or bad by its probability and costs what one of the played releases of its kind did. The
same drawn years serve for every resample of what was played, so that the band is the uncertainty of the replications
and hardly that of the years.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.stats.exceedance import Curve
from sim.stats.intervals import Interval, Sample

YEARS = 1000
RESAMPLES = 200
POINTS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """How often a year costs more than each threshold, with a band at each, and what one year in twenty exceeds."""

    curve: Curve
    one_in_twenty: Interval


def year(
    weights: Sequence[float], samples: Sequence[Sample], releases: int, confidence: float = 0.95, *, seed: int = 0
) -> Year:
    """The losses of a year with so many releases, over strata whose weights sum to 1.

    The bands are percentiles of :data:`RESAMPLES` resamples, point by point.

    >>> found = year([0.9, 0.1], [np.zeros(5), np.full(5, 10.0)], 100)
    >>> 120 <= found.one_in_twenty.value <= 180
    True
    """
    used = [(weight, np.asarray(x, np.float64)) for weight, x in zip(weights, samples, strict=True) if weight > 0]
    chances, played = np.array([weight for weight, _ in used]), [np.sort(x) for _, x in used]
    counts = np.random.default_rng([seed, 0]).multinomial(releases, chances / chances.sum(), size=YEARS)
    costs = _years(played, counts, seed)
    resampled = np.stack([_years(each, counts, seed) for each in _resamples(played, seed)])
    thresholds = np.unique(np.quantile(costs, np.linspace(0, 1, POINTS)))
    side = (1 - confidence) / 2
    chance = np.array([(costs > each).mean() for each in thresholds])
    bands = np.quantile([[(of > each).mean() for each in thresholds] for of in resampled], [side, 1 - side], axis=0)
    tops = np.quantile(resampled, 0.95, axis=1)
    low, high = np.quantile(tops, [side, 1 - side])
    return Year(
        curve=Curve(thresholds=thresholds, chances=chance, low=bands[0], high=bands[1]),
        one_in_twenty=Interval(
            value=float(np.quantile(costs, 0.95)),
            low=float(low),
            high=float(high),
            n=sum(map(len, played)),
            method="drawn years, percentiles of resamples",
        ),
    )


def _years(played: Sequence[Sample], counts: NDArray[np.int64], seed: int) -> Sample:
    """Each year's cost: so many releases of each stratum, drawn from what was played."""
    total = np.zeros(len(counts))
    for place, sample in enumerate(played):
        if np.ptp(sample) == 0:
            total += counts[:, place] * sample[0]
            continue
        luck, number = np.random.default_rng([seed, 1, place]), int(counts[:, place].sum())
        drawn = sample[(luck.random(number) * len(sample)).astype(np.int64)]
        of_year = np.repeat(np.arange(len(counts)), counts[:, place])
        total += np.bincount(of_year, weights=drawn, minlength=len(counts))
    return total


def _resamples(played: Sequence[Sample], seed: int) -> list[list[Sample]]:
    """What might have been played instead; strata of one length are drawn together, for they share luck.

    Sorted, so that the same draw is a release of the same rank in every resample.
    """
    luck, longest, made = np.random.default_rng([seed, 2]), max(map(len, played)), []
    for _ in range(RESAMPLES):
        uniform = luck.random(longest)
        made.append([np.sort(x[(uniform[: len(x)] * len(x)).astype(np.int64)]) for x in played])
    return made
