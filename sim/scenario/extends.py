"""``extends:`` — what several services share stands in one file; one level deep, and what is nearer wins."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from sim.errors import Problem, ScenarioError
from sim.scenario.document import Document, Trail, beside
from sim.scenario.text import read_file

_LAW_WORD = re.compile(r"mean|p[0-9]{1,2}(\.[0-9]+)?|likely")
_WHOLE: frozenset[Trail] = frozenset({("traffic", "profile")})


def extended(document: Document) -> Document:
    """The document laid over the one it extends; raises ScenarioError. Mappings merge, all else is replaced."""
    if "extends" not in document.data:
        return document
    written = document.data["extends"]
    if not isinstance(written, str) or not written.strip():
        raise ScenarioError([document.problem(("extends",), "write the path of a file, as shared/platform.yaml")])
    base = _base(document, beside(document, ("extends",), written))
    merged = _laid_over(base, document)
    del merged.data["extends"]
    return merged


def _base(document: Document, file: Path) -> Document:
    """The file that is extended, which must not extend another."""
    try:
        base = read_file(file, document.reach)
    except ScenarioError as error:
        raise ScenarioError([*document.problems, _pointed(document, error), *_of_content(error)]) from None
    if base.read_from == document.read_from or _same(file, document.file):
        raise ScenarioError([document.problem(("extends",), "the file extends itself: a cycle")])
    if "extends" in base.data:
        back = _same(file.parent / str(base.data["extends"]), document.file)
        message = "extends this file in turn: a cycle" if back else "itself extends a file"
        raise ScenarioError([document.problem(("extends",), f"{file} {message}; extends is one level deep")])
    return base


def _pointed(document: Document, error: ScenarioError) -> Problem:
    """The failure to read the shared file, told where it is named."""
    first = error.problems[0]
    message = f"{first.file} {first.message}" if not first.line else f"{first.file} has problems of its own"
    return document.problem(("extends",), message)


def _of_content(error: ScenarioError) -> list[Problem]:
    return [problem for problem in error.problems if problem.line]


def _same(one: Path, other: str) -> bool:
    """Whether two paths read alike; which file is meant is not asked of them."""
    return os.path.abspath(one) == os.path.abspath(other)


def _laid_over(base: Document, over: Document) -> Document:
    problems, lines = [*base.problems, *over.problems], base.lines | over.lines
    merged = Document(over.file, lines=lines, problems=problems, reach=over.reach, read_from=over.read_from)
    merged.data = _merged(base, over, (), merged)
    return merged


def _merged(base: Document, over: Document, trail: Trail, into: Document) -> dict[str, Any]:
    """Two mappings at one trail, key by key; places come along."""
    below, above = _at(base, trail), _at(over, trail)
    found: dict[str, Any] = {}
    for key in [*below, *(key for key in above if key not in below)]:
        here = (*trail, key)
        if key in below and key in above and _both_mappings(below[key], above[key], here):
            _take_place(over, here, into)
            found[key] = _merged(base, over, here, into)
        else:
            source = over if key in above else base
            _take(source, here, into)
            found[key] = (above if key in above else below)[key]
    return found


def _both_mappings(below: Any, above: Any, trail: Trail) -> bool:
    """Whether two values merge: mappings do, but for those that are one value (a law, a range, a profile, a kind)."""
    if not isinstance(below, dict) or not isinstance(above, dict) or trail in _WHOLE:
        return False
    if "kind" in above and above["kind"] != below.get("kind"):
        return False
    return not any(_LAW_WORD.fullmatch(str(key)) for key in [*below, *above])


def _at(document: Document, trail: Trail) -> dict[str, Any]:
    data = document.data
    for step in trail:
        data = data[step]
    return data  # type: ignore[no-any-return]


def _take_place(source: Document, trail: Trail, into: Document) -> None:
    for places, target in ((source.keys, into.keys), (source.values, into.values)):
        if trail in places:
            target[trail] = places[trail]


def _take(source: Document, trail: Trail, into: Document) -> None:
    """The places of everything at and below a trail."""
    size = len(trail)
    for places, target in ((source.keys, into.keys), (source.values, into.values)):
        target.update({here: place for here, place in places.items() if here[:size] == trail})
