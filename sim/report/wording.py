"""How a figure is written for a reader: no more digits than its interval carries, times as people say them.

>>> from sim.study.findings import Estimate
>>> with_noise(Estimate(value=2904.3, low=2694.3, high=3114.3, n=400, method="t"))
'2,900 ±210'
>>> with_noise(Estimate(value=49.6, low=45.8, high=53.4, n=400, method="t"))
'50 ±4'
>>> seconds(553.0), seconds(75.2), seconds(0.471), seconds(float("inf"))
('9m', '1m15s', '471 ms', 'never')
"""

from __future__ import annotations

import math

from sim import units
from sim.study.figures import noise_note, rounded, with_noise
from sim.study.findings import Estimate

__all__ = [
    "half_width",
    "interval",
    "noise_note",
    "rounded",
    "seconds",
    "seconds_interval",
    "share",
    "whole_percents",
    "with_noise",
]

SECOND = 10**9


def half_width(estimate: Estimate) -> float:
    """Half the interval, nan where the data carry none."""
    width = estimate.half_width
    return width if math.isfinite(width) else math.nan


def interval(estimate: Estimate, scale: float = 1.0, unit: str = "") -> str:
    """The interval's ends: ``572 to 668``; empty where the data carry none."""
    noise = half_width(estimate) * scale
    if not noise > 0:
        return ""
    low, high = rounded(estimate.low * scale, noise), rounded(estimate.high * scale, noise)
    return "" if low == high else f"{low} to {high}{unit}"


def seconds(value: float) -> str:
    """A time in seconds, coarser the longer it is."""
    if math.isnan(value):
        return "-"
    if abs(value) < 1 and value != 0:
        return f"{value * 1000:.0f} ms"
    nearest = 60 if abs(value) >= 300 else 5 if abs(value) >= 60 else 1
    return units.show_duration(value * SECOND, nearest=nearest * SECOND)


def seconds_interval(estimate: Estimate) -> str:
    """The ends of an interval of times: ``8m to 10m``."""
    if not half_width(estimate) > 0:
        return ""
    return f"{seconds(estimate.low)} to {seconds(estimate.high)}"


def share(value: float, figures: int = 2) -> str:
    """A share in percent, with so many figures of what is there or of what is missing to 100 %.

    >>> share(0.061), share(0.0002), share(0.0), share(1.0), share(0.97), share(0.9995)
    ('6.1 %', '0.02 %', '0 %', '100 %', '97 %', '99.95 %')
    """
    if math.isnan(value):
        return "-"
    percent = value * 100
    if percent in (0.0, 100.0):
        return f"{percent:.0f} %"
    smaller = min(abs(percent), abs(100 - percent))
    decimals = max(0, figures - 1 - math.floor(math.log10(smaller)))
    text = f"{percent:.{min(decimals, 3)}f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} %"


def whole_percents(shares: list[float]) -> list[int]:
    """Shares as whole percents that still sum to 100 (largest remainder).

    >>> whole_percents([0.333, 0.333, 0.334])
    [33, 33, 34]
    """
    exact = [100 * value for value in shares]
    whole = [math.floor(value) for value in exact]
    left = round(sum(exact)) - sum(whole)
    for place in sorted(range(len(exact)), key=lambda index: whole[index] - exact[index])[:left]:
        whole[place] += 1
    return whole
