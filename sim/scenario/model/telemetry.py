"""Parts of ``telemetry``: what goes wrong with metrics on their way to those who judge."""

from __future__ import annotations

from pydantic import Field, field_validator

from sim.quantities import Duration, Period, Share, default
from sim.scenario.model.parts import Part


class Stale(Part):
    """Queries that answer an old value for a while, with nothing to show for it."""

    every: Period = Field(description="mean time from one such trouble to the next")
    lasts: Duration = default(
        "5m",
        origin="Prometheus' lookback: so long an old sample is still answered",
        trust="low",
        means="how long an old answer is given",
    )

    @field_validator("lasts")
    @classmethod
    def _takes_time(cls, lasts: int) -> int:
        if lasts <= 0:
            raise ValueError("must be longer than 0; leave 'stale' out for answers that are never old")
        return lasts


class Noise(Part):
    """What is counted swings around the truth, for each version by itself."""

    errors: Share = Field(
        default=0.0, description="relative standard deviation of the errors counted from scrape to scrape, as 30%"
    )
    latency: Share = Field(default=0.0, description="the same of the times answers seem to take")
    correlation: Share = default(
        0,
        origin="independent from minute to minute",
        trust="low",
        means="how much of a minute's swing the next minute keeps",
    )

    @field_validator("correlation")
    @classmethod
    def _changes(cls, correlation: float) -> float:
        if correlation >= 1.0:
            raise ValueError("must be below 100 %; noise that never changes is a bias")
        return correlation
