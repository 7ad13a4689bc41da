"""A traffic profile from a file of counts: ``profile: {file: counts.csv, column: requests, every: 5m}``."""

from __future__ import annotations

import csv
import itertools
from datetime import datetime
from pathlib import Path
from typing import Any

from sim import units
from sim.errors import Problem
from sim.scenario.document import Document, Trail, with_part
from sim.scenario.model.parts import nearest
from sim.scenario.model.traffic import Profile

MOST_ROWS = 20_000
_PROFILE: Trail = ("traffic", "profile")
_KEYS = ("file", "column", "at", "every")


class _CountsError(ValueError):
    """What is wrong, and at which key."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


def take_counts(document: Document) -> list[Problem]:
    """Put the figures of a file in the place of a profile that names one; gives what is wrong with it."""
    traffic = document.data.get("traffic")
    written = traffic.get("profile") if isinstance(traffic, dict) else None
    if not isinstance(written, dict) or "file" not in written:
        return []
    try:
        profile = _read(written, Path(document.place((*_PROFILE, "file")).file).parent)
    except _CountsError as fault:
        document.data = with_part(document.data, _PROFILE, {"0m": "100%"})
        return [document.problem((*_PROFILE, fault.key), str(fault))]
    document.data = with_part(document.data, _PROFILE, profile.written())
    return []


def _read(written: dict[str, Any], folder: Path) -> Profile:
    """The profile: each interval's count as a share of the largest, at the interval's middle."""
    unknown = [key for key in written if key not in _KEYS]
    if unknown:
        raise _CountsError(unknown[0], f"unknown key{nearest(unknown[0], _KEYS)}; allowed: {', '.join(_KEYS)}")
    if "column" not in written:
        raise _CountsError("file", "does not say which column holds the counts; write column: …")
    rows = _rows(folder / str(written["file"]))
    counts = [_count(row, number) for number, row in enumerate(_column(rows, written, "column"), 2)]
    times = _times(_column(rows, written, "at")) if "at" in written else _grid(written, len(counts))
    most = max(counts)
    if most <= 0:
        raise _CountsError("column", "holds no count above 0")
    return Profile(tuple((when, count / most) for when, count in zip(times, counts, strict=True)))


def _rows(file: Path) -> list[dict[str, str]]:
    try:
        with file.open(newline="", encoding="utf-8-sig") as stream:
            rows = [row for row, _ in zip(csv.DictReader(stream), range(MOST_ROWS + 1), strict=False)]
    except (OSError, ValueError, csv.Error) as error:
        raise _CountsError("file", f"{file} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if not 0 < len(rows) <= MOST_ROWS:
        raise _CountsError("file", f"{file} has {len(rows) or 'no'} rows of figures; allowed: 1 to {MOST_ROWS:,}")
    return rows


def _column(rows: list[dict[str, str]], written: dict[str, Any], key: str) -> list[str]:
    name = str(written[key])
    names = [str(each) for each in rows[0]]
    if name not in names:
        raise _CountsError(key, f"the file has no column {name!r}; it has {', '.join(names)}{nearest(name, names)}")
    return [row[name] or "" for row in rows]


def _count(text: str, line: int) -> float:
    try:
        return units.amount(text.strip())
    except ValueError as error:
        raise _CountsError("column", f"line {line} of the file: {error}") from None


def _grid(written: dict[str, Any], length: int) -> list[int]:
    try:
        every = units.duration(written.get("every"))
    except ValueError as error:
        raise _CountsError("every", f"{error}; or name a column of times as at: …") from None
    if every <= 0:
        raise _CountsError("every", "must be longer than 0")
    return [place * every + every // 2 for place in range(length)]


def _times(texts: list[str]) -> list[int]:
    """Nanoseconds since the first row, from durations, seconds or timestamps."""
    moments = [_moment(text.strip(), line) for line, text in enumerate(texts, 2)]
    times = [moment - moments[0] for moment in moments]
    if any(later <= earlier for earlier, later in itertools.pairwise(times)):
        raise _CountsError("at", "the times in the file do not grow from row to row")
    return times


def _moment(text: str, line: int) -> int:
    for read in (units.duration, lambda text: round(units.amount(text) * units.SECOND), _timestamp):
        try:
            return read(text)
        except ValueError:
            continue
    raise _CountsError("at", f"line {line} of the file: cannot read {text!r} as a duration, seconds or a timestamp")


def _timestamp(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return round((moment - datetime(1970, 1, 1, tzinfo=moment.tzinfo)).total_seconds() * units.SECOND)
