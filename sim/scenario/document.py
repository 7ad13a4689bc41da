"""Plain data that remembers where in which file each part stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.errors import Problem
from sim.named_files import ANYWHERE, Reach
from sim.trails import Trail, show_trail

__all__ = ["Document", "Place", "Trail", "part", "show_trail"]

WIDEST_EXCERPT = 160
"""Characters; a longer line is not shown under a message."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands; lines and columns count from 1, and 0 means the whole file."""

    file: str
    line: int
    column: int


@dataclass(slots=True)
class Document:
    """Plain data with the place of every key and every value, by trail.

    ``problems`` are those of the text that leave the rest readable, as a key given twice; whoever validates tells them
    together with what else is wrong. ``readings`` say how files that it names were read; ``reach`` is the way to them.
    ``read_from`` is which file of the system it was read from, None for what came from none.
    """

    file: str
    data: Any = None
    keys: dict[Trail, Place] = field(default_factory=dict)
    values: dict[Trail, Place] = field(default_factory=dict)
    lines: dict[str, list[str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    readings: dict[Trail, str] = field(default_factory=dict)
    reach: Reach = ANYWHERE
    read_from: tuple[int, int] | None = None

    def place(self, trail: Trail, *, of_key: bool = False) -> Place:
        """Where a part stands; for one that is not there, the key of its nearest ancestor."""
        exact = (self.keys, self.values) if of_key else (self.values, self.keys)
        for places in exact:
            if trail and trail in places:
                return places[trail]
        for length in range(len(trail) - 1, 0, -1):
            for places in (self.keys, self.values):
                if trail[:length] in places:
                    return places[trail[:length]]
        return Place(self.file, 0, 0)

    def problem(self, trail: Trail, message: str, *, of_key: bool = False) -> Problem:
        """A problem with a part, with its place and the line it stands on."""
        return self.problem_at(self.place(trail, of_key=of_key), message, trail)

    def problem_at(self, place: Place, message: str, trail: Trail = ()) -> Problem:
        """A problem at a place."""
        return Problem(
            file=place.file,
            line=place.line,
            column=place.column,
            path=show_trail(trail),
            message=message,
            excerpt=self._excerpt(place),
        )

    def _excerpt(self, place: Place) -> str:
        lines = self.lines.get(place.file, [])
        line = lines[place.line - 1] if 0 < place.line <= len(lines) else ""
        return line.replace("\t", " ").rstrip() if len(line) <= WIDEST_EXCERPT else ""


def beside(document: Document, trail: Trail, written: str) -> Path:
    """The path of a file that is named at the end of a trail: from the folder of the file in which its name stands.

    It is left as it is written. To tidy ``a/../b`` into ``b`` would name another file where ``a`` is a link.
    """
    return Path(document.place(trail).file).parent / written


def part(data: Any, trail: Trail) -> Any:
    """The part of plain data at the end of a trail; raises LookupError where there is none.

    >>> part({"a": [1, {"b": 2}]}, ("a", 1, "b"))
    2
    """
    for step in trail:
        if not isinstance(data, dict if isinstance(step, str) else list):
            raise LookupError(show_trail(trail))
        data = data[step]  # type: ignore[index]
    return data


def with_part(data: Any, trail: Trail, value: Any) -> Any:
    """A copy of plain data with another value at the end of a trail; what lies off the trail is shared.

    >>> with_part({"a": [1, 2], "b": 3}, ("a", 0), 9)
    {'a': [9, 2], 'b': 3}
    """
    if not trail:
        return value
    copy: Any = data.copy()
    copy[trail[0]] = with_part(data[trail[0]], trail[1:], value) if len(trail) > 1 else value
    return copy
