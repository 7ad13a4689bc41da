"""The sum of many independent draws from a mixture of samples: its whole distribution, without drawing anything.

Numbers are put on an even grid, each split between its two neighbours so that means are kept; sums of independent
numbers multiply the Fourier transforms of their distributions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.stats.intervals import Sample

GRID = 2**15
REACH = 12
"""Standard deviations of the sum that the grid reaches beyond its mean, and worst draws beyond those."""
WORST = 6


@dataclass(frozen=True, slots=True)
class Sum:
    """The distribution of a sum: ``chances[i]`` that it is at most ``low + i * step``."""

    low: float
    step: float
    chances: Sample

    def above(self, numbers: Sample) -> Sample:
        """The chance of a sum above each number.

        >>> coins, _ = totals([0.5, 0.5], [np.zeros(1), np.ones(1)], 2)
        >>> np.round(coins.above(np.array([-0.5, 0.5, 1.5, 2.5])), 6).tolist()
        [1.0, 0.75, 0.25, 0.0]
        """
        places = np.floor((numbers - self.low) / self.step + 1e-9).astype(np.int64)
        found: Sample = 1.0 - np.where(places < 0, 0.0, self.chances[np.clip(places, 0, len(self.chances) - 1)])
        return found

    def quantile(self, probability: float) -> float:
        """The least number on the grid that the sum does not exceed with the probability."""
        return self.low + self.step * int(np.searchsorted(self.chances, probability - 1e-9))


def totals(weights: Sequence[float], samples: Sequence[Sample], draws: int) -> tuple[Sum, Sum]:
    """The sum of so many draws, each from one of the samples by its weight, and that of one fewer.

    Weights sum to 1, numbers are finite.

    >>> three, two = totals([1.0], [np.array([2.0])], 3)
    >>> three.quantile(0.5), two.quantile(0.5)
    (6.0, 4.0)
    """
    grid = _on_a_grid(weights, samples, max(draws, 1))
    return _powered(*grid, draws), _powered(*grid, max(0, draws - 1))


def _on_a_grid(weights: Sequence[float], samples: Sequence[Sample], draws: int) -> tuple[float, float, Sample]:
    """The least number (or 0), the step, and the chance of each point of the grid in one draw."""
    low = min(0.0, *(float(x.min()) for x in samples))
    away = [x - low for x in samples]
    first = sum(weight * float(x.mean()) for weight, x in zip(weights, away, strict=True))
    second = sum(weight * float(np.mean(x**2)) for weight, x in zip(weights, away, strict=True))
    most = max(float(x.max()) for x in away)
    spread = math.sqrt(max(0.0, second - first**2) * draws)
    reach = min(draws * most, draws * first + REACH * spread + WORST * most)
    if not reach > 0:
        return low, 1.0, np.eye(1, GRID).ravel()
    step = most / max(1, math.floor(most / reach * GRID / 2))
    chances = np.zeros(GRID)
    for weight, x in zip(weights, away, strict=True):
        places = np.floor(x / step + 1e-9).astype(np.int64)
        beyond = np.clip(x / step - places, 0.0, 1.0)
        chances += weight / len(x) * np.bincount(places, 1.0 - beyond, minlength=GRID)[:GRID]
        chances += weight / len(x) * np.bincount(places + 1, beyond, minlength=GRID)[:GRID]
    return low, step, chances


def _powered(low: float, step: float, chances: Sample, draws: int) -> Sum:
    found = np.fft.irfft(np.fft.rfft(chances) ** draws, GRID)
    added = np.cumsum(np.clip(found, 0.0, None))
    return Sum(low * draws, step, added / added[-1])
