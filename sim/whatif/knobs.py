"""A knob: a place in a scenario and the values it is tried at.

Values are written as in a file. ``4..12`` and ``1%..10%`` are ranges between two numbers of one unit, ``log 1%..10%``
is the same with steps of equal ratio, ``random, least_request`` is a list.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sim.errors import UsageError
from sim.scenario.corners import trail_of
from sim.scenario.document import part
from sim.scenario.resolved import Ranged, Scenario

NUMBER = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([^0-9.\s]*)")
FIGURES = 6
"""Significant figures a tried value is written with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knob:
    """One thing that is varied; ``listed`` holds values to choose from, else it runs from ``low`` to ``high``."""

    path: str
    listed: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 0.0
    unit: str = ""
    whole: bool = False
    logarithmic: bool = False

    def at(self, share: float) -> Any:
        """The value at a share from 0 to 1 of the way, as a file would have it.

        >>> knob("service.replicas", "4..12").at(0.5), knob("x", "log 1%..100%").at(0.5), knob("x", "a, b").at(0.9)
        (8, '10%', 'b')
        """
        if self.listed:
            return self.listed[min(int(share * len(self.listed)), len(self.listed) - 1)]
        if self.logarithmic:
            number = self.low * (self.high / self.low) ** share
        else:
            number = self.low + share * (self.high - self.low)
        written = str(round(number)) if self.whole else f"{float(f'{number:.{FIGURES}g}'):.12g}"
        return written + self.unit if self.unit else int(written) if self.whole else float(written)

    def values(self, points: int) -> list[Any]:
        """All listed values, or so many evenly spread ones; no value twice."""
        shares = [place / (points - 1) if points > 1 else 0.5 for place in range(points)]
        return list(dict.fromkeys(self.listed or [self.at(share) for share in shares]))


def knob(path: str, written: str) -> Knob:
    """The knob for a path and what is written behind it; raises UsageError where it cannot be read.

    >>> knob("release.baseline_errors", "0.01%..0.1%").high
    0.1
    """
    trail_of(path)
    text, logarithmic = written.strip(), written.strip().startswith("log ")
    if ".." not in text:
        listed = tuple(_scalar(each.strip()) for each in text.split(",") if each.strip())
        if len(listed) < 2:
            raise UsageError(f"{path}: {written!r} is one value; write a range as 4..12 or several as 4,8,12")
        return Knob(path=path, listed=listed)
    first, _, last = text.removeprefix("log ").partition("..")
    low, high = NUMBER.fullmatch(first.strip()), NUMBER.fullmatch(last.strip())
    if not low or not high or low[2] != high[2]:
        raise UsageError(f"{path}: cannot read the range {written!r}; write two numbers of one unit, as 1%..10%")
    found = Knob(
        path=path,
        low=float(low[1]),
        high=float(high[1]),
        unit=low[2],
        whole="." not in low[1] + high[1] and not low[2],
        logarithmic=logarithmic,
    )
    if found.low >= found.high or (logarithmic and found.low <= 0):
        raise UsageError(f"{path}: the range {written!r} must rise{' from above 0' if logarithmic else ''}")
    return found


def own_ranges(scenario: Scenario) -> tuple[Knob, ...]:
    """A knob for every input that the scenario gives as a range: its low, likely and high value."""
    return tuple(_of_range(scenario, ranged) for ranged in scenario.ranges)


def check_places(scenario: Scenario, knobs: tuple[Knob, ...]) -> None:
    """Refuse a knob for what is no part of the scenario."""
    for each in knobs:
        trail = trail_of(each.path)
        try:
            part(scenario.document, trail[:-1])
        except (LookupError, TypeError):
            raise UsageError(f"{each.path} is no part of {scenario.name}; rollrisk plan shows all there is") from None


def _of_range(scenario: Scenario, ranged: Ranged) -> Knob:
    written = part(scenario.document, trail_of(ranged.path))
    return Knob(path=ranged.path, listed=tuple(written[corner] for corner in ("low", "likely", "high")))


def _scalar(text: str) -> Any:
    """A number where it is one, else the text."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return {"true": True, "false": False}.get(text, text)
