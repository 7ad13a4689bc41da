"""Memory grows until the kernel kills the process."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from sim.doors import Kind
from sim.failures import Luck
from sim.laws import DurationLaw
from sim.steps import Edit, Effect


class MemoryLeak(Kind):
    """Memory leak: each pod is killed for want of memory after a while of serving, again and again."""

    kind: Literal["memory_leak"] = "memory_leak"
    example: ClassVar[dict[str, Any]] = {"kind": "memory_leak", "oom_after": {"p50": "40m", "p95": "3h"}}

    oom_after: DurationLaw

    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """Each pod draws its own time, anew after each restart."""
        return (Edit(effect=Effect.MEMORY_LEAK, value=self.oom_after),)
