"""Any value may be a range ``{low: …, likely: …, high: …}``: a run uses the likely one, the others are corners."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sim.errors import Problem
from sim.scenario.document import Document, Trail, part, with_part

CORNERS = ("low", "likely", "high")


@dataclass(frozen=True, slots=True)
class Range:
    """A value given as three; the values are plain data as written."""

    trail: Trail
    low: Any
    likely: Any
    high: Any


def take_ranges(document: Document) -> tuple[list[Range], list[Problem]]:
    """Put the likely value in the place of every range, and give the ranges; problems are ranges ill written."""
    ranges: list[Range] = []
    problems: list[Problem] = []
    for trail in list(_trails(document.data, ())):
        written = part(document.data, trail)
        if set(written) == set(CORNERS):
            ranges.append(Range(trail, *(written[corner] for corner in CORNERS)))
            document.data = with_part(document.data, trail, written["likely"])
        else:
            found = ", ".join(map(str, written))
            problems.append(document.problem(trail, f"found {found}; a range has low, likely and high, nothing else"))
            document.data = with_part(document.data, trail, written["likely"])
    return ranges, problems


def _trails(data: Any, trail: Trail) -> Iterator[Trail]:
    if isinstance(data, dict):
        if "likely" in data and "kind" not in data:
            yield trail
        else:
            for key, value in data.items():
                yield from _trails(value, (*trail, key))
    elif isinstance(data, list):
        for place, value in enumerate(data):
            yield from _trails(value, (*trail, place))
