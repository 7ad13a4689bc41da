"""What a verdict rests on most, and where it is open, how much more simulation would settle it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sim.study.findings import Difference, Selected, Swing
from sim.units import SECOND, show_duration, two_figures

LONG = 86_400.0
"""Seconds beyond which nobody waits for a verdict."""
DEPENDS = 2
"""Inputs that are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast a study is played: replications so far by those who may be recommended, and the time each takes."""

    replications: float
    seconds: float = math.nan  # of one, by all workers together; nan where nobody knows


def times_as_many(open_ones: Sequence[Difference], zone: float, selected: Selected | None = None) -> float:
    """How many times as many replications would settle which is better; infinite where no number would.

    ``open_ones`` are losses of others minus the candidate's, less is better. The best is known once no other can be
    better by more than the zone. A half-width falls with the square root of the number of replications.

    >>> from sim.study.findings import Estimate
    >>> apart = Estimate(value=10.0, low=-40.0, high=60.0, n=20, method="t")
    >>> one = Difference(first="a", second="b", estimate=apart, correlation=0.0, variance_saved=0.0)
    >>> times_as_many([one], 15.0), times_as_many([one], 0.0)
    (4.0, 25.0)
    """
    if selected is not None and selected.best is None and selected.seen:
        return max(1.0, selected.needed / selected.seen)
    factors = [_factor(each, zone) for each in open_ones]
    return max(factors, default=1.0)


def _factor(apart: Difference, zone: float) -> float:
    found = apart.estimate
    below, room = found.value - found.low, found.value + zone
    if not math.isfinite(below) or room <= 0:
        return math.inf
    return max(1.0, (below / room) ** 2)


def more(factor: float, pace: Pace) -> str:
    """What would settle it, as a clause.

    >>> more(3.0, Pace(replications=600, seconds=1.0)), more(3.0, Pace(replications=600))
    ('about 20 more minutes of simulation would settle it', 'about 1,200 more replications would settle it')
    """
    if not math.isfinite(factor):
        return "more simulation would not settle it"
    plays = max(1.0, (factor - 1.0) * pace.replications)
    seconds = plays * pace.seconds
    if math.isnan(seconds):
        return f"about {two_figures(plays):,.0f} more replications would settle it"
    if seconds > LONG:
        return f"it would take {show_duration(round(seconds / 86_400) * 86_400 * SECOND)} of simulation to settle it"
    return f"about {_longer(seconds)} of simulation would settle it"


def _longer(seconds: float) -> str:
    """More time, to the precision with which it is known.

    >>> _longer(7.0), _longer(55.0), _longer(130.0), _longer(1300.0), _longer(9000.0)
    ('10 more seconds', '1 more minute', '2 more minutes', '20 more minutes', '2.5 more hours')
    """
    if seconds < 45:
        return f"{max(10, round(seconds / 10) * 10)} more seconds"
    if seconds < 5400:
        minutes = round(two_figures(seconds / 60)) if seconds < 600 else round(seconds / 300) * 5
        return f"{minutes} more minute{'s' if minutes > 1 else ''}"
    return f"{round(seconds / 1800) / 2:g} more hours"


def depends_on(swings: Sequence[Swing]) -> list[str]:
    """The inputs that move the advantage of the chosen strategy most, as they are said."""
    return [_said(each.input) for each in swings[:DEPENDS] if each.at_low.value != each.at_high.value]


def _said(name: str) -> str:
    """An input in a sentence.

    >>> _said("errors among bad releases"), _said("price of a failed request"), _said("how often releases are bad")
    ('the share of errors among bad releases', 'the price of a failed request', 'how often releases are bad')
    """
    if name.endswith(" among bad releases"):
        return f"the share of {name}"
    return f"the {name}" if name.startswith("price of ") else name
