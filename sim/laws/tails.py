"""The grid of a quantile table: tail probabilities, octave by octave, from the smallest a draw can meet to one half."""

from __future__ import annotations

import functools
from statistics import NormalDist

from sim.laws.rules import OCTAVES, SMALLEST_TAIL


@functools.cache
def lower_tails(cells: int) -> tuple[float, ...]:
    """The tails at the nodes of a table with so many cells per octave, rising, exact in binary.

    >>> tails = lower_tails(2)
    >>> tails[0] == 2**-33, tails[-3:], len(tails)
    (True, (0.25, 0.375, 0.5), 65)
    """
    octaves = [SMALLEST_TAIL * 2.0**octave for octave in range(OCTAVES)]
    return (*(start * (1.0 + cell / cells) for start in octaves for cell in range(cells)), 0.5)


@functools.cache
def normal_scores(cells: int) -> tuple[float, ...]:
    """The standard normal quantiles at those tails, all at most 0 (algorithm AS 241, to the last digits)."""
    inverse = NormalDist().inv_cdf
    return tuple(inverse(tail) for tail in lower_tails(cells))
