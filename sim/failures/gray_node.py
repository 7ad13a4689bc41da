"""A machine that is merely slow."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from sim.allowed import FACTOR
from sim.failures import Failure, Luck, span
from sim.quantities import Count, Duration
from sim.steps import Edit, Effect, Place


class GrayNode(Failure):
    """Gray node: a machine's work takes a factor longer; it answers every probe, so nobody takes it away.

    ``node`` counts from 0; left out, luck picks one.
    """

    kind: Literal["gray_node"] = "gray_node"
    example: ClassVar[dict[str, Any]] = {"kind": "gray_node", "factor": 4, "lasts": "20m"}

    factor: Annotated[float, Field(gt=0), FACTOR] = Field(
        description="how many times as long a request needs on this node"
    )
    node: Count | None = Field(default=None, description="number of the node, from 0; one by chance if left out")
    lasts: Duration | None = Field(
        default=None, description="how long it goes on; to the end of the release if left out"
    )

    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """One machine, for a while or for good."""
        start, end = span(0, self.lasts)
        place = Place(number=self.node, luck=luck(0), factor=self.factor)
        return (Edit(effect=Effect.NODE_SLOW, value=place, start=start, end=end),)
