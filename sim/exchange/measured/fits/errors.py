"""The share of requests that fail on a quiet day, with how sure that is though errors come in clusters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.exchange.measured.data import Floats, Windows
from sim.exchange.measured.fits.figure import CONFIDENCE, Figure
from sim.quantities import Trust
from sim.stats.clustered import clustered_rate, dispersion

BATCHES = 60
"""Into which the time is cut; neighbouring errors mostly fall into one."""
INCIDENT, TIMES_USUAL = 0.05, 10.0
"""A window fails so many of its requests, and so many times the usual share, that something was broken then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """The share, and what it rests on."""

    share: Figure
    failed: float
    requests: float
    clustered: float
    """By how much counts of errors vary more than by chance alone; 1 for not at all."""
    incidents: int
    """ns of windows left out because something was broken then."""


def fit_errors(parts: Sequence[Windows]) -> Errors | None:
    """Of windows in which requests and failures are counted; None where there are none."""
    requests, failed, lasts = _together(parts)
    if requests.sum() <= 0:
        return None
    usual = failed.sum() / requests.sum()
    ratio = failed / requests
    quiet_usual = float(np.median(ratio))
    broken = (ratio > INCIDENT) & (ratio > TIMES_USUAL * max(quiet_usual, 1e-12)) & (failed >= 3)
    if broken.all() or usual > 0.5:
        broken[:] = False
    kept = ~broken
    events, exposure = _batches(failed[kept], requests[kept])
    found = clustered_rate(events, exposure, CONFIDENCE)
    trust: Trust = "high" if failed[kept].sum() >= 30 else "medium" if failed[kept].sum() >= 3 else "low"
    return Errors(
        share=Figure(value=found.value, low=found.low, high=min(1.0, found.high), trust=trust),
        failed=float(failed[kept].sum()),
        requests=float(requests[kept].sum()),
        clustered=dispersion(events, exposure)[0],
        incidents=int(lasts[broken].sum()),
    )


def _together(parts: Sequence[Windows]) -> tuple[Floats, Floats, Floats]:
    """Requests, failures and lengths of all windows that have both, one part after the other."""
    columns: list[tuple[Floats, Floats, Floats]] = []
    for part in parts:
        failures = part.failures
        if failures is None:
            continue
        there = ~np.isnan(part.requests) & ~np.isnan(failures) & (part.requests > 0)
        columns.append((part.requests[there], failures[there], part.lasts[there].astype(np.float64)))
    if not columns:
        return np.zeros(0), np.zeros(0), np.zeros(0)
    requests, failed, lasts = (np.concatenate(each) for each in zip(*columns, strict=True))
    return requests, np.minimum(failed, requests), lasts


def _batches(failed: Floats, requests: Floats) -> tuple[Floats, Floats]:
    size = max(1, math.ceil(len(failed) / BATCHES))
    starts = np.arange(0, len(failed), size)
    return np.add.reduceat(failed, starts), np.add.reduceat(requests, starts)
