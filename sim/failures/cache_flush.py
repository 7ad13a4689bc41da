"""A shared cache that is emptied."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from sim.allowed import FACTOR_UP
from sim.failures import Failure, Luck
from sim.quantities import Duration, default
from sim.steps import Edit, Effect
from sim.versions import NEW, STABLE

STEPS = 20
"""In so many steps the work comes back to normal."""


class CacheFlush(Failure):
    """Cache flush: a cache that all pods share is empty; work takes a factor longer and falls to normal as it fills.

    Both versions are hurt, whoever has emptied it. Averaged over ``refills`` half of the excess remains.
    """

    kind: Literal["cache_flush"] = "cache_flush"
    example: ClassVar[dict[str, Any]] = {"kind": "cache_flush", "factor": 3, "refills": "2m"}

    factor: Annotated[float, FACTOR_UP] = Field(
        description="how many times as long a request needs while the cache is empty"
    )
    refills: Duration = default(
        "2m",
        origin="until what is asked for most is in the cache again",
        trust="low",
        means="time until the cache is warm again",
    )
    streams: tuple[str, ...] = Field(default=(), description="names of the streams it hits; all of them if left out")

    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """Steps of equal length, each in the middle of the straight line it stands for."""
        ends = [self.refills * step // STEPS for step in range(STEPS + 1)]
        return tuple(
            Edit(
                effect=Effect.SERVICE_FACTOR,
                value=self.factor + (1.0 - self.factor) * (step + 0.5) / STEPS,
                version=version,
                streams=self.streams,
                start=ends[step],
                end=ends[step + 1],
            )
            for version in (STABLE, NEW)
            for step in range(STEPS)
        )
