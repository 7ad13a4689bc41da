"""How often a fixed bound fails what is as good as today: windows of Poisson many requests, binomial errors in each."""

from __future__ import annotations

import functools

import numpy as np


@functools.lru_cache(maxsize=4096)
def window_fails(
    expected: float,
    *,
    bad: float,
    allowed: float,
    slow: float = 0.0,
    slow_allowed: float = 1.0,
    least: int = 1,
    empty_fails: bool = False,
) -> float:
    """The chance that a window fails.

    It holds ``expected`` requests in the mean; each is bad with a chance ``bad`` and slow with a chance ``slow``. The
    window fails where a larger share is bad than ``allowed``, or slow than ``slow_allowed``, of ``least`` requests or
    more; ``empty_fails``: and where there are fewer.

    >>> round(window_fails(1200, bad=0.002, allowed=0.001), 2), round(window_fails(1200, bad=0.002, allowed=0.01), 5)
    (0.69, 0.0)
    """
    from scipy.special import bdtr, gammaln, pdtr, xlogy  # scipy.stats takes a second to import

    spread = 8 * np.sqrt(expected) + 10
    numbers = np.arange(max(least, int(expected - spread), 1), int(expected + spread) + 1)
    starved = float(pdtr(least - 1, expected)) if empty_fails and least > 0 else 0.0
    passes = bdtr(np.minimum(np.floor(allowed * numbers + 1e-9), numbers), numbers, bad)
    passes *= bdtr(np.minimum(np.floor(slow_allowed * numbers + 1e-9), numbers), numbers, slow)
    chances = np.exp(xlogy(numbers, expected) - expected - gammaln(numbers + 1))
    return starved + float((chances * (1.0 - passes)).sum())


def row_of_failures(fails: list[float], needed: int) -> float:
    """The chance that so many windows in a row fail somewhere in a sequence of windows that share no request.

    >>> row_of_failures([0.5, 0.5], 1), row_of_failures([0.5, 0.5], 2)
    (0.75, 0.25)
    """
    row, stopped = np.zeros(needed), 0.0
    row[0] = 1.0
    for chance in fails:
        stopped += float(row[-1]) * chance
        row = np.concatenate([[row.sum() * (1.0 - chance)], row[:-1] * chance])
    return stopped


def failures_in_all(fails: list[float], needed: int) -> float:
    """The chance that so many windows fail, in a row or not.

    >>> failures_in_all([0.5, 0.5, 0.5], 2)
    0.5
    """
    counts = np.zeros(needed + 1)
    counts[0] = 1.0
    for chance in fails:
        moved = counts[:-1] * chance
        counts[:-1] -= moved
        counts[1:] += moved
    return float(counts[-1])


def failures_until_passed(fails: list[float], needed: int) -> float:
    """The chance of so many failures in all where each window is tried again until it passes.

    >>> failures_until_passed([0.5], 2), failures_until_passed([0.5, 0.5], 1)
    (0.25, 0.75)
    """
    counts = np.zeros(needed + 1)
    counts[0] = 1.0
    for chance in fails:
        moved = np.zeros(needed + 1)
        for already in range(needed):
            more = np.arange(needed - already)
            moved[already:needed] += counts[already] * (1.0 - chance) * chance**more
            moved[needed] += counts[already] * chance ** (needed - already)
        moved[needed] += counts[needed]
        counts = moved
    return float(counts[needed])
