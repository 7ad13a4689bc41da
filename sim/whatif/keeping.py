"""Does a good release keep the promise? A few releases on common luck, and an interval that says how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.replication import GOOD, replicate
from sim.scenario.resolved import Scenario
from sim.stats.intervals import Interval, mean

FIRST_LOOK = 3
"""Releases after which a clear case is settled; each of the two looks spends half of what may go wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What became of the promise.

    ``share`` is the mean share of bad requests with its interval, ``means`` the mean of every measure.
    """

    share: Interval
    allowed: float
    stuck: bool
    means: Mapping[str, float]

    @property
    def surely(self) -> bool:
        """Whether the whole interval lies within what the promise allows, and no rollout got stuck."""
        return not self.stuck and self.share.high <= self.allowed


def keeps(scenario: Scenario, strategy: str, *, replications: int, confidence: float) -> Kept:
    """Play good releases by ``strategy`` until it is clear whether the promise is kept, at most ``replications``.

    Bad is a request that fails, or that waits so long that it is slower than its stream's objective where there is
    one; the promise is the share of good ones (``slo.success``) over the time of the release alone, not over a month.
    """
    each_look = 1 - (1 - confidence) / 2
    allowed, anyway = 1 - scenario.slo.success, slow_anyway(scenario)
    played: list[Mapping[str, float]] = []
    for index in range(replications):
        played.append(replicate(scenario, strategy=strategy, case=GOOD, index=index).values)
        if len(played) == FIRST_LOOK:
            share = mean([bad_share(values, anyway) for values in played], each_look)
            if share.low > allowed or share.high <= allowed:
                break
    return Kept(
        share=mean([bad_share(values, anyway) for values in played], each_look),
        allowed=allowed,
        stuck=any(values["stuck"] > 0 for values in played),
        means={name: sum(values[name] for values in played) / len(played) for name in played[0]},
    )


def bad_share(values: Mapping[str, float], slow_anyway: float = 0.0) -> float:
    """Failed and needlessly slow requests of one release over all of its requests.

    >>> bad_share({"requests": 1000.0, "failed_requests": 2.0, "slow_requests": 8.0}, slow_anyway=0.005)
    0.005
    """
    if not values["requests"]:
        return 0.0
    waited = max(0.0, values["slow_requests"] / values["requests"] - slow_anyway)
    return values["failed_requests"] / values["requests"] + waited


def slow_anyway(scenario: Scenario) -> float:
    """The share of requests whose work alone takes longer than their objective: no fleet could serve them in time."""
    streams = scenario.traffic.streams
    asked = sum(stream.peak for stream in streams)
    over = sum(stream.peak * _longer(stream.work, stream.objective) for stream in streams if stream.objective)
    return over / asked if asked else 0.0


def _longer(law: Any, than: int) -> float:
    """The share of a law above a value, by halving on its quantiles, to a part in a million."""
    low, high = 0.0, 1.0
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (middle, high) if law.quantile(middle) <= than else (low, middle)
    return 1.0 - high
