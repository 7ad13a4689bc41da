"""Worlds whose truth is known: how releases go well and badly, and two strategies that meet them.

A world has three strata, good and two defects, whose numbers share luck index by index and whose samples differ in
length. A strategy turns the same luck into its own losses: the first takes all of a loss, the second a part of it that
varies.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from sim.stats.intervals import Sample

WEIGHTS = (0.9, 0.06, 0.04)
BAD = (0.0, 0.6, 0.4)
SHARED = 0.7
"""Correlation, before transformation, of the luck of two cases of one index."""
MANY = 2_000_000


@dataclass(frozen=True)
class World:
    name: str
    losses: Callable[[Sample], Sample]  # from standard normals
    good: Callable[[Sample], Sample] = np.zeros_like

    def draw(self, luck: np.random.Generator, n: int) -> list[Sample]:
        """Good has a fifth of the indexes of the first defect, the second defect half of them."""
        common = luck.standard_normal(n)
        lengths = (max(10, n // 5), n, max(10, n // 2))
        own = [SHARED * common[:size] + math.sqrt(1 - SHARED**2) * luck.standard_normal(size) for size in lengths]
        return [self.good(own[0]), self.losses(own[1]), 0.3 * self.losses(own[2])]

    def draw_pair(self, luck: np.random.Generator, n: int) -> tuple[list[Sample], list[Sample]]:
        first = self.draw(luck, n)
        return first, [sample * (0.3 + 0.4 * luck.random(len(sample))) for sample in first]


def _zero_inflated(normal: Sample) -> Sample:
    """Six of ten do no harm; the others are skewed."""
    beyond = special.ndtri(np.clip((special.ndtr(normal) - 0.6) / 0.4, 1e-12, 1 - 1e-12))
    return np.where(special.ndtr(normal) < 0.6, 0.0, np.exp(beyond))


def _bounded(normal: Sample) -> Sample:
    """Between nothing and everything, piled up at both ends."""
    return np.asarray(special.betaincinv(0.5, 1.0, special.ndtr(normal)))


def _piled_up(normal: Sample) -> Sample:
    """Mostly next to nothing or next to everything: a beta law of 0.3 and 0.3."""
    return np.asarray(special.betaincinv(0.3, 0.3, special.ndtr(normal)))


def _gamma(normal: Sample) -> Sample:
    """A gamma law of shape 1/2, whose density has no bound at zero."""
    return np.asarray(special.gammaincinv(0.5, special.ndtr(normal)))


def _pareto(normal: Sample) -> Sample:
    """A Pareto law of 2.5 from zero on: it has a variance, and no skewness that a sample could estimate."""
    return np.asarray(np.exp(-special.log_ndtr(-normal) / 2.5) - 1.0)


def _rare(normal: Sample) -> Sample:
    """One bad release in ten hurts, all alike."""
    return np.where(special.ndtr(normal) > 0.9, 1.0, 0.0)


def _skewed(sigma: float) -> Callable[[Sample], Sample]:
    return lambda normal: np.exp(sigma * normal)


WORLDS = (
    World("skewed a little", _skewed(0.5)),
    World("skewed", _skewed(1.0)),
    World("skewed very much", _skewed(1.5)),
    World("zero in six of ten", _zero_inflated),
    World("bounded", _bounded),
    World("rare: one in ten hurts", _rare),
    World("skewed, good noisy too", _skewed(1.0), good=lambda normal: 0.05 * normal),
    World("gamma", _gamma),
    World("bounded, piled up at both ends", _piled_up),
    World("Pareto", _pareto),
)


@functools.lru_cache(maxsize=2)
def quantiles(losses: Callable[[Sample], Sample]) -> Sample:
    """A function of a standard normal at the middles of so many equally likely parts of it."""
    return losses(special.ndtri((np.arange(MANY) + 0.5) / MANY))


@functools.cache
def truth(world: World) -> dict[str, float]:
    """By quadrature, over a fine grid of quantiles."""
    one = np.sort(quantiles(world.losses))
    two, good = 0.3 * one, float(np.mean(quantiles(world.good)))
    given_bad = 0.6 * float(one.mean()) + 0.4 * float(two.mean())
    level = _mixture_quantile(one, two, 0.9)
    tail = level + (0.6 * np.maximum(one - level, 0).mean() + 0.4 * np.maximum(two - level, 0).mean()) / 0.1
    return {
        "release": 0.9 * good + 0.1 * given_bad,
        "bad": given_bad,
        "one": float(one.mean()),
        "difference": 0.5 * (0.9 * good + 0.1 * given_bad),
        "p50": _mixture_quantile(one, two, 0.5),
        "p90": level,
        "p95": _mixture_quantile(one, two, 0.95),
        "p98": _mixture_quantile(one, two, 0.98),
        "seldom": 0.02,
        "above": 0.6 * float((one > 1.0).mean()) + 0.4 * float((two > 1.0).mean()),
        "tail": float(tail),
        "ratio": 0.5,
        "win": 0.5,
    }


def _mixture_quantile(one: Sample, two: Sample, probability: float) -> float:
    low, high = 0.0, float(one[-1])
    for _ in range(80):
        middle = (low + high) / 2
        chance = 0.6 * np.searchsorted(one, middle, "right") / MANY + 0.4 * np.searchsorted(two, middle, "right") / MANY
        low, high = (middle, high) if chance < probability else (low, middle)
    return high
