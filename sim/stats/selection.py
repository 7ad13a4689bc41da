"""Run until the best is known: S.-H. Kim and B. Nelson's fully sequential procedure, for losses (less is better).

With the chosen confidence the one that is left is the best, or its expected loss is within the zone of the best one's.
The variances are those of the paired differences in the first stage, so common luck makes it quick. The losses have to
be nearly normal: sums over strata of large first stages are nearer to it than single losses are.

A fully sequential selection procedure for indifference-zone selection in simulation, ACM TOMACS 11, 2001.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FIRST = 20
"""Observations in the first stage: at least so many, so that variances are known."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Who is left, by place, and after how many observations the last of the others went."""

    left: tuple[int, ...]
    seen: int

    @property
    def decided(self) -> bool:
        """Whether one is left."""
        return len(self.left) == 1


def eta(count: int, first: int, confidence: float = 0.95) -> float:
    """The procedure's constant for so many contestants and so long a first stage, by Bonferroni's inequality.

    >>> round(eta(2, 10), 5), round(eta(5, 20), 5)
    (0.33405, 0.23724)
    """
    return (math.pow(2 * (1 - confidence) / (count - 1), -2 / (first - 1)) - 1) / 2


def select(losses: NDArray[np.float64], zone: float, *, first: int = FIRST, confidence: float = 0.95) -> Selection:
    """Play the procedure on rows of observations, one column per contestant, as far as they reach.

    ``zone`` is the difference that is worth finding; it must be positive. Contestants that never differ are one: the
    first of them stays for all.

    Raises ValueError where there are fewer rows than the first stage takes.
    """
    rows, count = losses.shape
    if zone <= 0:
        raise ValueError(f"found a zone of {zone:g}; it must be positive")
    if rows < first:
        raise ValueError(f"found {rows} observations; the first stage takes {first}")
    left, sums = _distinct(losses), np.cumsum(losses, axis=0)
    if len(left) == 1:
        return Selection(tuple(left), first)
    spread = _variances(losses[:first])
    reach = 2 * eta(count, first, confidence) * (first - 1) * spread / zone
    for seen in range(first, rows + 1):
        behind = (sums[seen - 1][:, None] - sums[seen - 1][None, :])[np.ix_(left, left)]
        allowed = np.maximum(0.0, reach[np.ix_(left, left)] - zone * seen) / 2
        left = [place for place, out in zip(left, (behind > allowed).any(axis=1), strict=True) if not out]
        if len(left) == 1:
            return Selection(tuple(left), seen)
    return Selection(tuple(left), rows)


def _distinct(losses: NDArray[np.float64]) -> list[int]:
    kept: list[int] = []
    for place in range(losses.shape[1]):
        if not any(np.array_equal(losses[:, place], losses[:, other]) for other in kept):
            kept.append(place)
    return kept


def _variances(losses: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of the difference of each pair."""
    apart = losses[:, :, None] - losses[:, None, :]
    return np.asarray(apart.var(axis=0, ddof=1))


def observations_needed(losses: NDArray[np.float64], zone: float, confidence: float = 0.95) -> int:
    """The most observations that the procedure would take, by the variances of these.

    The furthest pair's reach is used up by then, and all but one have gone.
    """
    rows, count = len(losses), losses.shape[1]
    most: float = 2 * eta(count, rows, confidence) * (rows - 1) * float(_variances(losses).max()) / zone**2
    return max(rows, math.ceil(most))
