"""A replication as a time series: what arrived, what failed and what stood ready in each window.

One row per window and stream. Counts are of requests by their intended arrival; figures of the cluster are those in
force at the window's end, the same in the rows of all streams.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

from sim.journal import Gauge
from sim.outcomes import FAILURES
from sim.scenario.resolved import Scenario
from sim.versions import NEW

Columns: TypeAlias = Mapping[str, Any]
"""Columns of one table by name, all of one length: arrays of numbers, or lists of words."""
SECOND = 1e9


def series_of(record: Any, scenario: Scenario) -> Columns:
    """The time series in a record that was kept with its journal and ledger."""
    requests, slow = record.ledger.requests, record.ledger.slow
    windows, streams = requests.shape[:2]
    failed, window = requests[:, :, :, list(FAILURES)].sum(axis=3), scenario.study.window
    starts = np.arange(windows) * window
    ends = np.minimum(starts + window, scenario.study.horizon)
    return {
        "seconds": np.repeat(starts / SECOND, streams),
        "stream": [stream.name for stream in scenario.traffic.streams] * windows,
        "requests": requests.sum(axis=(2, 3)).ravel(),
        "failed": failed.sum(axis=2).ravel(),
        "slow": slow.sum(axis=2).ravel(),
        "requests_new": requests[:, :, NEW].sum(axis=2).ravel(),
        "failed_new": failed[:, :, NEW].ravel(),
        **{
            gauge.value.replace(" ", "_"): np.repeat(in_force(record.journal.gauges.get(gauge, ()), ends), streams)
            for gauge in Gauge
        },
    }


def in_force(points: Any, moments: Any) -> Any:
    """The value of a step function just before each moment (ns); 0 before its first step.

    >>> in_force([(0, 5.0), (10, 7.0)], [5, 10, 11]).tolist()
    [5.0, 5.0, 7.0]
    """
    if not points:
        return np.zeros(len(moments))
    times, values = np.array([at for at, _ in points]), np.array([value for _, value in points])
    places = np.searchsorted(times, np.asarray(moments), side="left") - 1
    return np.where(places >= 0, values[np.maximum(places, 0)], 0.0)
