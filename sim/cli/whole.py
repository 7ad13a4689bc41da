"""How far a whole batch is, and what those of its studies that have ended tell of those to come."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.units import SECOND, show_duration

if TYPE_CHECKING:
    from sim.study.collect import Progress

Left = tuple[float, float]
"""Seconds: at least about so many, at most about so many."""


@dataclass(slots=True)
class Whole:
    """All studies of a command."""

    studies: int
    took: list[float] = field(default_factory=list)  # seconds of each that has ended
    played: int = 0  # replications of those
    began: float = field(default_factory=time.monotonic)

    def note(self, seconds: float, last: Progress | None) -> None:
        """A study has ended."""
        self.took.append(seconds)
        self.played += last.played if last else 0

    def done(self, now: Progress) -> float:
        """Studies done, the present one by its share of what is wanted of it so far."""
        return len(self.took) + min(1.0, (now.played + now.reused) / max(1, now.wanted))

    def per_second(self, now: Progress) -> float:
        """Replications per second of the whole batch."""
        seconds = time.monotonic() - self.began
        return (self.played + now.played) / seconds if seconds > 0 else 0.0

    def left(self, of_study: Left | None) -> Left | None:
        """Until all have ended, if those to come take between the least and the most that one has taken.

        None before one has ended: nobody can know.

        >>> Whole(studies=3, took=[10.0]).left((2.0, 5.0)), Whole(studies=3).left((2.0, 5.0))
        ((12.0, 15.0), None)
        >>> Whole(studies=4, took=[10.0, 30.0]).left((2.0, 5.0))
        (12.0, 35.0)
        """
        to_come = self.studies - len(self.took) - 1
        if of_study is None or (to_come > 0 and not self.took):
            return None
        least, most = (min(self.took), max(self.took)) if to_come > 0 else (0.0, 0.0)
        return of_study[0] + to_come * least, of_study[1] + to_come * most

    def told(self, now: Progress, of_study: Left | None) -> dict[str, Any]:
        """As plain data."""
        left = self.left(of_study)
        return {
            "ended": len(self.took),
            "of": self.studies,
            "played": self.played + now.played,
            "per_second": round(self.per_second(now), 3),
            "seconds_left": None if left is None else [round(each, 1) for each in left],
        }

    def words(self, now: Progress, of_study: Left | None) -> str:
        """In words: replications, pace, time left."""
        left, pace = self.left(of_study), self.per_second(now)
        parts = [f"{self.played + now.played:,} played"]
        parts += [f"{pace:.3g}/s"] if pace > 0 else []
        parts += [f"{spans(left)} left"] if left is not None else []
        return ", ".join(parts)


def spans(left: Left) -> str:
    """A range of times.

    >>> spans((61.0, 3000.0)), spans((2.1, 2.2))
    ('1m1s to 50m', '2s')
    """
    soon, late = (show_duration(each * SECOND, nearest=SECOND) for each in left)
    return soon if soon == late else f"{soon} to {late}"
