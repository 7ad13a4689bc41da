"""How often an interval holds the truth: an experiment, not an opinion.

A *world* is known to the last figure: samples are drawn from it many times, an interval is made of each, and it is
counted how often it held the truth and on which side it missed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.stats.intervals import Interval, proportion

Experiment = Callable[[np.random.Generator], Interval]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What became of so many intervals."""

    plays: int
    held: int
    too_low: int  # the whole interval below the truth
    too_high: int
    half_width: float  # the median

    @property
    def share(self) -> float:
        """The measured coverage."""
        return self.held / self.plays

    def at_least(self, promised: float, errors: float = 4.0) -> bool:
        """Whether the measured coverage is compatible with one of at least ``promised``."""
        return self.share >= promised - errors * math.sqrt(promised * (1 - promised) / self.plays)

    @property
    def interval(self) -> Interval:
        """The measured coverage with its own uncertainty."""
        return proportion(self.held, self.plays)


def coverage(experiment: Experiment, truth: float, *, plays: int, seed: int = 0) -> Coverage:
    """Play an experiment so many times, each time with its own luck, and count. No interval at all holds nothing.

    >>> from sim.stats.intervals import mean
    >>> found = coverage(lambda luck: mean(luck.normal(5, 1, 10)), 5.0, plays=400)
    >>> found.at_least(0.95), round(found.half_width, 1)
    (True, 0.7)
    """
    made = [experiment(np.random.default_rng([seed, play])) for play in range(plays)]
    widths = [each.half_width for each in made if math.isfinite(each.half_width)]
    return Coverage(
        plays=plays,
        held=sum(each.contains(truth) for each in made),
        too_low=sum(each.high < truth for each in made),
        too_high=sum(each.low > truth for each in made),
        half_width=float(np.median(widths)) if widths else math.nan,
    )
