"""The work takes longer."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from sim.failures import Failure, Luck, span
from sim.laws import NumberLaw
from sim.quantities import Duration, default
from sim.steps import Edit, Effect


class Latency(Failure):
    """Latency: every request's work takes a factor longer, so pods carry less and queues grow."""

    kind: Literal["latency"] = "latency"
    example: ClassVar[dict[str, Any]] = {"kind": "latency", "factor": 3}

    factor: NumberLaw
    streams: tuple[str, ...] = ()
    after: Duration = default("0s", origin="slow from the first request", trust="medium")
    lasts: Duration | None = None

    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """The factor is drawn once per replication."""
        start, end = span(self.after, self.lasts)
        factor = self.factor.quantile(luck(0))
        return (Edit(effect=Effect.SERVICE_FACTOR, value=factor, streams=self.streams, start=start, end=end),)
