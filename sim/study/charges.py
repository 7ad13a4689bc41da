"""What a price list charges for: by which measures of a release, and how much of the priced thing each counts."""

from __future__ import annotations

from typing import NamedTuple

from sim.scenario.resolved import Prices
from sim.units import HOUR

LOST = "not_shipped"
"""1 in a good release that did not reach everybody, 0 in all others."""


class Charge(NamedTuple):
    """One price, and what it is for: measures, each with how much of the priced thing one of it is."""

    what: str
    price: float
    of: tuple[tuple[str, float], ...]


def charges(prices: Prices) -> tuple[Charge, ...]:
    """Everything that a release is charged for.

    A good release that was aborted, got stuck or was not over by the horizon has a price, and is late by as many hours
    as pass until it is tried again.
    """
    tried_again = prices.tried_again_after / HOUR
    return (
        Charge("a failed request", prices.failed_request, (("failed_requests", 1.0),)),
        Charge("a down minute", prices.down_minute, ((f"down_{100 * prices.down_below:g}", 1 / 60),)),
        Charge("a pod-hour", prices.pod_hour, (("pod_hours", 1.0),)),
        Charge("an hour of delay", prices.delay_hour, (("duration", 1 / 3600), (LOST, tried_again))),
        Charge("an aborted good release", prices.aborted_release, ((LOST, 1.0),)),
    )


def for_one_lost(prices: Prices) -> float:
    """What one good release that does not ship costs beside what happens in it: its price, and the wait."""
    return sum(each.price * amount for each in charges(prices) for measure, amount in each.of if measure == LOST)
