"""How often more than so much: exceedance, quantiles and tail means of a mixture of strata that share luck."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from sim.stats.intervals import Interval, Sample
from sim.stats.shares import least_worth, share
from sim.stats.skewed import skewed_expectation
from sim.stats.stratified import variance


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The chance of more than each threshold, with a band that holds at all thresholds together."""

    thresholds: Sample
    chances: Sample
    low: Sample
    high: Sample


def chance_above(
    weights: Sequence[float], samples: Sequence[Sample], threshold: float, confidence: float = 0.95
) -> Interval:
    """The chance of a number above the threshold, over strata whose weights sum to 1."""
    indicators = [(np.asarray(sample) > threshold).astype(np.float64) for sample in samples]
    return share(weights, indicators, confidence)


def exceedance(
    weights: Sequence[float],
    samples: Sequence[Sample],
    thresholds: Sequence[float] | None = None,
    confidence: float = 0.95,
) -> Curve:
    """The whole curve (by default at every number seen), with the Dvoretzky-Kiefer-Wolfowitz band.

    Each stratum's band holds with its part of the error chance, so that the sum holds whatever the strata share.
    """
    used = [(weight, np.sort(np.asarray(x, np.float64))) for weight, x in zip(weights, samples, strict=True) if weight]
    at = np.unique(np.concatenate([x for _, x in used])) if thresholds is None else np.asarray(thresholds, np.float64)
    above = np.zeros(len(at))
    for weight, x in used:
        above += weight * (1 - np.searchsorted(x, at, side="right") / len(x))
    error = math.log(2 * len(used) / (1 - confidence))
    margin = sum(weight * math.sqrt(error / (2 * len(x))) for weight, x in used)
    return Curve(
        thresholds=at, chances=above, low=np.clip(above - margin, 0.0, 1.0), high=np.clip(above + margin, 0.0, 1.0)
    )


def mixture_quantile(
    weights: Sequence[float], samples: Sequence[Sample], probability: float, confidence: float = 0.95
) -> Interval:
    """The least number not exceeded with the probability, over strata; numbers may be infinite.

    The interval inverts the distribution function at the probability plus and minus its own error there (R. Woodruff,
    1952); open to a side that the data cannot bound.
    """
    numbers, chances = _distribution(weights, samples)
    value = _inverse(numbers, chances, probability)
    indicators = [(np.asarray(sample) <= value).astype(np.float64) for sample in samples]
    spread, _ = variance(weights, indicators)
    n = sum(len(sample) for weight, sample in zip(weights, samples, strict=True) if weight)
    if not spread > 0:
        spread = probability * (1 - probability) / least_worth(weights, samples)
    error = NormalDist().inv_cdf((1 + confidence) / 2) * math.sqrt(spread)
    low = _inverse(numbers, chances, probability - error) if probability > error else -math.inf
    high = _inverse(numbers, chances, probability + error) if probability + error < 1 else math.inf
    return Interval(value=value, low=low, high=high, n=n, method="Woodruff, stratified")


def tail_mean(
    weights: Sequence[float], samples: Sequence[Sample], probability: float, confidence: float = 0.95
) -> Interval:
    """The mean of the worst share 1 - probability (conditional value at risk).

    By R. Rockafellar and S. Uryasev's form with the quantile taken as known; biased low in samples that hardly reach
    the tail.

    >>> tail_mean([1.0], [np.arange(1.0, 101.0)], 0.9).value
    95.5
    """
    level = mixture_quantile(weights, samples, probability, confidence).value
    beyond = [level + np.maximum(np.asarray(sample) - level, 0.0) / (1 - probability) for sample in samples]
    found = skewed_expectation(weights, beyond, confidence)
    return Interval(value=found.value, low=found.low, high=found.high, n=found.n, method="tail mean")


def _distribution(weights: Sequence[float], samples: Sequence[Sample]) -> tuple[Sample, Sample]:
    """All numbers, rising, and the chance of each or less."""
    used = [(weight, np.asarray(x, np.float64)) for weight, x in zip(weights, samples, strict=True) if weight]
    numbers = np.concatenate([x for _, x in used])
    masses = np.concatenate([np.full(len(x), weight / len(x)) for weight, x in used])
    order = np.argsort(numbers, kind="stable")
    return numbers[order], np.cumsum(masses[order])


def _inverse(numbers: Sample, chances: Sample, probability: float) -> float:
    """The first number whose chance reaches the probability (rounding forgiven)."""
    place = int(np.searchsorted(chances, probability - 1e-12, side="left"))
    return float(numbers[min(place, len(numbers) - 1)])
