"""``expect:`` lines against what was found: ok, FAILED, or undecided where the interval holds the bound."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping

import numpy as np

from sim.errors import UsageError
from sim.scenario.resolved import Expectation, Scenario
from sim.study import estimates
from sim.study.findings import Criterion, Estimate
from sim.study.rows import Table

OK, FAILED, UNDECIDED = "ok", "FAILED", "undecided"
_ORDER = (FAILED, UNDECIDED, OK)
Meets = Callable[[float, float], bool]
_COMPARE: Mapping[str, Meets] = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
ANY = "any"


def judge(expected: Expectation, table: Table, scenario: Scenario, counts: Mapping[str, int]) -> Criterion:
    """The criterion for its strategy; for ``any``, each must meet it, and the one furthest from that is told."""
    names = [each.name for each in scenario.strategies if expected.strategy in (ANY, each.name)]
    found = [_judged(expected, table, scenario, counts, name) for name in names]
    if not found:
        raise UsageError(f"expect: there is no strategy {expected.strategy!r}")
    upwards = expected.bound.startswith("<")
    return min(found, key=lambda each: (_ORDER.index(each.status), -each.value if upwards else each.value))


def _judged(
    expected: Expectation, table: Table, scenario: Scenario, counts: Mapping[str, int], strategy: str
) -> Criterion:
    found = _figure(expected, table, scenario, counts, strategy)
    return Criterion(
        text=expected.text,
        status=_status(found, _COMPARE[expected.bound], expected.value),
        value=found.value,
        low=found.low,
        high=found.high,
        strategy=strategy,
    )


def _status(found: Estimate, meets: Meets, bound: float) -> str:
    """By both ends of the interval; a figure without interval decides nothing."""
    if math.isnan(found.low) or math.isnan(found.high):
        return UNDECIDED
    ends = {meets(found.low, bound), meets(found.high, bound)}
    return UNDECIDED if len(ends) == 2 else OK if ends == {True} else FAILED


def _figure(
    expected: Expectation, table: Table, scenario: Scenario, counts: Mapping[str, int], strategy: str
) -> Estimate:
    confidence, statistic = scenario.study.confidence, expected.statistic
    shares = estimates.weights(scenario, expected.given)
    whole = statistic != "mean"
    columns = estimates.samples(table, scenario, counts, expected.measure, strategy, expected.given, whole=whole)
    if statistic == "mean":
        return estimates.estimate(columns, shares, confidence, measure=expected.measure)
    if statistic in ("min", "max"):
        return _extreme(columns, statistic)
    return estimates.quantile(columns, shares, float(statistic.removeprefix("p")) / 100, confidence)


def _extreme(columns: estimates.Samples, statistic: str) -> Estimate:
    """The least or the greatest that was seen: of what was played, with no claim beyond it."""
    seen = np.concatenate([column[~np.isnan(column)] for column in columns.values()]) if columns else np.zeros(0)
    if not len(seen):
        return estimates.nothing("nothing played")
    value = float(seen.min() if statistic == "min" else seen.max())
    return Estimate(value=value, low=value, high=value, n=len(seen), method=f"{statistic} of what was played")
