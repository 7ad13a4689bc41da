"""A rate of rare events that may come in clusters: how sure it is, from counts in batches of time.

Counts vary more than by pure chance by a factor, the dispersion, that is estimated from the batches (P. McCullagh,
J. Nelder, *Generalized Linear Models*, 1989, section 6.2.3). The interval is Jeffreys' of a Poisson count (L. Brown,
T. Cai, A. DasGupta, 2003) for as many independent events as the clustered ones are worth; where there was none it gives
an upper end alone.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.stats.intervals import Interval, t_quantile

Floats = NDArray[np.float64]

FEWEST_EVENTS = 1.0
"""Expected in a batch for it to say how much counts vary; batches are joined until they have as many."""


def clustered_rate(events: Floats, exposure: Floats, confidence: float = 0.9) -> Interval:
    """Events per unit of exposure, from neighbouring batches in order; shape [batch] each.

    Raises ValueError where there is no exposure.

    >>> found = clustered_rate(np.array([3.0, 1.0, 0.0, 2.0]), np.array([1000.0] * 4))
    >>> f"{found.value:.4f} {found.low:.4f} {found.high:.4f}"
    '0.0015 0.0005 0.0038'
    """
    total, of = float(events.sum()), float(exposure.sum())
    if of <= 0:
        raise ValueError("no exposure")
    factor, freedom = dispersion(events, exposure)
    low, high = _ends(total / factor, freedom, confidence)
    return Interval(value=total / of, low=low * factor / of, high=high * factor / of, n=len(events), method="Jeffreys")


def dispersion(events: Floats, exposure: Floats) -> tuple[float, float]:
    """By which factor counts vary more than Poisson ones, at least 1, and from how many degrees of freedom.

    Infinitely many where counts vary no more than that, or too few tell: then events are taken for independent.
    """
    joined_events, joined_exposure = _joined(events, exposure)
    number = len(joined_events)
    if number < 4:
        return 1.0, math.inf
    expected = joined_exposure * joined_events.sum() / joined_exposure.sum()
    factor = float(((joined_events - expected) ** 2 / expected).sum()) / (number - 1)
    return (factor, number - 1.0) if factor > 1.0 else (1.0, math.inf)


def _joined(events: Floats, exposure: Floats) -> tuple[Floats, Floats]:
    """Neighbouring batches joined until each expects enough events."""
    mean = events.sum() / max(1, len(events))
    if mean <= 0:
        return events[:0], exposure[:0]
    together = max(1, math.ceil(FEWEST_EVENTS / mean))
    number = len(events) // together
    cut = number * together
    return (
        events[:cut].reshape(number, together).sum(axis=1),
        exposure[:cut].reshape(number, together).sum(axis=1),
    )


def _ends(count: float, freedom: float, confidence: float) -> tuple[float, float]:
    """Jeffreys' interval, wider by as much as t is than the normal where the dispersion itself is estimated."""
    from scipy.special import chdtri, ndtr

    wider = (
        t_quantile((1 + confidence) / 2, freedom) if math.isfinite(freedom) else t_quantile((1 + confidence) / 2, 1e9)
    )
    tail = float(1 - ndtr(wider))
    low = float(chdtri(2 * count + 1, 1 - tail)) / 2 if count > 0 else 0.0
    skew = 1 if math.isinf(freedom) else 2  # of clusters: the sum of few large ones leans to the right
    high = float(chdtri(2 * count + skew, tail)) / 2
    return low, high
