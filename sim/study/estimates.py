"""From net figures to estimates: which rows a figure is taken over, and the call into :mod:`sim.stats`.

``given`` picks the cases and their weights: ``release`` is every case by its probability, ``bad`` the defects with
weights that sum to 1, ``good`` or a defect's name that case alone. Cases share luck, so an interval over several of
them uses the covariance over common indexes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from sim.scenario.resolved import Scenario
from sim.stats.exceedance import mixture_quantile
from sim.stats.intervals import Interval
from sim.stats.shares import share
from sim.stats.skewed import skewed_expectation
from sim.study.cells import GOOD, Cell
from sim.study.findings import Estimate
from sim.study.rows import Floats, Table

RELEASE, BAD = "release", "bad"
SECOND = 1e9
TIMES = ("time_to_detect", "time_to_mitigate", "time_to_restore")
"""Times of bad releases that may be infinite: never. Their mean is the restricted one, of min(time, horizon)."""

RESTRICTED = "of what is at most the horizon"

CHANCES = ("detected", "stopped", "asleep", "promoted", "aborted", "stuck", "unfinished", "not_shipped")
"""Beginnings of measures that are 0 or 1 in each replication: their mean is a chance, and never certain."""

Samples = Mapping[str, Floats]
"""Case -> net figures of indexes 0, 1, 2 …"""


def weights(scenario: Scenario, given: str) -> dict[str, float]:
    """The cases a figure is taken over, with weights that sum to 1; empty where there are none (no bad releases)."""
    cases = dict(scenario.cases())
    if given == RELEASE:
        return cases
    if given == BAD:
        # From the shares and not from the rate, so that a rate of zero still has a loss given a bad release.
        return {defect.name: defect.share for defect in scenario.release.defects}
    return {given: 1.0} if given in cases else {}


def givens(scenario: Scenario) -> tuple[str, ...]:
    """Everything ``given`` can say in a scenario."""
    return (RELEASE, BAD, GOOD, *(defect.name for defect in scenario.release.defects))


def samples(
    table: Table,
    scenario: Scenario,
    counts: Mapping[str, int],
    measure: str,
    strategy: str,
    given: str,
    *,
    whole: bool = False,
) -> dict[str, Floats]:
    """The figures of a measure by case; times that may be never are cut at the horizon, unless asked ``whole``."""
    found = {
        case: table.column(measure, Cell(strategy, case), counts.get(case, 0)) for case in weights(scenario, given)
    }
    if measure in TIMES and not whole:
        horizon = scenario.study.horizon / SECOND
        return {case: np.minimum(column, horizon) for case, column in found.items()}
    return found


def estimate(columns: Samples, shares: Mapping[str, float], confidence: float, *, measure: str = "") -> Estimate:
    """The expectation over cases; where figures are undefined for some replications, a value without interval.

    The interval leans to the side of the long tail; that of a measure which is a chance stays between 0 and 1.
    """
    parts, arrays = list(shares.values()), [columns[case] for case in shares]
    if not min((len(array) for array in arrays), default=0):
        return nothing("nothing played")
    if any(np.isnan(array).any() for array in arrays):
        return _where_defined(arrays, parts)
    interval = share if measure.startswith(CHANCES) else skewed_expectation
    found = told(not_below_what_can_be(interval(parts, arrays, confidence), arrays))
    return replace(found, method=f"{found.method}, {RESTRICTED}") if measure in TIMES else found


def not_below_what_can_be(found: Interval, arrays: Sequence[Floats]) -> Interval:
    """An expectation of numbers none of which is below zero is not below it either, whatever its interval says."""
    if not found.low < 0 or any((array < 0).any() for array in arrays):
        return found
    return replace(found, low=0.0)


def quantile(columns: Samples, shares: Mapping[str, float], probability: float, confidence: float) -> Estimate:
    """A quantile of the mixture of cases."""
    parts, arrays = list(shares.values()), [columns[case] for case in shares]
    if not min((len(array) for array in arrays), default=0) or any(np.isnan(array).any() for array in arrays):
        return nothing("not defined in every replication")
    return told(mixture_quantile(parts, arrays, probability, confidence))


def told(found: Interval) -> Estimate:
    """An interval as findings have it."""
    return Estimate(value=found.value, low=found.low, high=found.high, n=found.n, method=found.method)


def nothing(why: str) -> Estimate:
    """An estimate of which nothing is known."""
    return Estimate(value=float("nan"), low=float("nan"), high=float("nan"), n=0, method=why)


def _where_defined(arrays: Sequence[Floats], shares: Sequence[float]) -> Estimate:
    known = [array[~np.isnan(array)] for array in arrays]
    weight = sum(share for share, array in zip(shares, known, strict=True) if len(array))
    if not weight:
        return nothing("defined in no replication")
    total = sum(share * float(array.mean()) for share, array in zip(shares, known, strict=True) if len(array))
    return Estimate(
        value=total / weight,
        low=float("nan"),
        high=float("nan"),
        n=sum(len(array) for array in known),
        method="mean where defined, without interval",
    )
