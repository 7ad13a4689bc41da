"""A traffic profile from a file of counts: ``profile: {file: counts.csv, column: requests, every: 5m}``."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim import units
from sim.errors import Problem
from sim.named_files import Reach
from sim.scenario.document import Document, Trail, beside, with_part
from sim.scenario.masked import masked
from sim.scenario.model.parts import nearest
from sim.scenario.model.traffic import Profile
from sim.scenario.moments import Moments, read_moments
from sim.scenario.row_kinds import several_kinds
from sim.scenario.sheets import NoColumnError, Sheet, read_sheet
from sim.scenario.where import read_where

MOST_ROWS = 20_000
_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?")
_PROFILE: Trail = ("traffic", "profile")
_KEYS = ("file", "column", "at", "every", "where")


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
        profile, read_as = _read(written, beside(document, (*_PROFILE, "file"), str(written["file"])), document.reach)
    except _CountsError as fault:
        document.data = with_part(document.data, _PROFILE, {"0m": "100%"})
        return [document.problem((*_PROFILE, fault.key), str(fault))]
    document.data = with_part(document.data, _PROFILE, profile.written())
    covers = units.show_duration(profile.points[-1][0], units.SECOND)
    document.readings[_PROFILE] = f"{read_as}; the profile covers {covers}"
    return []


def _read(written: dict[str, Any], file: Path, reach: Reach) -> tuple[Profile, str]:
    """The profile: each interval's count as a share of the largest, at the interval's middle; and how it was read."""
    unknown = [key for key in written if key not in _KEYS]
    if unknown:
        raise _CountsError(unknown[0], f"unknown key{nearest(unknown[0], _KEYS)}; allowed: {', '.join(_KEYS)}")
    if "column" not in written:
        raise _CountsError("file", "does not say which column holds the counts; write column: …")
    asked: dict[str, str] = {key: str(written[key]) for key in ("column", "at") if key in written}
    sheet = _sheet(written, file, reach, asked)
    if "at" in asked:
        moments = _moments(sheet, asked["at"])
        _one_row_each(sheet, moments)
        times = [moment - moments.times[0] for moment in moments.times]
        read_as = f"timestamps of {written['file']} read as {moments.read_as}"
    else:
        times, read_as = _grid(written, len(sheet.lines)), f"{len(sheet.lines):,} rows of {written['file']} read"
        _no_kinds(sheet, range(len(sheet.lines)))
    texts = sheet.columns[asked["column"]]
    counts = [_count(text, line) for text, line in zip(texts, sheet.lines, strict=True)]
    most = max(counts)
    if most <= 0:
        raise _CountsError("column", "holds no count above 0")
    return Profile(tuple((when, count / most) for when, count in zip(times, counts, strict=True))), read_as


def _sheet(written: dict[str, Any], file: Path, reach: Reach, asked: dict[str, str]) -> Sheet:
    key = "where"
    try:
        where = read_where(written)
        key = "file"
        return read_sheet(file, reach, list(asked.values()), MOST_ROWS, where)
    except NoColumnError as missing:
        key = next((key for key, each in asked.items() if each == missing.name), "where")
        raise _CountsError(key, str(missing)) from None
    except ValueError as error:
        raise _CountsError(key, str(error)) from None


def _count(text: str, line: int) -> float:
    try:
        count = float(text) if _NUMBER.fullmatch(text.strip()) else units.amount(text.strip())
    except ValueError:
        hint = "write a decimal point and no thousands, as 1200.5" if "," in text else "write a number, 0 or more"
        what = masked(text) if text.strip() else "an empty cell"
        raise _CountsError("column", f"line {line} of the file: cannot read {what} as a count; {hint}") from None
    if count < 0 or not math.isfinite(count):
        raise _CountsError("column", f"line {line} of the file: {masked(text)} is no count; write a number, 0 or more")
    return count


def _grid(written: dict[str, Any], length: int) -> list[int]:
    try:
        every = units.duration(written.get("every"))
    except ValueError as error:
        raise _CountsError("every", f"{error}; or name a column of times as at: …") from None
    if every <= 0:
        raise _CountsError("every", "must be longer than 0")
    return [place * every + every // 2 for place in range(length)]


def _moments(sheet: Sheet, column: str) -> Moments:
    """The times of all rows."""
    try:
        return read_moments(sheet.columns[column], sheet.lines)
    except ValueError as error:
        raise _CountsError("at", str(error)) from None


def _one_row_each(sheet: Sheet, moments: Moments) -> None:
    """A profile has one row at a time, each later than the one before."""
    _no_kinds(sheet, moments.times)
    for place, (earlier, later) in enumerate(itertools.pairwise(moments.times), 1):
        line = sheet.lines[place]
        if later == earlier:
            raise _CountsError(
                "at",
                f"line {line} of the file: the time of the row before comes again; write one row per time: add up the "
                "counts of one time, or choose rows with where: {column: cell}",
            )
        if later < earlier:
            local = "without a time zone" in moments.read_as
            why = "; where clocks were set back, export the times in UTC" if local else "; sort the rows by time"
            raise _CountsError("at", f"line {line} of the file: the time is before that of the row before{why}")


def _no_kinds(sheet: Sheet, times: Sequence[int]) -> None:
    mixed = several_kinds(sheet.others, times)
    if mixed:
        raise _CountsError("file", mixed)
