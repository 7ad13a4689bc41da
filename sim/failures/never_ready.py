"""The process runs and its readiness probe never passes."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from sim.failures import Failure, Luck
from sim.steps import Edit, Effect


class NeverReady(Failure):
    """Never ready: pods start and their readiness probe never passes, so the rollout stands still."""

    kind: Literal["never_ready"] = "never_ready"
    example: ClassVar[dict[str, Any]] = {"kind": "never_ready"}

    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """For ever, in every pod."""
        return (Edit(effect=Effect.NEVER_READY, value=1.0),)
