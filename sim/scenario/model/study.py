"""``slo``, ``study`` and ``expect``: what is promised, how it is studied, and what must hold."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from sim.allowed import counting, lasting
from sim.quantities import Amount, Count, Duration, Seed, Share, default
from sim.scenario.model.parts import Part

STATISTICS = ("mean", "p50", "p90", "p95", "p99", "min", "max")
"""Words of an expectation, each with a bound, as ``p95: "< 10%"``."""
Watched = Annotated[Duration, lasting("0s", "31d", "a month is watched at most, and every request in it is played")]
Window = Annotated[Duration, lasting("100ms", "31d", "all that is counted is kept for each window")]
REPLICATED = "each of them is played"


class SLO(Part):
    """The promise: a share of successes over a window."""

    success: Share = default(
        "99.9%", origin="a usual promise", trust="medium", means="share of requests that shall succeed"
    )
    window: Duration = default(
        "30d", origin="a usual window", trust="medium", means="time over which the error budget is counted"
    )
    requests: Amount | None = Field(default=None, description="requests in the window")
    latency: dict[str, Duration] = Field(default_factory=dict, description="latency objective by stream")


class Study(Part):
    """How long each release is watched, what decides, and how precisely the answer is wanted."""

    horizon: Watched | None = Field(default=None, description="how long a release is watched")
    warm_up: Watched = default(
        "2m",
        origin="until queues and pods are in their steady state",
        trust="medium",
        means="time that is played before the release, and not counted",
    )
    window: Window = default(
        "10s",
        origin="the grid on which downtime is counted",
        trust="high",
        means="length of the intervals in which downtime is counted",
    )
    decide_by: str = default(
        "failed_requests",
        origin="error exposure: the user's first measure",
        trust="high",
        means="the measure by which strategies are compared",
    )
    indifferent: Amount | None = Field(default=None, description="difference too small to matter, in decide_by's unit")
    precision: Share | None = default(
        "10%",
        origin="relative half-width wanted of the deciding measure",
        trust="high",
        means="how precisely the deciding measure shall be known: half of its interval, as a share of it",
    )
    half_width: Amount | None = Field(default=None, description="absolute half-width that is precise enough")
    confidence: Share = default(
        "95%", origin="convention", trust="high", means="how sure intervals and the verdict shall be"
    )
    pilot: Annotated[Count, Field(ge=2), counting(2, 1_000_000, REPLICATED)] = default(
        50,
        origin="replications before the first look, by experiments on coverage",
        trust="high",
        means="replications of each case before the first look",
    )
    cap: Annotated[Count, Field(ge=2), counting(2, 1_000_000, REPLICATED)] = default(
        500, origin="most replications per case", trust="high", means="most replications of each case"
    )
    seed: Seed = default(
        1,
        origin="any number serves",
        trust="high",
        means="number from which all chance is drawn: the same number gives the same study",
    )
    until_best: bool = default(
        False,
        origin="until losses are known precisely",
        trust="high",
        means="whether to play until the best strategy is known, rather than its loss precisely",
    )
    false_aborts: Share = default(
        "5%",
        origin="share of good releases that a strategy may fail to ship: aborted, stuck or not finished",
        trust="medium",
        means="share of good releases that a strategy may fail to ship; one that is surely above cannot be recommended",
    )
    user_cutoff: Duration | None = Field(
        default=None, description="measure user-uptime; a user who pauses longer than this is not active meanwhile"
    )


class Expectation(Part):
    """An acceptance criterion: a measure of a strategy, and the bound of one statistic."""

    measure: str = Field(description="the measure that is bound, as failed_requests")
    strategy: str = default(
        "any",
        origin="every strategy must meet it",
        trust="high",
        means="the strategy it is asked of; any for all of them",
    )
    given: str | None = Field(default=None, description="release, bad, good or a defect")
    during: str | None = Field(default=None, description="another word for given")
    mean: str | None = Field(default=None, description="bound on the mean, as '<= 500'")
    p50: str | None = Field(default=None, description="bound on the median, as '<= 500'")
    p90: str | None = Field(default=None, description="bound on the 90th percentile, as '<= 500'")
    p95: str | None = Field(default=None, description="bound on the 95th percentile, as '<= 500'")
    p99: str | None = Field(default=None, description="bound on the 99th percentile, as '<= 500'")
    min: str | None = Field(default=None, description="bound on the smallest value, as '>= 0'")
    max: str | None = Field(default=None, description="bound on the largest value, as '<= 500'")

    @model_validator(mode="after")
    def _one_statistic(self) -> Any:
        if len(self.bounds()) != 1:
            raise ValueError(f'write exactly one of {", ".join(STATISTICS)}, as p95: "< 10%"')
        if self.given is not None and self.during is not None:
            raise ValueError("'given' and 'during' say the same; write one of them")
        return self

    def bounds(self) -> dict[str, str]:
        """The statistics that are bounded, with their bounds as text."""
        return {name: bound for name in STATISTICS if (bound := getattr(self, name)) is not None}
