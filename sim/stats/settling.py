"""Is a chance surely above a bound, surely not above it, or not settled? And how many more trials would tell?

One-sided bounds by Clopper and Pearson: none of 59 is the least that shows at most 5 % with 95 % confidence.
"""

from __future__ import annotations

import math


def at_least(hits: int, trials: int, confidence: float = 0.95) -> float:
    """The chance's lower bound: below it with a chance of at most 1 - confidence.

    >>> round(at_least(2, 2), 4), at_least(0, 59)
    (0.2236, 0.0)
    """
    from scipy.special import betaincinv

    return float(betaincinv(hits, trials - hits + 1, 1 - confidence)) if hits > 0 else 0.0


def at_most(hits: int, trials: int, confidence: float = 0.95) -> float:
    """The chance's upper bound.

    >>> round(at_most(0, 59), 4), round(at_most(0, 58), 4), at_most(0, 0)
    (0.0495, 0.0503, 1.0)
    """
    from scipy.special import betaincinv

    return float(betaincinv(hits + 1, trials - hits, confidence)) if hits < trials else 1.0


def none_lost_shows(bound: float, confidence: float = 0.95) -> int | None:
    """The least number of trials of which no hit shows a chance of at most the bound; plain, for telling times.

    >>> none_lost_shows(0.05), none_lost_shows(0.0)
    (59, None)
    """
    return math.ceil(math.log(1 - confidence) / math.log1p(-bound)) if 0 < bound < 1 else None


def trials_without_a_hit(hits: int, trials: int, bound: float, confidence: float = 0.95) -> int | None:
    """The least number of trials in all that would show a chance of at most the bound if none of the rest hits.

    >>> trials_without_a_hit(0, 20, 0.05), trials_without_a_hit(1, 20, 0.05), trials_without_a_hit(0, 20, 0.0)
    (59, 93, None)
    """
    if bound <= 0:
        return None
    low, high = trials, max(trials, 1)
    while at_most(hits, high, confidence) > bound:
        low, high = high, 2 * high
    while high > low and at_most(hits, low, confidence) > bound:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if at_most(hits, middle, confidence) > bound else (low, middle)
    return low
