"""Images cannot be had."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from sim.failures import Failure, Luck, span
from sim.quantities import Duration, default
from sim.steps import Edit, Effect


class ImagePullFailure(Failure):
    """Image pull failure: images a node lacks cannot be pulled; the kubelet backs off and tries again.

    As a defect: the new version's image is missing or mistyped. As a condition: the registry is out for a while.
    """

    kind: Literal["image_pull_failure"] = "image_pull_failure"
    example: ClassVar[dict[str, Any]] = {"kind": "image_pull_failure"}

    after: Duration = default(
        "0s",
        origin="from the start",
        trust="medium",
        means="how long after the start of the new version, or of the condition, it begins",
    )
    lasts: Duration | None = Field(
        default=None, description="how long it goes on; to the end of the release if left out"
    )

    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """For a while or for good."""
        start, end = span(self.after, self.lasts)
        return (Edit(effect=Effect.PULL_FAILURE, value=1.0, start=start, end=end),)
