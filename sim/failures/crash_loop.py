"""The process does not survive its own start."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from sim.failures import Failure, Luck
from sim.laws import DurationLaw
from sim.quantities import default
from sim.steps import Edit, Effect


class CrashLoop(Failure):
    """Crash loop: the process exits soon after each start; the pod backs off for longer and longer."""

    kind: Literal["crash_loop"] = "crash_loop"
    example: ClassVar[dict[str, Any]] = {"kind": "crash_loop", "after_start": "1s"}

    after_start: DurationLaw = default(
        "1s", origin="a wrong setting is found at once", trust="low", means="time from a container's start to its crash"
    )

    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """Each start of each pod draws its own time."""
        return (Edit(effect=Effect.START_CRASH, value=self.after_start),)
