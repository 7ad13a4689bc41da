"""More requests come than usual."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, field_validator

from sim.allowed import FACTOR_UP
from sim.failures import Failure, Luck, span
from sim.quantities import Duration, default
from sim.steps import Edit, Effect

SHORTEST = 10**6
"""Of a rise or a fall, ns: a rate that jumps has no slope."""


class Surge(Failure):
    """Surge: for a while more requests come than usual, ``factor`` times as many; a condition only, never a defect.

    What is more comes as requests of its own beside those that come anyway, each of which keeps its arrival, its user
    and its luck. Counted, judged and hurt they are as those of the stream they swell. Within ``rises`` the surge grows
    to its height, stays there for ``lasts`` and is gone ``falls`` later; it follows the profile. ``streams`` left out
    means all that have a peak; a closed loop and a recording have none.
    """

    kind: Literal["surge"] = "surge"
    example: ClassVar[dict[str, Any]] = {"kind": "surge", "factor": 1.8, "lasts": "10m"}
    condition_only: ClassVar[bool] = True

    factor: Annotated[
        float,
        Field(gt=1, description="requests at its height over those that come anyway"),
        FACTOR_UP,
    ]
    lasts: Duration = Field(description="at its height")
    streams: tuple[str, ...] = Field(default=(), description="names of the streams it hits; all of them if left out")
    rises: Duration = default(
        "1m", origin="a surge comes within a minute", trust="low", means="time until the surge is at its height"
    )
    falls: Duration = default(
        "1m", origin="a surge goes within a minute", trust="low", means="time until the surge is gone"
    )

    @field_validator("rises", "falls")
    @classmethod
    def _takes_time(cls, length: int) -> int:
        if length < SHORTEST:
            raise ValueError("must be at least 1ms; a rate has no jumps")
        return length

    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """No column changes; the edit says when more requests come."""
        start, end = span(0, self.rises + self.lasts + self.falls)
        return (Edit(effect=Effect.SURGE, value=self.factor, streams=self.streams, start=start, end=end),)

    def swells(self, stream: str, *, has_peak: bool) -> bool:
        """Whether it swells a stream: those it names, or all that have a peak.

        >>> surge = {"factor": 2, "lasts": "1m"}
        >>> Surge(**surge).swells("web", has_peak=True), Surge(**surge, streams=("pay",)).swells("web", has_peak=True)
        (True, False)
        """
        return stream in self.streams if self.streams else has_peak

    def shape(self) -> tuple[tuple[int, float], ...]:
        """What comes more, as a share of what comes anyway: (ns from the beginning, share), straight in between.

        >>> Surge(factor=3, lasts="10m", rises="1m", falls="2m").shape()
        ((0, 0.0), (60000000000, 2.0), (660000000000, 2.0), (780000000000, 0.0))
        """
        more, high = self.factor - 1.0, self.rises + self.lasts
        points = {0: 0.0, self.rises: more, high: more, high + self.falls: 0.0}
        return tuple(points.items())
