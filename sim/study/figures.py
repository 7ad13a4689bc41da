"""How a figure is written with its noise: no more digits than the interval carries, and no interval that misleads.

A half-width says "as likely more as less". Where the interval leans to one side, or is wider than half of the figure
itself, both ends are written instead: ``280 (60-740)``, never ``280 ±460``, which would read as if the cost could be
below zero.
"""

from __future__ import annotations

import math
import re

from sim.study.findings import Estimate

LEANS = 1.5
"""How much longer one side of an interval may be than the other before both ends are written."""
WIDE = 0.5
"""The half-width, as a share of the figure, above which both ends are written."""
LEAST = 5e-5
"""A smaller noise would be written ±0.0000, which is none."""

RANGE = re.compile(r"\d \(-?[\d,.]+(?:-| to )[\d,.]+\)")


def with_noise(estimate: Estimate) -> str:
    """A figure with its half-width, or with both ends where a half-width would mislead; alone where it has no noise.

    >>> with_noise(Estimate(value=181.6, low=165.4, high=197.8, n=200, method="t"))
    '182 ±16'
    >>> with_noise(Estimate(value=280.0, low=61.0, high=738.0, n=20, method="bootstrap-t"))
    '280 (60-740)'
    >>> with_noise(Estimate(value=5.9998, low=5.99979, high=5.99981, n=20, method="t"))
    '5.9998'
    >>> with_noise(Estimate(value=1.0, low=-2.0, high=4.0, n=20, method="t"))
    '1 (-2 to 4)'
    """
    half = estimate.half_width
    if not (math.isfinite(half) and half >= LEAST):
        return f"{rounded(estimate.value, half)}"
    if is_symmetric(estimate):
        return f"{rounded(estimate.value, half)} ±{rounded(half, half)}"
    return f"{rounded(estimate.value, half)} ({ends(estimate)})"


def is_symmetric(estimate: Estimate) -> bool:
    """Whether a half-width tells the interval: it leans to neither side and is not wider than half of the figure."""
    below, above = estimate.value - estimate.low, estimate.high - estimate.value
    leans = max(below, above) > LEANS * max(min(below, above), 0.0)
    return not leans and estimate.half_width <= WIDE * abs(estimate.value)


def ends(estimate: Estimate) -> str:
    """Both ends of an interval, with "to" between them where one is below zero.

    >>> ends(Estimate(value=5.0, low=1.0, high=12.0, n=20, method="t"))
    '1-12'
    """
    half = estimate.half_width
    low, high = rounded(estimate.low, half), rounded(estimate.high, half)
    return f"{low} to {high}" if low.startswith("-") else f"{low}-{high}"


def rounded(value: float, noise: float) -> str:
    """A number rounded to the digits that its noise carries; without noise, to at most three figures below 100.

    >>> rounded(2904.3, 210.0), rounded(0.6042, 0.031), rounded(-0.2, 3.0)
    ('2,900', '0.60', '0')
    >>> rounded(4.27, math.nan), rounded(0.2, 0.0)
    ('4.27', '0.2')
    """
    if not math.isfinite(value):
        return "never" if value > 0 else "-"
    noisy = noise > 0 and math.isfinite(noise)
    decimals = _decimals(noise) if noisy else _plain_decimals(value)
    shown = f"{round(value, decimals):,.{max(decimals, 0)}f}"
    if not (noisy and noise >= LEAST) and "." in shown:
        shown = shown.rstrip("0").rstrip(".")
    return shown.removeprefix("-") if float(shown.replace(",", "")) == 0 else shown


def _decimals(noise: float) -> int:
    """Two figures of a half-width above ten, one below: what is left of it says nothing."""
    magnitude = math.floor(math.log10(noise))
    return 1 - magnitude if noise >= 10 else min(-magnitude, 4)


def _plain_decimals(value: float) -> int:
    if value == round(value) or abs(value) >= 100:
        return 0
    return min(4, 2 - math.floor(math.log10(abs(value))))


def noise_note(text: str) -> str:
    """What the noise in a text is, to be said once behind it; empty where the text has none.

    >>> noise_note("It saves 182 ±16."), noise_note("It saves 280 (60-740)."), noise_note("It saves 16.")
    (' ± is simulation noise.', ' Ranges in brackets are simulation noise.', '')
    """
    if "±" in text:
        return " ± is simulation noise."
    return " Ranges in brackets are simulation noise." if RANGE.search(text) else ""
