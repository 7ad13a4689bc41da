"""Nothing is released: what the twin of every replication plays."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from sim.doors import Kind
from sim.steps import Script


class NoRelease(Kind):
    """No release at all: the baseline that every strategy is compared with."""

    kind: Literal["no_release"] = "no_release"
    example: ClassVar[dict[str, Any]] = {"kind": "no_release"}

    def rollout(self, replicas: int) -> Script:
        """No steps."""
        yield from ()

    def rollback(self, replicas: int) -> Script:
        """No steps: there is nothing to take back."""
        yield from ()

    def planned(self, replicas: int) -> int:
        """No time."""
        return 0
