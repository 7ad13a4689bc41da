"""Figures as plain data for JSON: finite numbers, "never", or null."""

from __future__ import annotations

import math
from typing import Any

from sim.study.findings import Estimate


def number(value: float) -> float | str | None:
    """A number; "never" for infinity, null where there is none."""
    if math.isnan(value):
        return None
    if math.isinf(value):
        return "never" if value > 0 else None
    return value


def figure(value: float) -> float | str | None:
    """A number to seven figures: far more than any noise here leaves standing."""
    return number(float(f"{value:.7g}"))


def estimate(found: Estimate) -> dict[str, Any]:
    """Value, interval, number of replications and method."""
    return {
        "value": figure(found.value),
        "interval": [figure(found.low), figure(found.high)],
        "n": found.n,
        "method": found.method,
    }
