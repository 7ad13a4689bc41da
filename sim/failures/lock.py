"""A lock that everything waits for."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from sim.failures import Failure, Luck, span
from sim.laws import DurationLaw
from sim.quantities import Duration, default
from sim.steps import Edit, Effect
from sim.versions import NEW, STABLE


class Lock(Failure):
    """Lock: no request begins its work while it is held (a migration's table lock), whichever version runs.

    Requests hold their slots meanwhile: queues fill, clients time out, and what is left is worked off afterwards. What
    was at work already goes on. A ``lock_timeout`` of the database is the longest it lasts.
    """

    kind: Literal["lock"] = "lock"
    example: ClassVar[dict[str, Any]] = {"kind": "lock", "lasts": "15s"}

    lasts: DurationLaw = Field(description="how long it goes on; to the end of the release if left out")
    streams: tuple[str, ...] = Field(default=(), description="names of the streams it hits; all of them if left out")
    after: Duration = default(
        "0s",
        origin="held from its moment on",
        trust="medium",
        means="how long after the start of the new version, or of the condition, it begins",
    )

    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """The length is drawn once per replication; it is held on both versions."""
        start, end = span(self.after, max(1, round(self.lasts.quantile(luck(0)))))
        return tuple(
            Edit(effect=Effect.LOCK, value=1.0, version=version, streams=self.streams, start=start, end=end)
            for version in (STABLE, NEW)
        )
