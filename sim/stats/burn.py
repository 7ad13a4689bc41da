"""How fast an error budget burns (Google, The Site Reliability Workbook, chapter 5)."""

from __future__ import annotations

import math


def burn(errors: float, requests: float, objective: float) -> float:
    """Errors as a multiple of what the objective allows; 0 without requests.

    >>> round(burn(144, 10_000, 0.999), 6)
    14.4
    """
    return errors / requests / (1.0 - objective) if requests else 0.0


def time_to_fire(ratio: float, *, objective: float, window: float, threshold: float) -> float:
    """When an alert on a window fires after errors of a ratio begin, its past clean; infinite if never.

    In the unit of the window.

    >>> time_to_fire(0.01, objective=0.999, window=60.0, threshold=14.4)
    inf
    >>> round(time_to_fire(1.0, objective=0.999, window=60.0, threshold=14.4), 3)
    0.864
    """
    if ratio <= 0:
        return math.inf
    needed = (1.0 - objective) / ratio * window * threshold
    return needed if needed <= window * (1 + 1e-12) else math.inf


def least_visible_ratio(share: float, *, objective: float, threshold: float, others: float = 0.0) -> float:
    """The error ratio of a part of the traffic at which the whole burns so fast.

    >>> round(least_visible_ratio(0.05, objective=0.999, threshold=14.4), 3)
    0.288
    """
    return (threshold * (1.0 - objective) - (1.0 - share) * others) / share
