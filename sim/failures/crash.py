"""Processes die while they serve."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from sim.failures import Failure, Luck, Serving, span
from sim.laws import DurationLaw
from sim.quantities import Duration, default
from sim.steps import Edit, Effect


class Crash(Failure):
    """Crash: a pod's process dies after a while of serving, with every request in it, and is restarted with back-off.

    ``every`` is the law of the time from serving to the crash, drawn anew by each pod and each restart; an exponential
    law is a constant hazard.
    """

    kind: Literal["crash"] = "crash"
    example: ClassVar[dict[str, Any]] = {"kind": "crash", "every": {"kind": "exponential", "mean": "10m"}}

    every: DurationLaw = Field(description="time a pod serves until it crashes, drawn anew at each start")
    after: Duration = default(
        "0s",
        origin="crashes from the start",
        trust="medium",
        means="how long after the start of the new version, or of the condition, it begins",
    )
    lasts: Duration | None = Field(
        default=None, description="how long it goes on; to the end of the release if left out"
    )

    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """Each pod draws its own time."""
        start, end = span(self.after, self.lasts)
        return (Edit(effect=Effect.CRASH_AFTER, value=self.every, start=start, end=end),)

    def shows(self, share: float, serving: Serving) -> int:
        """When this share of the pods has died once."""
        return max(self.after, serving.since) + max(0, round(self.every.quantile(share)))
