"""What each starting process asks of a dependency."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from sim.allowed import counting
from sim.failures import Failure, Luck
from sim.steps import Asking, Edit, Effect


class StartLoad(Failure):
    """Start-up load: each process that starts asks a dependency for so many things, all at once, before it serves.

    They stand in the dependency's line like calls of requests, so that it is slow for pods of both versions while many
    start: N processes that ask for K things keep it busy for N x K x work / concurrency.
    """

    kind: Literal["start_load"] = "start_load"
    example: ClassVar[dict[str, Any]] = {"kind": "start_load", "dependency": "config", "calls": 500}

    dependency: str = Field(description="which; it needs concurrency: and work:")
    calls: Annotated[
        int,
        Field(description="calls that each starting process makes"),
        counting(1, 10_000_000, "the load of a start is over before the release is"),
    ]

    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """Nothing is drawn."""
        return (Edit(effect=Effect.START_LOAD, value=Asking(dependency=self.dependency, calls=self.calls)),)
