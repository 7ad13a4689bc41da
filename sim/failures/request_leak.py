"""Every request leaves some memory behind."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from sim.failures import Failure, Luck, Serving, span
from sim.quantities import Duration, Size, default
from sim.steps import Edit, Effect
from sim.units import SECOND
from sim.versions import NEVER


class RequestLeak(Failure):
    """Leak per request: memory grows with the traffic, until the kernel kills the process (OOMKilled)."""

    kind: Literal["request_leak"] = "request_leak"
    example: ClassVar[dict[str, Any]] = {"kind": "request_leak", "per_request": "50KB", "room": "200MB"}

    per_request: Size = Field(description="memory each request leaves behind")
    room: Size = default(
        "256MB",
        origin="memory free before the kernel kills the process: a guess",
        trust="low",
        means="memory a container may leak before it is killed and started anew",
    )
    streams: tuple[str, ...] = Field(default=(), description="names of the streams it hits; all of them if left out")
    after: Duration = default(
        "0s",
        origin="leaks from the first request",
        trust="medium",
        means="how long after the start of the new version, or of the condition, it begins",
    )
    lasts: Duration | None = Field(
        default=None, description="how long it goes on; to the end of the release if left out"
    )

    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """Nothing is drawn: the traffic decides when the room is used up."""
        start, end = span(self.after, self.lasts)
        share = self.per_request / max(self.room, 1)
        return (Edit(effect=Effect.REQUEST_LEAK, value=share, streams=self.streams, start=start, end=end),)

    def shows(self, share: float, serving: Serving) -> int:
        """When the room of a pod is used up by the requests it gets; never where it gets none."""
        filled = serving.per_pod * self.per_request / max(self.room, 1)
        return max(self.after, serving.since) + round(SECOND / filled) if filled > 0 else NEVER
