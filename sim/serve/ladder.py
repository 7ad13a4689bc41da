"""The next rung up or down from a value as written: round numbers a person would try next."""

from __future__ import annotations

import math
import re

from sim import units

MANTISSAS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
PERCENTS = (
    0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 3, 5, 7, 10, 15, 20, 25, 30, 40, 50, 60, 70, 75, 80, 85, 90, 95, 98, 99,
    99.5, 99.8, 99.9, 99.95, 99.99, 100,
)  # fmt: skip
SECONDS = (
    0, 1, 2, 3, 5, 7, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 420, 600, 900, 1200, 1800, 2700, 3600, 5400, 7200,
    10800, 14400, 21600, 43200, 86400,
)  # fmt: skip
COUNTED_ONE_BY_ONE = 20
_NUMBER = re.compile(r"([0-9]+(?:\.[0-9]+)?)( ?[^0-9.\s]*)")
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?(?:d|h|ms|m|s|us|ns))+")


def rung(written: str, direction: int) -> str:
    """The next value above (``direction`` 1) or below (-1); the same value where there is none, or it is not read.

    >>> rung("20%", 1), rung("100%", -1), rung("10m", 1), rung("6", -1), rung("60/s", 1), rung("what", 1)
    ('25%', '90%', '15m', '5', '80/s', 'what')
    """
    text = written.strip()
    found = _NUMBER.fullmatch(text)
    if found and found[2].strip() == "%":
        number = 90.0 if direction < 0 and float(found[1]) == 100 else _listed(float(found[1]), PERCENTS, direction)
        return f"{number:.12g}%"
    if _DURATION.fullmatch(text):
        return _duration(text, direction)
    if not found:
        return written
    return f"{_number(found[1], direction):.12g}{found[2]}"


def rungs(written: str, each_way: int = 15) -> list[str]:
    """The value with the rungs below and above it, rising.

    >>> rungs("2", each_way=3)
    ['0', '1', '2', '3', '4', '5']
    """
    found = [written]
    for direction in (-1, 1):
        for _ in range(each_way):
            near = found[0] if direction < 0 else found[-1]
            beyond = rung(near, direction)
            if beyond == near:
                break
            found = [beyond, *found] if direction < 0 else [*found, beyond]
    return found


def _number(written: str, direction: int) -> float:
    """Whole numbers up to twenty go one by one; nothing goes below zero."""
    value = float(written)
    if "." not in written and (value < COUNTED_ONE_BY_ONE or (direction < 0 and value == COUNTED_ONE_BY_ONE)):
        return max(0.0, value + direction)
    return _rounded(value, direction)


def _duration(text: str, direction: int) -> str:
    now = units.duration(text)
    if now < units.SECOND and not (now == 0 and direction < 0):
        return units.show_duration(units.SECOND if now == 0 else round(_rounded(float(now), direction)))
    return units.show_duration(round(_listed(now / units.SECOND, SECONDS, direction) * units.SECOND))


def _listed(value: float, rungs: tuple[float, ...], direction: int) -> float:
    beyond = [each for each in rungs if (each - value) * direction > 1e-9]
    return value if not beyond else beyond[0] if direction > 0 else beyond[-1]


def _rounded(value: float, direction: int) -> float:
    """The next of 1, 1.2, 1.5, 2 … of any power of ten."""
    if value <= 0:
        return value
    power = math.floor(math.log10(value))
    rungs = [mantissa * 10.0**each for each in range(power - 1, power + 2) for mantissa in MANTISSAS]
    return float(f"{_listed(value, tuple(rungs), direction):.6g}")
