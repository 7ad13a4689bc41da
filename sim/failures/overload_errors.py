"""Crowded pods answer badly."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from sim.failures import Failure, Luck, span
from sim.laws import ShareLaw
from sim.quantities import Duration, Share, default
from sim.steps import Edit, Effect


class OverloadErrors(Failure):
    """Errors under load: the chance of a bad answer rises in proportion to the pod's queue."""

    kind: Literal["overload_errors"] = "overload_errors"
    example: ClassVar[dict[str, Any]] = {"kind": "overload_errors", "rate_when_full": "50%"}

    rate_when_full: ShareLaw = Field(
        description="share of requests that get an error when a pod's queue is full; in proportion below"
    )
    streams: tuple[str, ...] = Field(default=(), description="names of the streams it hits; all of them if left out")
    after: Duration = default(
        "0s",
        origin="from the first request",
        trust="medium",
        means="how long after the start of the new version, or of the condition, it begins",
    )
    lasts: Duration | None = Field(
        default=None, description="how long it goes on; to the end of the release if left out"
    )
    repeats: Share = default(
        "0%",
        origin="a retry meets the load of its own moment",
        trust="low",
        means="share of its bad answers that the same request gets again when it is tried again on the same version; "
        "counts only where errors are retried",
    )

    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """The rate is drawn once per replication."""
        start, end = span(self.after, self.lasts)
        rate = self.rate_when_full.quantile(luck(0))
        edit = Edit(
            effect=Effect.CROWD_ERROR, value=rate, streams=self.streams, start=start, end=end, repeats=self.repeats
        )
        return (edit,)
