"""A share of the answers is bad."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from sim.failures import Failure, Luck, bad_answers, span
from sim.laws import ShareLaw
from sim.quantities import Duration, Share, default
from sim.steps import Edit


class ErrorRate(Failure):
    """Error rate: a share of the answers is bad, for some streams or users only, seen by telemetry or not.

    ``repeats`` counts where a stream retries on errors: the share of bad answers that the same request gets again on
    the same version, try after try. 100 % is a code path, 0 % bad luck of each try.
    """

    kind: Literal["error_rate"] = "error_rate"
    example: ClassVar[dict[str, Any]] = {"kind": "error_rate", "rate": "3%", "visible": "100%"}

    rate: ShareLaw = Field(description="share of requests that get an error")
    streams: tuple[str, ...] = Field(default=(), description="names of the streams it hits; all of them if left out")
    cohort: Share = default(
        "100%",
        origin="every user is hurt alike",
        trust="medium",
        means="share of the users who meet it; always the same users",
    )
    visible: Share = default(
        "100%",
        origin="telemetry counts every bad answer",
        trust="low",
        means="share of its bad answers that telemetry counts as errors; the others look like successes",
    )
    after: Duration = default(
        "0s",
        origin="bad from the first request",
        trust="medium",
        means="how long after the start of the new version, or of the condition, it begins",
    )
    lasts: Duration | None = Field(
        default=None, description="how long it goes on; to the end of the release if left out"
    )
    repeats: Share = default(
        "100%",
        origin="a code path: the same request fails again",
        trust="low",
        means="share of its bad answers that the same request gets again when it is tried again on the same version; "
        "counts only where errors are retried",
    )

    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """The rate is drawn once per replication."""
        start, end = span(self.after, self.lasts)
        return bad_answers(
            rate=self.rate.quantile(luck(0)),
            visible=self.visible,
            streams=self.streams,
            cohort=self.cohort,
            repeats=self.repeats,
            start=start,
            end=end,
        )
