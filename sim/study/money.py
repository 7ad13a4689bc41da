"""A year of releases in money: its expectation, its worst, and how often it costs more than so much."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.scenario.resolved import Scenario
from sim.stats.annual import year
from sim.stats.intervals import Interval
from sim.stats.skewed import skewed_expectation
from sim.study import estimates
from sim.study.findings import YearFound
from sim.study.joins import LOSS
from sim.study.rows import Table


def years(table: Table, scenario: Scenario, counts: Mapping[str, int]) -> dict[str, YearFound]:
    """By strategy; empty where the price list does not say how many releases a year has."""
    if scenario.prices is None or scenario.prices.releases_per_year is None:
        return {}
    releases = scenario.prices.releases_per_year
    made = {each.name: _year(table, scenario, counts, each.name, releases) for each in scenario.strategies}
    return {name: found for name, found in made.items() if found is not None}


def _year(
    table: Table, scenario: Scenario, counts: Mapping[str, int], strategy: str, releases: int
) -> YearFound | None:
    """None where what a release cost is not known of every one."""
    shares, confidence = dict(scenario.cases()), scenario.study.confidence
    columns = estimates.samples(table, scenario, counts, LOSS, strategy, estimates.RELEASE)
    parts, arrays = list(shares.values()), [columns[case] for case in shares]
    if not all(len(x) and np.isfinite(x).all() for x in arrays):
        return None
    found = year(parts, arrays, releases, confidence)
    return YearFound(
        releases=releases,
        expected=estimates.told(_times(skewed_expectation(parts, arrays, confidence), releases)),
        one_in_twenty=estimates.told(found.one_in_twenty),
        thresholds=tuple(found.curve.thresholds.tolist()),
        chances=tuple(found.curve.chances.tolist()),
        low=tuple(found.curve.low.tolist()),
        high=tuple(found.curve.high.tolist()),
    )


def _times(found: Interval, releases: int) -> Interval:
    return Interval(
        value=found.value * releases,
        low=found.low * releases,
        high=found.high * releases,
        n=found.n,
        method=found.method,
    )
