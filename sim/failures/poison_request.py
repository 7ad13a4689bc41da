"""Some requests bring down the process that works on them."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from sim.failures import Failure, Luck, span
from sim.laws import ShareLaw
from sim.quantities import Duration, default
from sim.steps import Edit, Effect


class PoisonRequest(Failure):
    """Poison requests: a share of requests kills the process that works on them, and all others in it."""

    kind: Literal["poison_request"] = "poison_request"
    example: ClassVar[dict[str, Any]] = {"kind": "poison_request", "rate": "0.01%"}

    rate: ShareLaw = Field(description="share of requests that kill the container that works on them")
    streams: tuple[str, ...] = Field(default=(), description="names of the streams it hits; all of them if left out")
    after: Duration = default(
        "0s",
        origin="deadly from the first request",
        trust="medium",
        means="how long after the start of the new version, or of the condition, it begins",
    )
    lasts: Duration | None = Field(
        default=None, description="how long it goes on; to the end of the release if left out"
    )

    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """The rate is drawn once per replication."""
        start, end = span(self.after, self.lasts)
        rate = self.rate.quantile(luck(0))
        return (Edit(effect=Effect.POISON, value=rate, streams=self.streams, start=start, end=end),)
