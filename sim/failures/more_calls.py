"""The new version asks more of its dependency."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from sim.allowed import counting
from sim.failures import Failure, Luck, span
from sim.quantities import Duration, default
from sim.steps import Edit, Effect


class MoreCalls(Failure):
    """More calls: each request calls its dependency so many times more, which hurts the old version too."""

    kind: Literal["more_calls"] = "more_calls"
    example: ClassVar[dict[str, Any]] = {"kind": "more_calls", "extra": 1}

    extra: Annotated[int, Field(description="calls added per request"), counting(1, 100, "each call is played")]
    streams: tuple[str, ...] = Field(default=(), description="names of the streams it hits; all of them if left out")
    after: Duration = default(
        "0s",
        origin="from the first request",
        trust="medium",
        means="how long after the start of the new version, or of the condition, it begins",
    )
    lasts: Duration | None = Field(
        default=None, description="how long it goes on; to the end of the release if left out"
    )

    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """Nothing is drawn."""
        start, end = span(self.after, self.lasts)
        return (Edit(effect=Effect.CALLS, value=self.extra, streams=self.streams, start=start, end=end),)
