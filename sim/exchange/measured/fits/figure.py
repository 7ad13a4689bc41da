"""A fitted figure with its interval, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass

from sim.quantities import Trust
from sim.units import show_share

CONFIDENCE = 0.9
"""Of every interval of a fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A value with its interval; ``low`` is 0 or ``high`` infinite where the data leave that side open."""

    value: float
    low: float
    high: float
    trust: Trust = "high"


def sure() -> str:
    """How often the intervals hold, for a reader."""
    return f"{show_share(CONFIDENCE)} sure".replace("\N{NO-BREAK SPACE}", " ")
