"""A traffic profile from a file of counts: ``profile: {file: counts.csv, column: requests, every: 5m}``."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from sim import units
from sim.errors import Problem
from sim.scenario.document import Document, Trail, with_part
from sim.scenario.model.parts import nearest
from sim.scenario.model.traffic import Profile
from sim.scenario.moments import read_moments
from sim.scenario.sheets import NoColumnError, read_columns

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
    asked: dict[str, str] = {key: str(written[key]) for key in ("column", "at") if key in written}
    columns = _columns(folder / str(written["file"]), asked)
    counts = [_count(text, number) for number, text in enumerate(columns[asked["column"]], 2)]
    times = _times(columns[asked["at"]]) if "at" in asked else _grid(written, len(counts))
    most = max(counts)
    if most <= 0:
        raise _CountsError("column", "holds no count above 0")
    return Profile(tuple((when, count / most) for when, count in zip(times, counts, strict=True)))


def _columns(file: Path, asked: dict[str, str]) -> dict[str, list[str]]:
    try:
        return read_columns(file, list(asked.values()), MOST_ROWS)
    except NoColumnError as missing:
        key = next(key for key, each in asked.items() if each == missing.name)
        raise _CountsError(key, str(missing)) from None
    except ValueError as error:
        raise _CountsError("file", str(error)) from None


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
    """Nanoseconds since the first row."""
    try:
        moments = read_moments(texts)
    except ValueError as error:
        raise _CountsError("at", str(error)) from None
    times = [moment - moments[0] for moment in moments]
    if any(later <= earlier for earlier, later in itertools.pairwise(times)):
        raise _CountsError("at", "the times in the file do not grow from row to row")
    return times
