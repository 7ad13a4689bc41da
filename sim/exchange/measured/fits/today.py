"""Today's dashboard: the rate, the share of good answers and latencies that a model must first reproduce."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.exchange.measured.data import Floats, Series, Single, Windows
from sim.exchange.measured.fits.errors import Errors
from sim.units import SECOND

SHARES: tuple[float, ...] = (0.5, 0.95, 0.99)
ENOUGH = 20.0
"""Requests beyond a percentile, below which it is luck."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """What users see."""

    rate: float | None
    """Requests per second in the time of the data."""
    success: float | None
    latency: Mapping[float, int]
    """ns by share."""
    coarse: float
    """By which factor a latency may be off because of wide buckets; 1 for not at all."""


def fit_today(series: Sequence[Series], errors: Errors | None) -> Today | None:
    """Of what was measured of users; None where neither latencies nor failures are there."""
    latency, coarse = _latencies(series)
    told = errors is not None and errors.failed >= 1
    success = 1 - errors.share.value if errors is not None and told else None
    if not latency and success is None:
        return None
    return Today(rate=_rate(series), success=success, latency=latency, coarse=coarse)


def _rate(series: Sequence[Series]) -> float | None:
    """Of all streams together; several recordings of one count once, the one with the most requests."""
    per_stream: dict[str, tuple[float, float]] = {}
    for each in series:
        data = each.data
        if isinstance(data, Single):
            counted = (float(len(data.began)), float(data.began[-1] - data.began[0]) / SECOND)
        else:
            there = ~np.isnan(data.requests) & (data.lasts > 0)
            counted = (float(data.requests[there].sum()), float(data.lasts[there].sum()) / SECOND)
        if counted[1] > 0:
            per_stream[each.stream] = max(counted, per_stream.get(each.stream, (0.0, 1.0)))
    return sum(number / seconds for number, seconds in per_stream.values()) if per_stream else None


def _latencies(series: Sequence[Series]) -> tuple[dict[float, int], float]:
    """From single requests if there are any, else from buckets, else percentiles averaged by their requests."""
    single = [each.data for each in series if isinstance(each.data, Single)]
    took = np.concatenate([each.took[each.good] for each in single]) if single else np.zeros(0)
    if len(took):
        return {share: round(float(np.quantile(took, share))) for share in _told(len(took))}, 1.0
    windows = [each.data for each in series if isinstance(each.data, Windows)]
    bucketed = [each for each in windows if each.counts is not None and np.nansum(each.counts) > 0]
    if bucketed:
        return _from_buckets(bucketed)
    found: dict[float, int] = {}
    for share in SHARES:
        parts = [(each.quantiles[share], each.requests) for each in windows if share in each.quantiles]
        values = np.concatenate([value for value, _ in parts]) if parts else np.zeros(0)
        weight = np.concatenate([np.nan_to_num(weight, nan=1.0) for _, weight in parts]) if parts else np.zeros(0)
        there = ~np.isnan(values) & (weight > 0)
        if there.any():
            found[share] = round(float(np.average(values[there], weights=weight[there])))
    return found, 1.0


def _from_buckets(windows: Sequence[Windows]) -> tuple[dict[float, int], float]:
    """As Prometheus' ``histogram_quantile``: straight within a bucket; a share in the last one is left out."""
    first = windows[0]
    assert first.bounds is not None
    same = [each for each in windows if each.bounds is not None and np.array_equal(each.bounds, first.bounds)]
    counts: Floats = sum(
        (np.nansum(each.counts, axis=0) for each in same if each.counts is not None), np.zeros(len(first.bounds))
    )
    ends, cumulated = first.bounds, counts.cumsum()
    found, coarse = {}, 1.0
    for share in _told(float(cumulated[-1])):
        place = int(np.searchsorted(cumulated, share * cumulated[-1]))
        if place >= len(ends) - 1:
            continue
        low, before = (float(ends[place - 1]), float(cumulated[place - 1])) if place else (0.0, 0.0)
        within = (share * float(cumulated[-1]) - before) / max(1e-12, float(counts[place]))
        found[share] = round(low + (float(ends[place]) - low) * within)
        coarse = max(coarse, float(ends[place]) / low if low > 0 else 2.0)
    return found, coarse


def _told(requests: float) -> list[float]:
    """The shares that so many requests tell."""
    return [share for share in SHARES if requests * (1 - share) >= ENOUGH]
