"""Differences between two ways of doing a thing, replication by replication on common luck."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from sim.stats.intervals import Interval, Sample, proportion
from sim.stats.shares import share
from sim.stats.skewed import skewed_expectation
from sim.stats.stratified import expectation, variance

Estimator: TypeAlias = Callable[[Sequence[float], Sequence[Sample]], Interval]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """First minus second, and what pairing was worth.

    ``correlation`` is that of the two estimates; ``variance_saved`` the share of the unpaired difference's variance
    that pairing removed, negative where it backfired. Both are nan where neither varies.
    """

    estimate: Interval
    correlation: float
    variance_saved: float
    p_value: float  # of no difference, two-sided, for this comparison alone


def difference(first: Sample, second: Sample, confidence: float = 0.95) -> Comparison:
    """Of two samples, over their common indexes.

    >>> found = difference(np.array([126.97, 124.31, 126.68, 122.66, 127.23]),
    ...                    np.array([118.21, 120.22, 122.45, 122.68, 119.40]), 0.90)
    >>> f"{found.estimate.value:.2f} [{found.estimate.low:.2f}, {found.estimate.high:.2f}]"
    '4.98 [1.65, 8.31]'
    """
    return _compared([1.0], [first], [second], lambda weights, gaps: expectation(weights, gaps, confidence))


def stratified_difference(
    weights: Sequence[float], firsts: Sequence[Sample], seconds: Sequence[Sample], confidence: float = 0.95
) -> Comparison:
    """Of two expectations over the same strata; each stratum over the indexes both have.

    The interval leans to the side of the long tail (:mod:`sim.stats.skewed`).
    """
    return _compared(weights, firsts, seconds, lambda shares, gaps: skewed_expectation(shares, gaps, confidence))


def _compared(
    weights: Sequence[float], firsts: Sequence[Sample], seconds: Sequence[Sample], estimator: Estimator
) -> Comparison:
    pairs = [_common(first, second) for first, second in zip(firsts, seconds, strict=True)]
    gaps = [first - second for first, second in pairs]
    estimate = estimator(weights, gaps)
    spread, freedom = variance(weights, gaps)
    first_spread, _ = variance(weights, [first for first, _ in pairs])
    second_spread, _ = variance(weights, [second for _, second in pairs])
    apart, product = first_spread + second_spread, first_spread * second_spread
    return Comparison(
        estimate=estimate,
        correlation=(apart - spread) / (2 * math.sqrt(product)) if product > 0 else math.nan,
        variance_saved=1 - spread / apart if apart > 0 else math.nan,
        p_value=_p_value(estimate.value, spread, freedom),
    )


def simultaneous(
    weights: Sequence[float],
    reference: Sequence[Sample],
    others: Mapping[str, Sequence[Sample]],
    confidence: float = 0.95,
) -> dict[str, Comparison]:
    """Each other minus the reference, with intervals that hold all together (Bonferroni).

    The ``p_value`` of each is still its own; :func:`holm` takes them together.
    """
    level = 1 - (1 - confidence) / max(1, len(others))
    return {name: stratified_difference(weights, samples, reference, level) for name, samples in others.items()}


def holm(p_values: Mapping[str, float], alpha: float = 0.05) -> frozenset[str]:
    """The comparisons that differ, so that with chance 1 - alpha none of them is wrong (S. Holm, 1979).

    >>> sorted(holm({"a": 0.01, "b": 0.02, "c": 0.2}))
    ['a', 'b']
    """
    found: set[str] = set()
    for place, (name, p_value) in enumerate(sorted(p_values.items(), key=lambda item: item[1])):
        if not p_value <= alpha / (len(p_values) - place):
            break
        found.add(name)
    return frozenset(found)


def win_probability(first: Sample, second: Sample, confidence: float = 0.95) -> Interval:
    """The chance that the first is less than the second on the same luck, a tie counting one half.

    Wilson's interval on the indexes without a tie.

    >>> win_probability(np.array([1.0, 2.0, 3.0, 5.0]), np.array([2.0, 3.0, 3.0, 4.0])).value
    0.625
    """
    first, second = _common(first, second)
    n, wins = len(first), int((first < second).sum())
    decided = int((first != second).sum())
    if n == 0:
        return proportion(0, 0, confidence)
    ties = (n - decided) / n
    shares = proportion(wins, decided, confidence) if decided else proportion(1, 2, confidence)
    scale, shift = 1 - ties, ties / 2
    value = scale * shares.value + shift
    return Interval(
        value=value, low=scale * shares.low + shift, high=scale * shares.high + shift, n=n, method="Wilson, ties half"
    )


def stratified_win_probability(
    weights: Sequence[float], firsts: Sequence[Sample], seconds: Sequence[Sample], confidence: float = 0.95
) -> Interval:
    """The same over strata, by the scores 1, one half and 0; never certain, however often it was so."""
    pairs = [_common(first, second) for first, second in zip(firsts, seconds, strict=True)]
    scores = [np.where(first < second, 1.0, np.where(first == second, 0.5, 0.0)) for first, second in pairs]
    return share(weights, scores, confidence)


def _common(first: Sample, second: Sample) -> tuple[Sample, Sample]:
    """Both samples over the indexes both have."""
    n = min(len(first), len(second))
    return np.asarray(first, dtype=np.float64)[:n], np.asarray(second, dtype=np.float64)[:n]


def _p_value(value: float, spread: float, freedom: float) -> float:
    from scipy.special import stdtr

    if math.isnan(spread) or freedom < 1:
        return math.nan
    if spread == 0:
        return 1.0 if value == 0 else 0.0
    return float(2 * stdtr(freedom, -abs(value) / math.sqrt(spread)))
