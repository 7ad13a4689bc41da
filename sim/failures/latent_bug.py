"""A bug that sleeps through the release."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from sim.failures import Failure, Luck, bad_answers
from sim.laws import DurationLaw, ShareLaw
from sim.quantities import Share, default
from sim.steps import Edit


class LatentBug(Failure):
    """Latent bug: the release is good until something wakes the bug, often after every gate has passed."""

    kind: Literal["latent_bug"] = "latent_bug"
    example: ClassVar[dict[str, Any]] = {"kind": "latent_bug", "wakes": {"p50": "40m", "p95": "3h"}, "rate": "10%"}

    wakes: DurationLaw = Field(description="time from the start of the new version until the bug shows")
    rate: ShareLaw = Field(description="share of requests that get an error once it shows")
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
    repeats: Share = default(
        "100%",
        origin="a code path: the same request fails again",
        trust="low",
        means="share of its bad answers that the same request gets again when it is tried again on the same version; "
        "counts only where errors are retried",
    )

    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """The moment and the rate are drawn once per replication."""
        return bad_answers(
            rate=self.rate.quantile(luck(1)),
            visible=self.visible,
            streams=self.streams,
            cohort=self.cohort,
            repeats=self.repeats,
            start=max(0, round(self.wakes.quantile(luck(0)))),
        )
