"""Moments as files tell them: durations and seconds from a start, or timestamps as logs and tools write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from sim import units
from sim.scenario.masked import masked

_UNITS = (("seconds", 10**9), ("milliseconds", 10**6), ("microseconds", 10**3), ("nanoseconds", 1))
_EARLIEST, _LATEST = 315_532_800, 7_258_118_400
"""1980 and 2200, in seconds since 1970: what lies between, in one of the units, is that unit."""
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ACCESS_LOG = re.compile(r"\[?(\d{1,2})/([A-Za-z]{3})/(\d{4}):(\d\d):(\d\d):(\d\d)(?: ([+-])(\d\d):?(\d\d))?\]?")
_ERROR_LOG = re.compile(r"\[?(\d{4})/(\d\d)/(\d\d)( |T)(.*?)\]?")
_DAY_FIRST = re.compile(r"\d{1,2}[./]\d{1,2}[./]\d{4}\b.*")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WRITE = "write seconds, milliseconds since 1970, durations as 250ms, or timestamps as 2025-03-01T12:00:00Z"


@dataclass(frozen=True, slots=True)
class Moments:
    """Nanoseconds of each cell, and what its column was read as, for the reader to see."""

    times: list[int]
    read_as: str


def read_moments(texts: Sequence[str], lines: Sequence[int] | None = None) -> Moments:
    """All cells of a column in one form: since 1970 where they are timestamps. ``lines`` are those of the file.

    >>> read_moments(["0.5", "250ms"])
    Moments(times=[500000000, 250000000], read_as='seconds from the start')
    >>> read_moments(["1700000000000"]).read_as, read_moments(["1970-01-01T00:00:01Z"]).times
    ('milliseconds since 1970', [1000000000])

    Raises ValueError with the line of the file, also where cells are in different forms.
    """
    times, first = [], ""
    for place, text in enumerate(texts):
        line = lines[place] if lines else place + 2
        try:
            moment, form = _moment(text.strip())
        except ValueError as error:
            raise ValueError(f"line {line} of the file: {error}") from None
        if form != (first := first or form):
            raise ValueError(f"line {line} of the file: {masked(text)} is in {form}, the lines before are in {first}")
        times.append(moment)
    return Moments(times, first)


def _moment(text: str) -> tuple[int, str]:
    for read in (_number, _duration, _access_log, _timestamp):
        found = read(text)
        if found is not None:
            return found
    hint = WRITE
    if _DAY_FIRST.fullmatch(text):
        hint = f"it may mean day or month first; {WRITE}"
    elif re.fullmatch(r"\d+,\d+", text):
        hint = "write a decimal point, as 12.5"
    raise ValueError(f"cannot read {masked(text) if text else 'an empty cell'} as a time; {hint}")


def _number(text: str) -> tuple[int, str] | None:
    if not re.fullmatch(r"[+-]?\d+(\.\d*)?([eE][+]?\d+)?", text):
        return None
    whole, _, rest = text.partition(".")
    exact = rest.strip("0") == "" and "e" not in text.lower()
    value: int | float = int(whole) if exact else float(text)
    if value < 0:
        raise ValueError(f"{masked(text)} is below 0")
    for name, size in _UNITS:
        per_second = 10**9 // size
        if _EARLIEST * per_second <= value <= _LATEST * per_second:
            return _rounded(value, size), f"{name} since 1970"
    if value >= _EARLIEST:
        raise ValueError(
            f"{masked(text)} is no time between 1980 and 2200, neither in seconds nor in milli-, micro- or nanoseconds "
            "since 1970"
        )
    return _rounded(value, units.SECOND), "seconds from the start"


def _rounded(value: float, size: int) -> int:
    return value * size if isinstance(value, int) else round(value * size)


def _duration(text: str) -> tuple[int, str] | None:
    try:
        return (units.duration(text), "seconds from the start") if text else None
    except ValueError:
        return None


def _access_log(text: str) -> tuple[int, str] | None:
    found = _ACCESS_LOG.fullmatch(text)
    if not found or found[2].lower() not in _MONTHS:
        return None
    sign = -1 if found[7] == "-" else 1
    zone = timezone(sign * timedelta(hours=int(found[8]), minutes=int(found[9]))) if found[7] else UTC
    month = _MONTHS.index(found[2].lower()) + 1
    hour, minute, second = int(found[4]), int(found[5]), int(found[6])
    try:
        moment = datetime(int(found[3]), month, int(found[1]), hour, minute, second, tzinfo=zone)
    except ValueError:
        return None
    return _since_1970(moment), "timestamps of an access log" + ("" if found[7] else ", taken as UTC")


def _timestamp(text: str) -> tuple[int, str] | None:
    named_utc = re.sub(r" ?(UTC|GMT)$", "+00:00", _ERROR_LOG.sub(r"\1-\2-\3\4\5", text))
    try:
        moment = datetime.fromisoformat(named_utc)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return _since_1970(moment.replace(tzinfo=UTC)), "timestamps without a time zone, taken as UTC"
    return _since_1970(moment), "timestamps with their time zone"


def _since_1970(moment: datetime) -> int:
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * units.SECOND + since.microseconds * 1000
