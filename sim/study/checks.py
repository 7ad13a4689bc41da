"""The twin beside today's dashboard: a model that does not reproduce today has nothing to say about tomorrow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from sim.scenario.resolved import Scenario
from sim.stats.ratio import ratio
from sim.study.findings import Check
from sim.study.rows import Floats, Row

TOLERATED = 0.20
"""Relative difference above which a figure does not fit."""
SECOND = 1e9


def checks(scenario: Scenario, twins: Sequence[Row]) -> tuple[Check, ...]:
    """Every figure of ``observed``, with the twin's beside it."""
    if scenario.observed is None or not twins:
        return ()
    return (*_success(scenario.observed.success, twins), *_latencies(scenario, twins))


def _success(observed: float | None, twins: Sequence[Row]) -> Iterator[Check]:
    """Success as a dashboard shows it, judged by its complement: 99.9 % and 99.8 % are a factor of two apart.

    It fits also where the difference is within the twin's own noise.
    """
    if observed is None:
        return
    seen = _column(twins, "failed_requests") - np.nan_to_num(_column(twins, "unseen_errors"))
    failing = ratio([1.0], [seen], [_column(twins, "requests")])
    off = _off(failing.value, 1 - observed)
    noise = failing.low <= 1 - observed <= failing.high
    yield Check(
        name="success", modelled=1 - failing.value, observed=observed, off=off, fits=abs(off) <= TOLERATED or noise
    )


def _latencies(scenario: Scenario, twins: Sequence[Row]) -> Iterator[Check]:
    seen = scenario.observed
    assert seen is not None
    for name, nanoseconds in (("p50", seen.p50), ("p95", seen.p95), ("p99", seen.p99)):
        if nanoseconds is not None:
            modelled, observed = float(np.mean(_column(twins, f"latency_{name}"))), nanoseconds / SECOND
            off = _off(modelled, observed)
            yield Check(name=name, modelled=modelled, observed=observed, off=off, fits=abs(off) <= TOLERATED)


def _off(modelled: float, observed: float) -> float:
    """The relative difference; infinite where the dashboard shows nothing and the model something."""
    if observed == 0:
        return 0.0 if modelled == 0 else float("inf")
    return modelled / observed - 1


def _column(rows: Sequence[Row], measure: str) -> Floats:
    return np.array([row.values.get(measure, float("nan")) for row in rows], dtype=np.float64)
