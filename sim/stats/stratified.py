"""Expectations over strata that share luck.

The estimate is the sum over strata of weight times mean. As a sum over replication indexes, index i contributes
``sum of weight / n times number`` over the strata long enough to have it. Contributions of different indexes are
independent; those between two sample lengths, a *block*, are alike. So the variance is, block by block, the block's
length times the variance of one contribution, which holds the covariances between strata with exactly their due:
cov(h, g) * min(n_h, n_g) / (n_h * n_g). The variance of one contribution is taken over all indexes that have it, those
before the block too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.stats.intervals import Interval, Sample, around


@dataclass(frozen=True, slots=True)
class Block:
    """The indexes between two sample lengths, and what each index up to its end contributes to the estimate."""

    begin: int
    contributions: Sample  # of all indexes before the block's end

    @property
    def length(self) -> int:
        """How many indexes the block has."""
        return len(self.contributions) - self.begin

    @property
    def variance(self) -> float:
        """The block's part of the estimate's variance; nan where one index is all there is."""
        if len(self.contributions) < 2:
            return math.nan
        return self.length * float(self.contributions.var(ddof=1))


def blocks(weights: Sequence[float], samples: Sequence[Sample]) -> list[Block]:
    """The contributions of all that varies; strata of weight 0 or of one and the same number are left out.

    Raises ValueError where a stratum with a weight has no numbers.

    >>> [(block.begin, block.length) for block in blocks([0.5, 0.5], [np.arange(3.0), np.arange(5.0)])]
    [(0, 3), (3, 2)]
    """
    pairs = zip(weights, samples, strict=True)
    used = [(weight, np.asarray(sample, np.float64)) for weight, sample in pairs if weight != 0]
    if any(len(sample) == 0 for _, sample in used):
        raise ValueError("a stratum with a weight has no replications")
    varying = [(weight, sample) for weight, sample in used if len(sample) == 1 or np.any(sample != sample[0])]
    begin, found = 0, []
    for end in sorted({len(sample) for _, sample in varying}):
        parts = [weight / len(sample) * sample[:end] for weight, sample in varying if len(sample) >= end]
        found.append(Block(begin, np.sum(parts, axis=0)))
        begin = end
    return found


def variance(weights: Sequence[float], samples: Sequence[Sample]) -> tuple[float, float]:
    """The estimate's variance and its degrees of freedom.

    The freedom is Satterthwaite's, taken carefully: blocks share indexes, so that their errors are added as if they
    went all the same way. With samples of one length it is exactly n - 1; where nothing varies it is infinite.
    """
    found = blocks(weights, samples)
    parts = [block.variance for block in found]
    total = sum(parts)
    if not total > 0:
        return float(total), math.inf
    spread = sum(part / math.sqrt(len(block.contributions) - 1) for part, block in zip(parts, found, strict=True))
    return total, (total / spread) ** 2


def expectation(weights: Sequence[float], samples: Sequence[Sample], confidence: float = 0.95) -> Interval:
    """The expectation over strata whose weights sum to 1, with its t interval; ``n`` counts all replications.

    >>> good, bad = np.zeros(4), np.array([10.0, 12.0, 8.0, 10.0])
    >>> found = expectation([0.9, 0.1], [good, bad])
    >>> f"{found.value:.2f} {found.low:.2f} {found.high:.2f}"
    '1.00 0.74 1.26'
    """
    if abs(sum(weights) - 1) > 1e-9:
        raise ValueError(f"the weights sum to {sum(weights):g}, not to 1")
    return combination(weights, samples, confidence)


def combination(weights: Sequence[float], samples: Sequence[Sample], confidence: float = 0.95) -> Interval:
    """As :func:`expectation`, for weights that need not sum to 1 and may be negative."""
    chosen = [(weight, sample) for weight, sample in zip(weights, samples, strict=True) if weight != 0]
    value = float(sum(weight * float(np.mean(sample)) for weight, sample in chosen))
    spread, freedom = variance(weights, samples)
    method = "t" if len(chosen) == 1 else "stratified t"
    return around(value, spread, freedom, confidence, sum(len(sample) for _, sample in chosen), method)


def given(
    weights: Sequence[float], samples: Sequence[Sample], keep: Sequence[bool], confidence: float = 0.95
) -> Interval:
    """The expectation given that one of the kept strata comes up: their weights, made to sum to 1.

    >>> given([0.9, 0.06, 0.04], [np.zeros(2), np.full(2, 10.0), np.full(2, 20.0)], [False, True, True]).value
    14.0
    """
    return expectation(conditional(weights, keep), samples, confidence)


def conditional(weights: Sequence[float], keep: Sequence[bool]) -> tuple[float, ...]:
    """The kept weights made to sum to 1, the others 0; raises ValueError where nothing with a weight is kept."""
    total = sum(weight for weight, kept in zip(weights, keep, strict=True) if kept)
    if total <= 0:
        raise ValueError("none of the strata kept has a weight")
    return tuple(weight / total if kept else 0.0 for weight, kept in zip(weights, keep, strict=True))


def at_rate(weights: Sequence[float], rate: float) -> tuple[float, ...]:
    """The weights if the first stratum (good) had probability 1 - rate and the others shared the rate as they do now.

    >>> [round(weight, 3) for weight in at_rate([0.92, 0.06, 0.02], 0.2)]
    [0.8, 0.15, 0.05]
    """
    bad = conditional(weights, [False] + [True] * (len(weights) - 1))
    return (1 - rate, *(rate * share for share in bad[1:]))


def break_even(good: float, bad: float) -> float | None:
    """The rate of bad releases at which a difference changes sign, given its expectation when good and when bad.

    None where the sign is the same at every rate strictly between 0 and 1.

    >>> break_even(good=2.0, bad=-98.0), break_even(good=-1.0, bad=-5.0)
    (0.02, None)
    """
    return good / (good - bad) if good * bad < 0 else None


def neyman(
    weights: Sequence[float], deviations: Sequence[float], total: int, least: int | Sequence[int] = 0
) -> tuple[int, ...]:
    """Share out ``total`` replications as weight times standard deviation, each stratum getting at least ``least``.

    J. Neyman, 1934. The parts sum to ``total``, or to all the leasts together where those are more.

    >>> neyman([0.92, 0.08], [1.0, 50.0], 1000), neyman([0.92, 0.08], [1.0, 50.0], 1000, least=200)
    ((187, 813), (200, 800))
    """
    bounds = [least] * len(weights) if isinstance(least, int) else list(least)
    want = [max(weight, 0.0) * deviation for weight, deviation in zip(weights, deviations, strict=True)]
    if not sum(want) > 0:
        want = [max(weight, 0.0) for weight in weights]
    bound: set[int] = set()
    while True:
        free = [place for place in range(len(want)) if place not in bound]
        left, mass = total - sum(bounds[place] for place in bound), sum(want[place] for place in free)
        part = {place: left * want[place] / mass if mass > 0 else 0.0 for place in free}
        short = {place for place in free if part[place] < bounds[place]}
        if not short:
            return _whole({**dict.fromkeys(range(len(want)), 0.0), **part}, bounds, bound, total)
        bound |= short


def _whole(part: dict[int, float], bounds: Sequence[int], bound: set[int], total: int) -> tuple[int, ...]:
    """Round so that the sum is kept: what is left goes to the largest remainders."""
    counts = [bounds[place] if place in bound else math.floor(part[place]) for place in range(len(bounds))]
    by_remainder = sorted((place for place in part if place not in bound), key=lambda p: counts[p] - part[p])
    for place in by_remainder[: max(0, total - sum(counts))]:
        counts[place] += 1
    return tuple(counts)
