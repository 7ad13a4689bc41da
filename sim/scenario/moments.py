"""Moments as files tell them: durations, seconds, or timestamps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sim import units


def read_moments(texts: Sequence[str]) -> list[int]:
    """Nanoseconds of each cell, since 1970 where they are timestamps; raises ValueError with the line of the file.

    >>> read_moments(["0.5", "250ms"]), read_moments(["1970-01-01T00:00:01"])
    ([500000000, 250000000], [1000000000])
    """
    return [_moment(text.strip(), line) for line, text in enumerate(texts, 2)]


def _moment(text: str, line: int) -> int:
    for read in (units.duration, _seconds, _timestamp):
        try:
            return read(text)
        except ValueError:
            continue
    raise ValueError(f"line {line} of the file: cannot read {text!r} as a duration, seconds or a timestamp")


def _seconds(text: str) -> int:
    return round(units.amount(text) * units.SECOND)


def _timestamp(text: str) -> int:
    moment = datetime.fromisoformat(text)
    since = moment - datetime(1970, 1, 1, tzinfo=moment.tzinfo)
    return (since.days * 86_400 + since.seconds) * units.SECOND + since.microseconds * 1000
