"""``review``: what a capacity review is told beside the figures: who asks, who signs until when, for what demand."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from sim.quantities import Amount, default
from sim.scenario.model.parts import Part

Factor = Annotated[Amount, Field(gt=0, lt=1000)]


class Growth(Part):
    """Demand as factors on today's peak."""

    low: Factor = default(
        1, origin="today's peak", trust="medium", means="peak of the low case, as a multiple of today's"
    )
    base: Factor = default(
        1.25,
        origin="a quarter more than today, for want of a forecast",
        trust="low",
        means="peak of the base case, as a multiple of today's",
    )
    high: Factor = default(
        1.5,
        origin="half as much again as today, for want of a forecast",
        trust="low",
        means="peak of the high case, as a multiple of today's",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Growth:
        if not self.low <= self.base <= self.high:
            raise ValueError("low, base and high must not fall, as {low: 1, base: 1.3, high: 2}")
        return self


class Review(Part):
    """For the page that a review board signs; nothing here changes what is played by ``run``."""

    owner: str | None = Field(default=None, description="who asks")
    approvers: list[str] = Field(default_factory=list, description="who signs")
    decision_by: str | None = Field(default=None, description="until when it must be decided, as text")
    rollback: str | None = Field(default=None, description="how to get back, and who may stop a release")
    risks: list[str] = Field(default_factory=list, description="what the figures do not know")
    growth: Growth = Field(default=Growth(), description="how much the peak may grow until the next review")
