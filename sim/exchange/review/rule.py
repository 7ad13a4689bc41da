"""A rule of the review and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from sim.exchange.fields import Field
from sim.exchange.spots import Spot
from sim.exchange.workloads import Target

Level: TypeAlias = Literal["error", "risk", "note"]
LEVELS: tuple[Level, ...] = ("error", "risk", "note")
"""The worst first. An error is refused by the controller or provably cannot work; a risk costs requests or hides
faults; a note is the rest."""


def percent(share: float) -> str:
    """A share in whole percent.

    >>> percent(0.254)
    '25 %'
    """
    return f"{round(100 * share)} %"


@dataclass(frozen=True, slots=True)
class Fault:
    """What a rule finds at a place: what it does, in numbers, and the cure."""

    field: Field
    message: str
    cure: str


Asks: TypeAlias = Callable[[Target], Iterator[Fault]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its name, how grave what it finds is, in one line what it is about, its source, and who asks."""

    name: str
    level: Level
    title: str
    source: str
    asks: Asks


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: of which rule, where, about which object."""

    rule: str
    level: Level
    spot: Spot
    object: str
    message: str
    cure: str

    @property
    def fingerprint(self) -> str:
        """What stays the same while lines move: rule, object and path."""
        return f"{self.rule} | {self.object} | {self.spot.path}"
