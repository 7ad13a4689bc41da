"""Pods that are slow at first."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from sim.allowed import FACTOR_UP
from sim.failures import Failure, Luck
from sim.quantities import Duration, default
from sim.steps import Edit, Effect, Warming


class ColdCache(Failure):
    """Cold cache: a pod's work takes a factor longer when it begins to serve, and falls to normal while it warms up.

    As a condition it holds for every pod that starts, of either version; as a defect for the new version's alone.
    """

    kind: Literal["cold_cache"] = "cold_cache"
    example: ClassVar[dict[str, Any]] = {"kind": "cold_cache", "factor": 3, "warms": "2m"}

    factor: Annotated[float, FACTOR_UP] = Field(
        description="how many times as long a request needs in a pod that has just started"
    )
    warms: Duration = default(
        "2m",
        origin="until caches are filled and code is compiled",
        trust="low",
        means="time until a pod is as fast as the others",
    )

    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """For every start of every pod."""
        return (Edit(effect=Effect.COLD, value=Warming(factor=self.factor, lasts=self.warms)),)
