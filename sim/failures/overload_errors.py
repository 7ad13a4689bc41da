"""Crowded pods answer badly."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from sim.failures import Failure, Luck, span
from sim.laws import ShareLaw
from sim.quantities import Duration, default
from sim.steps import Edit, Effect


class OverloadErrors(Failure):
    """Errors under load: the chance of a bad answer rises in proportion to the pod's queue."""

    kind: Literal["overload_errors"] = "overload_errors"
    example: ClassVar[dict[str, Any]] = {"kind": "overload_errors", "rate_when_full": "50%"}

    rate_when_full: ShareLaw
    streams: tuple[str, ...] = ()
    after: Duration = default("0s", origin="from the first request", trust="medium")
    lasts: Duration | None = None

    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """The rate is drawn once per replication."""
        start, end = span(self.after, self.lasts)
        rate = self.rate_when_full.quantile(luck(0))
        return (Edit(effect=Effect.CROWD_ERROR, value=rate, streams=self.streams, start=start, end=end),)
