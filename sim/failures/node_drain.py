"""A machine is emptied on purpose."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from sim.failures import Failure, Luck, span
from sim.quantities import Count, Duration
from sim.steps import Edit, Effect, Place


class NodeDrain(Failure):
    """Node drain: maintenance empties a machine pod by pod, as fast as the disruption budget allows.

    ``node`` counts from 0; left out, luck picks one. With ``lasts`` the machine takes pods again afterwards.
    """

    kind: Literal["node_drain"] = "node_drain"
    example: ClassVar[dict[str, Any]] = {"kind": "node_drain", "node": 0, "lasts": "15m"}

    node: Count | None = Field(default=None, description="number of the node, from 0; one by chance if left out")
    lasts: Duration | None = Field(
        default=None, description="how long it goes on; to the end of the release if left out"
    )

    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """One machine, for a while or for good."""
        start, end = span(0, self.lasts)
        return (Edit(effect=Effect.NODE_DRAIN, value=Place(number=self.node, luck=luck(0)), start=start, end=end),)
