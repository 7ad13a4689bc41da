"""The knobs of a scenario: what it holds that a review group would like to move, and nothing it does not hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sim.scenario.document import Trail, part, show_trail
from sim.scenario.resolved import Scenario
from sim.serve.ladder import rung

FLEET, TRAFFIC, BADNESS, JUDGES = "Fleet", "Traffic", "How bad releases are", "Gates and the person on call"
MOST = 200
"""Knobs on one page."""
_READ = re.compile(r"[0-9][0-9.]*( ?[%a-zA-Z/]+[0-9.a-zA-Z]*)?")
_FLEET: tuple[Trail, ...] = (
    ("service", "replicas"), ("service", "concurrency"), ("service", "queue"), ("nodes", "count"), ("nodes", "most"),
)  # fmt: skip
_RELEASE: tuple[Trail, ...] = (
    ("release", "change_failure_rate"), ("release", "baseline_errors"), ("release", "version", "work"),
)  # fmt: skip
_NOT_MOVED = ("share", "kind", "catches")
"""Shares of the defects must sum to 100 %: one cannot move alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial:
    """One value of a scenario, as the scenario has it; ``text`` is how a person writes it."""

    trail: Trail
    group: str
    label: str
    written: int | float | str

    @property
    def path(self) -> str:
        """Its name in an address and in messages."""
        return show_trail(self.trail)

    @property
    def text(self) -> str:
        """The scenario's own value."""
        return f"{self.written:.12g}" if isinstance(self.written, float) else str(self.written)

    def read(self, text: str) -> Any:
        """What a file would hold; anything that is no plain number is left for the scenario's own rules to judge.

        >>> Dial(trail=("service", "replicas"), group=FLEET, label="replicas", written=6).read("8")
        8
        """
        if isinstance(self.written, str):
            return text
        if re.fullmatch(r"[+-]?[0-9]{1,15}", text):
            return int(text)
        return float(text) if re.fullmatch(r"[+-]?[0-9]{1,15}\.[0-9]{1,15}", text) else text

    def next(self, text: str, direction: int) -> str:
        """The next value to try; the scenario's own where ``text`` cannot be read."""
        return rung(text if _READ.fullmatch(text) else self.text, direction)


def dials(scenario: Scenario) -> tuple[Dial, ...]:
    """All knobs, in the order in which they are shown."""
    return tuple(_all(scenario.document))[:MOST]


def _all(document: Any) -> Iterator[Dial]:
    for trail in _FLEET:
        yield from _leaves(document, trail, FLEET, skip=1 if trail[0] == "service" else 0)
    for name in document.get("dependencies", {}):
        yield from _leaves(document, ("dependencies", name, "connections"), FLEET, skip=1)
    for name in document["traffic"]["streams"]:
        yield from _leaves(document, ("traffic", "streams", name, "peak"), TRAFFIC, skip=2)
    for name in document["strategies"]:
        yield from _leaves(document, ("strategies", name), f"Strategy {name}", skip=2)
    for trail in _RELEASE:
        yield from _leaves(document, trail, BADNESS, skip=1)
    for name in document["release"].get("defects", {}):
        yield from _leaves(document, ("release", "defects", name), BADNESS, skip=2)
    if isinstance(document.get("oncall"), dict):
        yield from _leaves(document, ("oncall", "notices_at"), JUDGES, skip=0)
        yield from _leaves(document, ("oncall", "reacts"), JUDGES, skip=0)
    for name in document.get("gates", {}):
        yield from _leaves(document, ("gates", name), JUDGES, skip=1)


def _leaves(document: Any, trail: Trail, group: str, *, skip: int) -> Iterator[Dial]:
    """Every value at or below a trail that can be moved; of a range the likely value."""
    try:
        found = part(document, trail)
    except LookupError:
        return
    if isinstance(found, dict) and "likely" in found:
        found = found["likely"]
    if isinstance(found, dict):
        for key in found:
            if key not in _NOT_MOVED:
                yield from _leaves(document, (*trail, key), group, skip=skip)
    elif isinstance(found, list):
        for place in range(len(found)):
            yield from _leaves(document, (*trail, place), group, skip=skip)
    elif _moves(found):
        yield Dial(trail=trail, group=group, label=_label(trail[skip:]), written=found)


def _moves(value: Any) -> bool:
    if isinstance(value, str):
        return bool(_READ.fullmatch(value))
    return isinstance(value, int | float) and not isinstance(value, bool)


def _label(trail: Trail) -> str:
    """A trail in words.

    >>> _label(("steps", 0, "weight")), _label(("change_failure_rate",))
    ('step 1 weight', 'change failure rate')
    """
    words: list[str] = []
    for each in trail:
        if isinstance(each, int):
            words[-1:] = [f"{words[-1].removesuffix('s')} {each + 1}"] if words else [str(each + 1)]
        else:
            words.append(each.replace("_", " "))
    return " ".join(words)
