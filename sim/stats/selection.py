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
    """Who is left, by place, after how many observations, and who has gone: no better than another by the zone."""

    left: tuple[int, ...]
    seen: int
    gone: frozenset[int] = frozenset()

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
    first of them stays for all, and goes for all. Who has gone needs no further observations: nan stands for them.

    Raises ValueError where there are fewer rows than the first stage takes, or one that is left has none.
    """
    rows, count = losses.shape
    if zone <= 0:
        raise ValueError(f"found a zone of {zone:g}; it must be positive")
    if rows < first:
        raise ValueError(f"found {rows} observations; the first stage takes {first}")
    first_of, sums = _first_of(losses), np.cumsum(losses, axis=0)
    left = sorted(set(first_of))
    contestants, seen = tuple(left), first
    spread = _variances(losses[:first])
    reach = 2 * eta(count, first, confidence) * (first - 1) * spread / zone
    for seen in range(first, rows + 1):
        if len(left) == 1:
            break
        if np.isnan(sums[seen - 1, left]).any():
            raise ValueError(f"one of the contestants that are left has no observation {seen}")
        behind = (sums[seen - 1][:, None] - sums[seen - 1][None, :])[np.ix_(left, left)]
        allowed = np.maximum(0.0, reach[np.ix_(left, left)] - zone * seen) / 2
        left = [place for place, out in zip(left, (behind > allowed).any(axis=1), strict=True) if not out]
        if len(left) == 1:
            break
    away = set(contestants) - set(left)
    return Selection(tuple(left), seen, frozenset(place for place, one in enumerate(first_of) if one in away))


def _first_of(losses: NDArray[np.float64]) -> list[int]:
    """For each contestant the first one that it never differs from, as far as both have observations."""
    found: list[int] = []
    for place in range(losses.shape[1]):
        apart = [np.nan_to_num(losses[:, place] - losses[:, other]).any() for other in found]
        found.append(next((other for other, differs in zip(found, apart, strict=True) if not differs), place))
    return found


def _variances(losses: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of the difference of each pair."""
    apart = losses[:, :, None] - losses[:, None, :]
    return np.asarray(apart.var(axis=0, ddof=1))


def observations_needed(
    losses: NDArray[np.float64], zone: float, confidence: float = 0.95, *, contestants: int | None = None
) -> int:
    """The most observations that the procedure would take for these, by their variances.

    The furthest pair's reach is used up by then, and all but one have gone. ``contestants`` is how many there were at
    the beginning, where some have gone.
    """
    rows, count = len(losses), contestants or losses.shape[1]
    most: float = 2 * eta(count, rows, confidence) * (rows - 1) * float(_variances(losses).max()) / zone**2
    return max(rows, math.ceil(most))
