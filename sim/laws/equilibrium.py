"""What is left of something that has been going on for long: the equilibrium law of a law.

Source: D. Cox, Renewal Theory, 1962, ch. 5: of what is under way at a moment chosen at random, the rest is at most x
with the chance (1 / mean) times the integral of the law's tail from 0 to x. It begins anew with the same law as the
number in service of M/G/inf, which is Poisson with mean rate times mean length (L. Takács, Introduction to the Theory
of Queues, 1962, ch. 3.2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import accumulate, pairwise
from statistics import NormalDist
from typing import Any

from sim.laws.law import Curve, curve
from sim.laws.rules import SMALLEST_TAIL, Quantile

EXACT_UP_TO = 500.0
LEAST = 512
"""Pieces of the curve: between two knots of the law the chance is quadratic, and the curve is straight."""


@dataclass(frozen=True, slots=True)
class Rest:
    """The rest of what has a law, when it is looked at long after it began to be drawn again and again."""

    law: Any

    def curve(self) -> Curve:
        """A broken line through the integral of the law's tail."""
        places, values = self._nodes()
        return curve(Quantile.BROKEN_LINE, len(places), values=(*places, *values))

    def mean(self) -> float:
        """The expected rest: half the mean, times one plus the squared variation of the law."""
        places, values = self._nodes()
        return sum(
            (right - left) * (low + high) / 2
            for (left, right), (low, high) in zip(pairwise(places), pairwise(values), strict=True)
        )

    def _nodes(self) -> tuple[list[float], list[float]]:
        farthest = self.law.quantile(1.0 - SMALLEST_TAIL)
        knots = sorted({0.0, *(max(0.0, x) for x in (*self.law.knots(), farthest))})
        parts = max(1, LEAST // len(knots))
        values = [low + (high - low) * part / parts for low, high in pairwise(knots) for part in range(parts)]
        values.append(knots[-1])
        areas = [
            (high - low) * (1.0 - (self.law.cdf(low) + self.law.below(high)) / 2) for low, high in pairwise(values)
        ]
        reached = list(accumulate(areas, initial=0.0))
        return [area / reached[-1] for area in reached], values


def poisson_quantile(mean: float, u: float) -> int:
    """The smallest count whose chance of not being passed reaches ``u``; beyond 500 by Cornish and Fisher.

    >>> poisson_quantile(3.0, 0.5), poisson_quantile(0.0, 0.9), poisson_quantile(10_000.0, 0.5)
    (3, 0, 10000)
    """
    if mean > EXACT_UP_TO:
        score = NormalDist().inv_cdf(u)
        return max(0, round(mean + math.sqrt(mean) * score + (score * score - 1.0) / 6.0))
    chance = math.exp(-mean)
    count, reached = 0, chance
    while reached < u and count < 10 * (EXACT_UP_TO + 10):
        count += 1
        chance *= mean / count
        reached += chance
    return count
