"""``guesses``: values that stand in a scenario although nobody has measured them, each with the reason for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.errors import Problem
from sim.scenario.document import Document, Trail, show_trail
from sim.scenario.model.parts import nearest
from sim.scenario.ranges import CORNERS
from sim.scenario.resolved import Guess

SECTION = "guesses"


def unfound(document: Document) -> Iterator[Problem]:
    """A problem for each guess that names no part of the scenario; what is no mapping is told by the model."""
    written = document.data.get(SECTION)
    if not isinstance(written, Mapping):
        return
    there = dict(_parts(document.data))
    for path in written:
        if path not in there:
            told = f"no value is written at {path}; write its path, as traffic.streams.web.peak"
            near = nearest(str(path), list(there))
            yield document.problem((SECTION, path), f"{told}{near}", of_key=True)


def guesses_in(data: Mapping[str, Any]) -> tuple[Guess, ...]:
    """The guesses of a resolved document with their values, in the order in which they are written.

    >>> guesses_in({"service": {"concurrency": 8}, "guesses": {"service.concurrency": "nobody knows"}})
    (Guess(path='service.concurrency', value='8', why='nobody knows'),)
    """
    there, written = dict(_parts(data)), data.get(SECTION) or {}
    return tuple(
        Guess(path=path, value=in_a_line(there[path]), why=why) for path, why in written.items() if path in there
    )


def still_there(data: Mapping[str, Any]) -> dict[str, Any]:
    """A resolved document without the guesses whose values it no longer has, for they change nothing."""
    if not data.get(SECTION):
        return {key: part for key, part in data.items() if key != SECTION}
    there = dict(_parts(data))
    kept = {path: why for path, why in data[SECTION].items() if path in there}
    return still_there({**data, SECTION: None}) if not kept else {**data, SECTION: kept}


def in_a_line(value: Any) -> str:
    """A value on one line, as a scenario writes it.

    >>> in_a_line({"low": "1%", "likely": "5%", "high": "9%"}), in_a_line({"share": "60%", "is": ["a", True]})
    ('5% (1% to 9%)', '{share: 60%, is: [a, true]}')
    """
    if isinstance(value, Mapping):
        if set(value) == set(CORNERS):
            return f"{in_a_line(value['likely'])} ({in_a_line(value['low'])} to {in_a_line(value['high'])})"
        return "{" + ", ".join(f"{key}: {in_a_line(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(in_a_line, value)) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _parts(data: Any, trail: Trail = ()) -> Iterator[tuple[str, Any]]:
    """Every part of a document by its path."""
    below: Iterator[tuple[str | int, Any]] = iter(())
    if isinstance(data, Mapping):
        below = ((key, part) for key, part in data.items() if trail or key != SECTION)
    elif isinstance(data, list | tuple):
        below = enumerate(data)
    for key, part in below:
        here = (*trail, key)
        yield show_trail(here), part
        yield from _parts(part, here)
