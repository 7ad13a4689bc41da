"""From one set of replications to every rate of bad releases: the strata stay, only their weights change.

The first stratum is good; the others share the rate as they share it now. An expectation is linear in the rate, so what
holds at both ends of a range holds everywhere between them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.stats.intervals import Interval, Sample
from sim.stats.skewed import skewed_expectation
from sim.stats.stratified import at_rate, break_even

TRIED = 120
LEAST = 1e-4
"""The least rate above zero that is tried: one release in ten thousand."""
HALVINGS = 20


def over_rates(
    rates: Sequence[float], weights: Sequence[float], samples: Sequence[Sample], confidence: float = 0.95
) -> tuple[Interval, ...]:
    """The expectation at each rate of bad releases, from the same replications; each interval stands for itself."""
    return tuple(skewed_expectation(at_rate(weights, rate), samples, confidence) for rate in rates)


def break_even_between(
    weights: Sequence[float], gaps: Sequence[Sample], confidence: float = 0.95
) -> tuple[float, float] | None:
    """The rates at which a difference may change its sign: where its interval holds zero; None where nowhere.

    At the true break-even the difference is zero, so that its interval there, and with it this set, holds as often as
    intervals of differences do (the reasoning of E. Fieller, 1954, for ratios).

    >>> luck = np.array([-1.0, 1.0, -0.5, 0.5])
    >>> found = break_even_between([0.9, 0.1], [2.0 + luck, -98.0 + 10 * luck[::-1]])
    >>> f"{found[0]:.4f} {found[1]:.4f}"
    '0.0063 0.0308'
    """
    good, bad = (found.value for found in over_rates((0.0, 1.0), weights, gaps))
    here = break_even(good, bad)  # its interval holds zero, however narrow
    rates = np.unique(np.concatenate([[0.0], np.geomspace(LEAST, 1.0, TRIED), [] if here is None else [here]]))

    def may_be(rate: float) -> bool:
        found = skewed_expectation(at_rate(weights, rate), gaps, confidence)
        return bool(found.low <= 0 <= found.high) or rate == here

    def edge(outside: float, inside: float) -> float:
        for _ in range(HALVINGS):
            middle = (outside + inside) / 2
            outside, inside = (outside, middle) if may_be(middle) else (middle, inside)
        return inside

    within = [place for place, rate in enumerate(rates) if may_be(float(rate))]
    if not within:
        return None
    first, last = within[0], within[-1]
    low = edge(float(rates[first - 1]), float(rates[first])) if first > 0 else 0.0
    high = edge(float(rates[last + 1]), float(rates[last])) if last + 1 < len(rates) else 1.0
    return low, high
