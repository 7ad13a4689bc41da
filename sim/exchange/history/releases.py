"""A list of past releases: CSV with a line of column names, or JSON as trackers of deployments export it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import Problem, ScenarioError, shown
from sim.exchange.history.cells import CellError, Lasted, count_in, lasted, new_versions_errors
from sim.exchange.history.words import (
    BAD,
    COLUMNS,
    GATE,
    GOOD,
    NO_RELEASE,
    columns_in,
    squeezed,
)
from sim.named_files import ANYWHERE, UnreadableError
from sim.scenario.csv_rows import csv_rows
from sim.scenario.moments import read_moments

LARGEST_FILE = 16_000_000
"""Bytes."""
MOST_PROBLEMS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One release that went out. What is not known is None, or an empty word."""

    line: int
    bad: bool
    at: int | None = None  # ns since 1970
    cause: str = ""
    by_gate: bool | None = None  # whether a machine stopped it, else a person did
    detected: Lasted | None = None
    mitigated: Lasted | None = None
    error_ratio: float | None = None  # of the new version's requests, at its peak
    failed_requests: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All releases of a list, and what of it was not used."""

    file: str
    releases: tuple[Past, ...]
    never_out: int = 0  # rows that were cancelled, skipped or are not over
    unused: tuple[str, ...] = ()  # columns that are not known

    @property
    def bad(self) -> tuple[Past, ...]:
        """Those that went wrong."""
        return tuple(each for each in self.releases if each.bad)


def read_history(file: str | Path, content: bytes | None = None) -> History:
    """The releases in a file, or in what was read of it; raises ScenarioError with every fault, each with its line."""
    try:
        if content is None:
            content = ANYWHERE.read(file, LARGEST_FILE).data
        begins = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
        rows = list(_json_rows(content) if begins in (b"[", b"{") else csv_rows(content, _all_names()))
    except (OSError, UnreadableError) as error:
        told = getattr(error, "strerror", None) or str(error)
        raise ScenarioError([_problem(str(file), 0, "", told)]) from None
    return history(str(file), rows)


def history(file: str, rows: Sequence[tuple[int, Sequence[str]]]) -> History:
    """The releases in lines of cells, the names of the columns first; raises ScenarioError."""
    if not rows:
        raise ScenarioError([_problem(file, 0, "", "is empty; write a line of column names and a row per release")])
    header = list(rows[0][1])
    places = columns_in(header)
    if "result" not in places:
        names = ", ".join(shown(cell) for cell in header[:12])
        wanted = f"has no column 'result' (good or bad); its columns: {names}; known: {', '.join(COLUMNS)}"
        raise ScenarioError([_problem(file, rows[0][0], "", wanted)])
    found: list[Past] = []
    problems: list[Problem] = []
    never_out = 0
    moments = _moments(file, rows[1:], places, problems)
    for (line, cells), at in zip(rows[1:], moments, strict=True):
        try:
            row = {name: cells[place].strip() if place < len(cells) else "" for name, place in places.items()}
            past = _past(line, row, at)
        except CellError as fault:
            problems.append(_problem(file, line, fault.column, str(fault)))
            continue
        if past is None:
            never_out += 1
        else:
            found.append(past)
    if problems:
        raise ScenarioError(problems[:MOST_PROBLEMS])
    if not found:
        raise ScenarioError([_problem(file, 0, "", "has no release that is over, so nothing can be learnt from it")])
    unused = tuple(cell for place, cell in enumerate(header) if place not in places.values() and cell)
    return History(file=file, releases=tuple(found), never_out=never_out, unused=unused)


def _past(line: int, row: dict[str, str], at: int | None) -> Past | None:
    word = squeezed(row["result"])
    if word in NO_RELEASE:
        return None
    if word not in GOOD | BAD:
        raise CellError(
            "result", f"{shown(row['result'][:40])!r} is neither good nor bad; write good, bad or cancelled"
        )
    if word in GOOD:
        return Past(line=line, bad=False, at=at)
    detected, mitigated = (lasted(row, name) for name in ("minutes_to_detect", "minutes_to_mitigate"))
    if detected and mitigated and not mitigated.open and mitigated.minutes < detected.minutes:
        told = f"{mitigated.minutes:g} is before it was detected ({detected.minutes:g}); both count from the release"
        raise CellError("minutes_to_mitigate", told)
    who = set(re.findall(r"[a-z]+", (row.get("stopped_by", "") or row.get("detected_by", "")).lower()))
    return Past(
        line=line,
        bad=True,
        at=at,
        cause=row.get("cause", "").lower(),
        by_gate=None if not who else bool(who & GATE),
        detected=detected,
        mitigated=mitigated,
        error_ratio=new_versions_errors(row),
        failed_requests=count_in(row, "failed_requests"),
    )


def _moments(
    file: str, rows: Sequence[tuple[int, Sequence[str]]], places: dict[str, int], problems: list[Problem]
) -> list[int | None]:
    """When each went out; None where no time stands."""
    place = places.get("time")
    if place is None:
        return [None] * len(rows)
    told = [(number, line, cells[place]) for number, (line, cells) in enumerate(rows) if _is_told(cells, place)]
    found: list[int | None] = [None] * len(rows)
    try:
        read = read_moments([text for _, _, text in told], [line for _, line, _ in told])
    except ValueError as error:
        problems.append(_problem(file, 0, "time", str(error)))
        return found
    for (number, _, _), at in zip(told, read.times, strict=True):
        found[number] = at
    return found


def _is_told(cells: Sequence[str], place: int) -> bool:
    return place < len(cells) and bool(cells[place].strip())


def _json_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """A list of flat objects as rows: GitHub's deployment statuses, an export of incidents."""
    try:
        found: Any = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise UnreadableError("is not JSON that can be read; export a list of objects, one per release") from None
    listed = next((part for part in (found, *_lists(found)) if isinstance(part, list)), None)
    if not listed or not all(isinstance(each, dict) for each in listed):
        raise UnreadableError("holds no list of objects; export a list of objects, one per release")
    names = list(dict.fromkeys(name for each in listed for name in each if isinstance(name, str)))
    yield 1, names
    for number, each in enumerate(listed, start=1):
        yield number, [_cell(each.get(name)) for name in names]


def _lists(found: Any) -> Iterator[Any]:
    if isinstance(found, dict):
        yield from (part for part in found.values() if isinstance(part, list))


def _cell(value: Any) -> str:
    return "" if value is None or isinstance(value, dict | list) else str(value)


def _all_names() -> list[str]:
    return [name for name, others in COLUMNS.items() for name in (name, *others)]


def _problem(file: str, line: int, column: str, message: str) -> Problem:
    return Problem(file=file, line=line, column=1, path=column, message=message, excerpt="")
