"""The work takes longer."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from sim.failures import Failure, Luck, span
from sim.laws import NumberLaw
from sim.quantities import Duration, default
from sim.steps import Edit, Effect


class Latency(Failure):
    """Latency: every request's work takes a factor longer, so pods carry less and queues grow."""

    kind: Literal["latency"] = "latency"
    example: ClassVar[dict[str, Any]] = {"kind": "latency", "factor": 3}

    factor: NumberLaw = Field(description="how many times as long a request needs")
    streams: tuple[str, ...] = Field(default=(), description="names of the streams it hits; all of them if left out")
    after: Duration = default(
        "0s",
        origin="slow from the first request",
        trust="medium",
        means="how long after the start of the new version, or of the condition, it begins",
    )
    lasts: Duration | None = Field(
        default=None, description="how long it goes on; to the end of the release if left out"
    )

    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """The factor is drawn once per replication."""
        start, end = span(self.after, self.lasts)
        factor = self.factor.quantile(luck(0))
        return (Edit(effect=Effect.SERVICE_FACTOR, value=factor, streams=self.streams, start=start, end=end),)
