"""A machine is gone."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from sim.failures import Failure, Luck, span
from sim.quantities import Count, Duration
from sim.steps import Edit, Effect, Place


class NodeLoss(Failure):
    """Node loss: a machine is gone without a word; its pods answer nothing until the cluster has noticed.

    ``node`` counts from 0; left out, luck picks one. With ``lasts`` the machine comes back and starts its pods anew.
    """

    kind: Literal["node_loss"] = "node_loss"
    example: ClassVar[dict[str, Any]] = {"kind": "node_loss", "node": 2}

    node: Count | None = Field(default=None, description="number of the node, from 0; one by chance if left out")
    lasts: Duration | None = Field(
        default=None, description="how long it goes on; to the end of the release if left out"
    )

    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """One machine, for a while or for good."""
        start, end = span(0, self.lasts)
        return (Edit(effect=Effect.NODE_DOWN, value=Place(number=self.node, luck=luck(0)), start=start, end=end),)
