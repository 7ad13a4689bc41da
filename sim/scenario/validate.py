"""From a document to a sound ``Written``, or every problem of the file at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from sim.errors import Problem, ScenarioError
from sim.laws import Law
from sim.scenario.check import breaches
from sim.scenario.counts import take_counts
from sim.scenario.document import Document, Trail, with_part
from sim.scenario.faults import faults_of, problems_of, unknown_section
from sim.scenario.guesses import unfound
from sim.scenario.mending import mend
from sim.scenario.model.written import Written
from sim.scenario.ranges import Range, take_ranges
from sim.scenario.recordings import take_recordings


def validated(document: Document) -> tuple[Written, list[Range]]:
    """The scenario as written with the likely value of each range, and the ranges; raises ScenarioError.

    The document's data is replaced by what was read: ranges by their likely value, a file of counts by its figures.
    """
    ranges, problems = take_ranges(document)
    problems += take_counts(document)
    problems += take_recordings(document)
    problems += unfound(document)
    broken = {document_part(problem.path) for problem in problems}
    written, faults, unread = _read_sections(document)
    problems += faults
    sound = frozenset(Written.model_fields) - broken - unread
    problems += [document.problem(trail, message) for trail, message in breaches(written, sound)]
    problems = [*document.problems, *(each for each in problems if not _follows(each, document.problems))]
    if not problems:
        problems = [problem for each in ranges for problem in _faults_of_range(document, each, written)]
    if problems:
        raise ScenarioError(sorted(problems, key=lambda problem: (problem.file, problem.line, problem.column)))
    return written, ranges


def _follows(problem: Problem, told: Sequence[Problem]) -> bool:
    """Whether a problem stands where the text itself could not be read, and says only that nothing is there."""
    return any((problem.file, problem.line, problem.column) == (first.file, first.line, first.column) for first in told)


def document_part(path: str) -> str:
    """The section a path lies in.

    >>> document_part("strategies.canary.steps[0]")
    'strategies'
    """
    return path.split(".", maxsplit=1)[0].split("[", maxsplit=1)[0]


def _read_sections(document: Document) -> tuple[Written, list[Problem], set[str]]:
    """Each section read by itself, so that a fault in one hides none in another; and those that stay unread."""
    written = Written.model_construct()  # type: ignore[call-arg]
    problems: list[Problem] = []
    unread: set[str] = set()
    for name, field in Written.model_fields.items():
        if name in document.data or field.is_required():
            try:
                _read_section(written, name, document.data)
            except ValidationError as error:
                problems += problems_of(error, document)
                if not mend(written, name, document.data.get(name), faults_of(error, document)):
                    unread.add(name)
    problems += [unknown_section(name, document) for name in document.data if name not in Written.model_fields]
    return written, problems, unread


def _read_section(written: Written, name: str, data: dict[str, Any]) -> None:
    if name in data:
        Written.__pydantic_validator__.validate_assignment(written, name, data[name])
    else:
        missing = {"type": "missing", "loc": (name,), "input": data}
        raise ValidationError.from_exception_data("scenario", [missing])  # type: ignore[list-item]


def _faults_of_range(document: Document, ranged: Range, likely: Written) -> list[Problem]:
    """What is wrong with the ends of a range: each must do as a value, and they must be in order."""
    values = [value_at(likely, ranged.trail)]
    for corner, place in (("low", 0), ("high", 2)):
        moved = Document(document.file, with_part(document.data, ranged.trail, getattr(ranged, corner)))
        written, faults, _ = _read_sections(moved)
        if faults:
            return [document.problem(ranged.trail, f"{corner}: {faults[0].message}")]
        values.insert(place, value_at(written, ranged.trail))
    sizes = [_size(value) for value in values]
    if None not in sizes and sizes != sorted(sizes):  # type: ignore[type-var]
        found = f"{ranged.low}, {ranged.likely}, {ranged.high}"
        return [document.problem(ranged.trail, f"found low, likely, high = {found}; they must not fall")]
    return []


def value_at(written: Any, trail: Trail) -> Any:
    """The value read from a place; None where the model keeps it otherwise."""
    for step in trail:
        if isinstance(written, BaseModel):
            inner = getattr(written, getattr(written, "inlined", ""), None)
            extra = written.__pydantic_extra__ or {}
            written = getattr(written, str(step), extra.get(str(step), getattr(inner, str(step), None)))
        elif isinstance(written, dict):
            written = written.get(step)
        elif isinstance(written, list | tuple) and isinstance(step, int):
            written = written[step]
        else:
            return None
    return written


def _size(value: Any) -> float | None:
    """What to order by; None for what has no order."""
    if isinstance(value, Law):
        return value.mean()
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
