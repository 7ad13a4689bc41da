"""A moment of the week, as ``--at`` names it: the time of a release."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from sim.errors import UsageError, shown
from sim.units import DAY, HOUR, MINUTE

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class NotMeasuredError(ValueError):
    """The data hold nothing of a moment that was asked for."""


@dataclass(frozen=True, slots=True)
class WeekMoment:
    """A time of day in a zone, on one weekday (0 is Monday) or, with None, on any."""

    weekday: int | None
    time: int  # ns since midnight
    zone: tzinfo = UTC

    def __str__(self) -> str:
        day = f"{DAYS[self.weekday]} " if self.weekday is not None else ""
        return f"{day}{self.time // HOUR:02d}:{self.time % HOUR // MINUTE:02d} {self.zone}"


def read_moment(text: str) -> WeekMoment:
    """From ``20:00``, ``Fri 20:00`` or ``Fri 20:00 Europe/Berlin``; raises UsageError.

    >>> print(read_moment("fri 20:00 Europe/Berlin"))
    Fri 20:00 Europe/Berlin
    """
    found = re.fullmatch(
        r"(?:(?P<day>[A-Za-z]{3})[a-z]* +)?(?P<hour>\d{1,2}):(?P<minute>\d\d)(?: +(?P<zone>\S+))?", text.strip()
    )
    days = [day.lower() for day in DAYS]
    if (
        not found
        or (found["day"] and found["day"].lower() not in days)
        or int(found["hour"]) > 23
        or int(found["minute"]) > 59
    ):
        raise UsageError(
            f"--at {shown(text)!r}: write a time of day, as 20:00, 'Fri 20:00' or 'Fri 20:00 Europe/Berlin'"
        )
    zone: tzinfo = UTC
    if found["zone"] and found["zone"].upper() not in ("UTC", "Z"):
        try:
            zone = ZoneInfo(found["zone"])
        except (KeyError, ValueError, OSError):
            raise UsageError(
                f"--at {shown(text)!r}: no time zone {shown(found['zone'])!r}; write one as Europe/Berlin"
            ) from None
    weekday = days.index(found["day"].lower()) if found["day"] else None
    return WeekMoment(weekday, int(found["hour"]) * HOUR + int(found["minute"]) * MINUTE, zone)


def in_week(at: int, zone: tzinfo) -> tuple[int, int, int]:
    """The day (since 1970), weekday and ns since midnight of a moment, ns since 1970, in a zone.

    >>> in_week(0, UTC)
    (0, 3, 0)
    """
    local = datetime.fromtimestamp(at // 10**9, tz=zone)
    offset = local.utcoffset()
    assert offset is not None
    shifted = at + round(offset.total_seconds()) * 10**9
    return shifted // DAY, local.weekday(), shifted % DAY
