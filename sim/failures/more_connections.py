"""The new version opens larger pools of connections."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from sim.allowed import counting
from sim.failures import Failure, Luck, span
from sim.quantities import Duration, default
from sim.steps import Edit, Effect, Holding


class MoreConnections(Failure):
    """More connections: each pod holds so many more of a dependency, and takes them from all others.

    Only a process that starts opens its pool; those that run already keep theirs.
    """

    kind: Literal["more_connections"] = "more_connections"
    example: ClassVar[dict[str, Any]] = {"kind": "more_connections", "extra": 20}

    extra: Annotated[
        int,
        Field(description="connections added per pod"),
        counting(1, 100_000, "more than one address has ports"),
    ]
    dependency: str | None = Field(default=None, description="whose; if left out, of each of which pods hold any")
    after: Duration = default(
        "0s",
        origin="from the first pod",
        trust="medium",
        means="how long after the start of the new version, or of the condition, it begins",
    )
    lasts: Duration | None = Field(
        default=None, description="how long it goes on; to the end of the release if left out"
    )

    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """Nothing is drawn."""
        start, end = span(self.after, self.lasts)
        more = Holding(extra=self.extra, dependency=self.dependency)
        return (Edit(effect=Effect.MORE_CONNECTIONS, value=more, start=start, end=end),)
