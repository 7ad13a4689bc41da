"""``prices``: what failures, downtime, capacity and waiting cost, so that a release has a loss in money."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sim.allowed import counting
from sim.quantities import Amount, Count, Duration, Share, default
from sim.scenario.model.parts import Part


class Prices(Part):
    """The price list. What is not written costs nothing; at least one price must be written."""

    currency: str = default(
        "money", origin="a word for the report", trust="high", means="the currency's name in the report"
    )
    failed_request: Amount = default(0, origin="not priced", trust="medium", means="money that a failed request costs")
    down_minute: Amount = default(0, origin="not priced", trust="medium", means="money that a minute of downtime costs")
    down_below: Share = default(
        "99%",
        origin="a minute below 99 % success is down",
        trust="medium",
        means="success ratio below which a minute is down",
    )
    pod_hour: Amount = default(0, origin="not priced", trust="medium", means="money that a pod costs per hour")
    delay_hour: Amount = default(
        0,
        origin="not priced: an hour until the release is decided",
        trust="medium",
        means="money that an hour costs until the release is decided",
    )
    aborted_release: Amount = default(
        0,
        origin="not priced",
        trust="medium",
        means="money that a good release costs which does not ship (aborted, stuck or not over by the horizon): people "
        "who look for a fault that is not there",
    )
    tried_again_after: Duration = default(
        "0s",
        origin="not said: no wait is counted",
        trust="low",
        means="how long it takes until a good release that did not ship is tried again; each hour costs delay_hour",
    )
    node_hour: Amount = default(
        0,
        origin="not priced; counts beside pod_hour in a capacity review, not in a release's own loss",
        trust="medium",
        means="money that a node costs per hour",
    )
    releases_per_year: Annotated[Count, Field(ge=1), counting(1, 1_000_000, "one every half minute")] | None = Field(
        default=None, description="for the loss of a year of releases"
    )
