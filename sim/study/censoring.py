"""What the window of observation cuts off: a start before the steady state, harm and rollouts that outlast the horizon.

All strategies have the same horizon, so that they stay comparable; but what comes after it has not happened, and the
reader is told where that is much.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from sim.scenario.resolved import Scenario
from sim.stats.intervals import mean
from sim.study.cells import GOOD
from sim.study.estimates import BAD
from sim.study.findings import Estimate
from sim.study.rows import Row
from sim.units import show_duration

Found = Mapping[tuple[str, str, str], Estimate]

OUTLASTING = 0.1
"""Share of a strategy's loss if bad that one more horizon would add, from which on it is told."""
UNFINISHED = 0.05
"""Share of good releases still under way at the horizon, from which on it is told."""
DRIFTING = 0.03
"""Relative difference of response times within the warm-up that matters."""
SURE = 0.99
LEAST_TWINS = 10
HOUR = 3600 * 10**9


def cautions(scenario: Scenario, found: Found, twins: Sequence[Row]) -> tuple[str, ...]:
    """Sentences, the gravest first; none where nothing is cut off."""
    return (*_unsettled(scenario, twins), *_outlasting(scenario, found, twins), *_unfinished(scenario, found))


def _unsettled(scenario: Scenario, twins: Sequence[Row]) -> Iterator[str]:
    drifts = np.array([row.values.get("drift", np.nan) for row in twins])
    drifts = drifts[~np.isnan(drifts)]
    if len(drifts) < LEAST_TWINS:
        return
    told = mean(drifts, SURE)
    if abs(told.value) > DRIFTING and not told.low <= 0 <= told.high:
        longer, warm_up = "longer" if told.value > 0 else "shorter", scenario.study.warm_up
        yield (
            f"the service has not settled when the release begins: requests take {_percent(abs(told.value))} {longer} "
            "in the last quarter of the warm-up than in the one before. Write warm_up: "
            f"{show_duration(2 * warm_up)} (or more) under study; if that does not help, the fleet does not carry its "
            "load."
        )


def _outlasting(scenario: Scenario, found: Found, twins: Sequence[Row]) -> Iterator[str]:
    """What goes on at the horizon, as net failed requests over those counted; one sentence for all strategies."""
    hours = scenario.study.horizon / HOUR
    usual = float(np.mean([row.values["failed_requests"] for row in twins])) / hours if twins else 0.0
    more: dict[str, float] = {}
    for strategy in scenario.strategies:
        rate, nobody, loss = (
            found.get((measure, strategy.name, BAD))
            for measure in ("failed_per_hour_at_end", "stopped_nobody", "failed_requests")
        )
        if rate and nobody and loss and loss.value > 0:
            more[strategy.name] = (rate.value - nobody.value * usual) * hours / loss.value
    told = {name: share for name, share in more.items() if share > OUTLASTING}
    if told:
        watched = show_duration(scenario.study.horizon)
        yield (
            f"some bad releases still fail requests after {watched}, when the simulation ends. Another {watched} would "
            f"add {_named(told)} to the failed requests of a bad release. To count them, write horizon: "
            f"{show_duration(2 * scenario.study.horizon)} under study."
        )


def _unfinished(scenario: Scenario, found: Found) -> Iterator[str]:
    shares = {each.name: found.get(("unfinished", each.name, GOOD)) for each in scenario.strategies}
    told = {name: each.value for name, each in shares.items() if each and each.value > UNFINISHED}
    if told:
        yield (
            f"good releases still under way after {show_duration(scenario.study.horizon)}: {_named(told)}. Their "
            "duration is cut there, and what they cost later is not counted; write a longer horizon under study."
        )


def _named(shares: Mapping[str, float]) -> str:
    return ", ".join(f"{_percent(share)} ({name})" for name, share in shares.items())


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
