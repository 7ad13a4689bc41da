"""A value of the scenario and where it comes from; and what of a manifest is not played."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from sim.exchange.fields import Field
from sim.exchange.spots import Spot
from sim.quantities import Trust
from sim.scenario.document import Trail
from sim.scenario.words import NAME

Matter: TypeAlias = Literal["high", "medium", "low"]
GUESS = "GUESS"
"""What the comment behind a guess begins with."""
MATTERS: tuple[Matter, ...] = ("high", "medium", "low")


@dataclass(frozen=True, slots=True)
class Line:
    """A value as a scenario writes it, the comment behind it, and the places in manifests it comes from."""

    value: Any
    origin: str
    spots: tuple[Spot, ...] = ()


Tree: TypeAlias = "dict[str, Line | Tree]"


@dataclass(frozen=True, slots=True)
class Missed:
    """What a manifest says and the scenario does not play, how much that matters, and what to answer instead."""

    spot: Spot
    message: str
    matter: Matter
    question: str = ""

    def __str__(self) -> str:
        asked = f" {self.question}" if self.question else ""
        return f"{self.spot}: {self.message}.{asked}"


def found(value: Any, *fields: Field, note: str = "") -> Line:
    """A value that stands in a manifest."""
    places = "; ".join(dict.fromkeys(str(each.spot) for each in fields))
    return Line(value, f"{places}{f' ({note})' if note else ''}", tuple(each.spot for each in fields))


def otherwise(value: Any, field: Field, who: str = "Kubernetes") -> Line:
    """What a controller takes where nothing is written."""
    return Line(value, f"default of {who}: {field.spot.path} is not written")


def guess(value: Any, why: str, trust: Trust = "low") -> Line:
    """What no manifest can know."""
    return Line(value, f"{GUESS}, trust {trust}: {why}")


def leaves(tree: Tree, trail: Trail = ()) -> Iterator[tuple[Trail, Line]]:
    """Every line with where it stands, in the order in which they are written."""
    for key, part in tree.items():
        yield from [((*trail, key), part)] if isinstance(part, Line) else leaves(part, (*trail, key))


def spots_of(tree: Tree) -> Iterator[Spot]:
    """Every place in a manifest that a part of a scenario comes from."""
    for part in tree.values():
        if not isinstance(part, Line):
            yield from spots_of(part)
            continue
        yield from part.spots
        if isinstance(part.value, list):
            for each in part.value:
                yield from each.spots if isinstance(each, Line) else ()


def plain_name(name: str) -> str:
    """A name as a scenario allows it.

    >>> plain_name("my.app/canary"), plain_name("-")
    ('my-app-canary', 'x')
    """
    if NAME.fullmatch(name):
        return name
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-_")[:63] or "x"
