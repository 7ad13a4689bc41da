"""Memory grows until the kernel kills the process."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from sim.failures import Failure, Luck, Serving
from sim.laws import DurationLaw
from sim.steps import Edit, Effect


class MemoryLeak(Failure):
    """Memory leak: each pod is killed for want of memory after a while of serving, again and again."""

    kind: Literal["memory_leak"] = "memory_leak"
    example: ClassVar[dict[str, Any]] = {"kind": "memory_leak", "oom_after": {"p50": "40m", "p95": "3h"}}

    oom_after: DurationLaw = Field(description="time a container runs until it is out of memory and killed")

    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """Each pod draws its own time, anew after each restart."""
        return (Edit(effect=Effect.MEMORY_LEAK, value=self.oom_after),)

    def shows(self, share: float, serving: Serving) -> int:
        """When this share of the pods has been killed once."""
        return serving.since + max(0, round(self.oom_after.quantile(share)))
