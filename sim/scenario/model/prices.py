"""``prices``: what failures, downtime, capacity and waiting cost, so that a release has a loss in money."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sim.quantities import Amount, Count, Share, default
from sim.scenario.model.parts import Part


class Prices(Part):
    """The price list. What is not written costs nothing; at least one price must be written."""

    currency: str = default("money", origin="a word for the report", trust="high")
    failed_request: Amount = default(0, origin="not priced", trust="medium")
    down_minute: Amount = default(0, origin="not priced", trust="medium")
    down_below: Share = default("99%", origin="a minute below 99 % success is down", trust="medium")
    pod_hour: Amount = default(0, origin="not priced", trust="medium")
    delay_hour: Amount = default(0, origin="not priced: an hour until the release is decided", trust="medium")
    node_hour: Amount = default(
        0,
        origin="not priced; counts beside pod_hour in a capacity review, not in a release's own loss",
        trust="medium",
    )
    releases_per_year: Annotated[Count, Field(ge=1)] | None = Field(
        default=None, description="for the loss of a year of releases"
    )
