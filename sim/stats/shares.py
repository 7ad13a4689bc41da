"""Chances over strata: the mean of numbers between 0 and 1, which may all agree without anything being certain."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from sim.stats.intervals import Interval, Sample, proportion
from sim.stats.stratified import expectation, variance


def share(weights: Sequence[float], scores: Sequence[Sample], confidence: float = 0.95) -> Interval:
    """The chance of something over strata whose weights sum to 1, from scores between 0 and 1.

    Wilson's interval in each stratum, their sides added as errors add (R. Newcombe's square-and-add; G. Zou, A. Donner,
    2008), wider by as much as the strata's shared luck makes the whole vary more. So ten of ten is not certain.

    >>> none = share([1.0], [np.zeros(10)])
    >>> f"{none.low:.2f} {none.high:.2f}"
    '0.00 0.28'
    """
    found = expectation(weights, scores, confidence)
    used = [(weight, np.asarray(x, np.float64)) for weight, x in zip(weights, scores, strict=True) if weight]
    parts = [(weight, _one(x, confidence)) for weight, x in used]
    below = [weight * (part.value - part.low) for weight, part in parts]
    above = [weight * (part.high - part.value) for weight, part in parts]
    chance, wider = min(1.0, max(0.0, found.value)), _inflation(weights, scores)
    return Interval(
        value=chance,
        low=max(0.0, chance - _added(below, wider)),
        high=min(1.0, chance + _added(above, wider)),
        n=found.n,
        method="Wilson, stratified",
    )


def least_worth(weights: Sequence[float], samples: Sequence[Sample]) -> float:
    """To how many independent draws the strata amount when each is least certain and all err together."""
    pairs = [(weight, len(sample)) for weight, sample in zip(weights, samples, strict=True) if weight]
    return 1 / sum(weight / math.sqrt(n) for weight, n in pairs) ** 2


def _one(scores: Sample, confidence: float) -> Interval:
    """Of one stratum; scores between 0 and 1 vary less and are worth more draws."""
    n, chance = len(scores), float(np.mean(scores))
    spread = float(np.mean((scores - chance) ** 2)) / n
    worth = chance * (1 - chance) / spread if spread > 0 else float(n)
    return proportion(chance * worth, worth, confidence)


def _added(sides: Sequence[float], wider: float | None) -> float:
    """As errors add; where nothing varies nobody knows how the strata go together, and they are summed."""
    return sum(sides) if wider is None else wider * math.hypot(*sides)


def _inflation(weights: Sequence[float], scores: Sequence[Sample]) -> float | None:
    """The standard error with shared luck over that without; at least 1, so that nothing is claimed from it."""
    together, _ = variance(weights, scores)
    pairs = [(weight, np.asarray(x, np.float64)) for weight, x in zip(weights, scores, strict=True) if weight]
    apart = sum(weight**2 * float(x.var(ddof=1)) / len(x) for weight, x in pairs if len(x) > 1)
    return math.sqrt(max(1.0, together / apart)) if apart > 0 and together > 0 else None
