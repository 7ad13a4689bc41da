"""A whole zone is gone."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from sim.failures import Failure, Luck, span
from sim.quantities import Count, Duration
from sim.steps import Edit, Effect, Place


class ZoneLoss(Failure):
    """Zone loss: every machine of a zone is gone without a word, at once.

    ``zone`` counts from 0; left out, luck picks one. ``nodes: {zones: …}`` says how many there are; one is the default.
    """

    kind: Literal["zone_loss"] = "zone_loss"
    example: ClassVar[dict[str, Any]] = {"kind": "zone_loss", "lasts": "30m"}

    zone: Count | None = Field(default=None, description="number of the zone, from 0; one by chance if left out")
    lasts: Duration | None = Field(
        default=None, description="how long it goes on; to the end of the release if left out"
    )

    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """One zone, for a while or for good."""
        start, end = span(0, self.lasts)
        return (Edit(effect=Effect.ZONE_DOWN, value=Place(number=self.zone, luck=luck(0)), start=start, end=end),)
