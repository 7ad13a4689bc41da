"""Small pictures in text of what was fitted."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.exchange.measured.fits.moment import DAYS
from sim.exchange.measured.fits.traffic import Traffic
from sim.units import show_rate

BARS = " ▁▂▃▄▅▆▇█"


def bars(values: Sequence[float], most: float) -> str:
    """A row of bars; what was not seen is a dot.

    >>> bars([0.0, 1.0, float("nan"), 4.0], 4.0)
    ' ▂·█'
    """
    return "".join("·" if math.isnan(each) else BARS[round(each / most * (len(BARS) - 1))] for each in values)


def week(traffic: Traffic) -> list[str]:
    """Requests by weekday and hour, a row a day; nothing for less than two days."""
    seen = [row for row in traffic.week if not all(map(math.isnan, row))]
    if not seen:
        return []
    most = max(each for row in seen for each in row if not math.isnan(each))
    rows = [
        f"  {day} {bars(row, most)} {show_rate(float(f'{max(each for each in row if not math.isnan(each)):.3g}'))}"
        for day, row in zip(DAYS, traffic.week, strict=True)
        if not all(map(math.isnan, row))
    ]
    return [f"      {'0     6     12    18':<24} busiest hour", *rows]
