"""Series of one metric, as Prometheus answers them, added up into windows of time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim import units
from sim.exchange.measured.data import Floats, Windows
from sim.exchange.measured.readers.native import bounds_of, counts_in
from sim.exchange.measured.readers.tracks import Grid, Track, increments, sums

_FEWEST_STEPS, _MOST_FALLS = 20, 0.05
"""Of values without a name: how many must have changed, and how few of those may have fallen, for a counter."""
_LONGEST_LATENCY = 120.0
"""A largest bucket bound above it cannot be meant in seconds."""


@dataclass(slots=True)
class Group:
    """Series of one stream and one metric."""

    counters: dict[bool, list[Track]] = field(default_factory=lambda: {True: [], False: []})  # by whether they fail
    rates: dict[bool, list[Track]] = field(default_factory=lambda: {True: [], False: []})
    ratios: list[Track] = field(default_factory=list)
    buckets: dict[float, list[Track]] = field(default_factory=dict)  # by upper end, seconds or so
    bucket_rates: dict[float, list[Track]] = field(default_factory=dict)
    failed_buckets: list[Track] = field(default_factory=list)  # the last bucket of failed ones: their number
    quantiles: dict[float, list[Track]] = field(default_factory=dict)
    native: list[tuple[list[int], list[Mapping[str, Any]], bool]] = field(default_factory=list)
    unit: int = units.SECOND
    is_moment: bool = False
    tells: bool = False
    """Whether a label tells which requests failed; then none that failed means that none did."""


def windows(group: Group, said: list[str]) -> Iterator[Windows]:
    """The windows of one stream and metric."""
    if group.native:
        yield _native(group)
    if not group.is_moment and _only_grow(group):
        said.append("values that only grow are taken for counters, not for rates")
        for failing, tracks in group.rates.items():
            group.counters[failing] += tracks
        for end, tracks in group.bucket_rates.items():
            group.buckets.setdefault(end, []).extend(tracks)
        group.rates, group.bucket_rates = {True: [], False: []}, {}
    tracks = [track for part in (group.counters, group.rates) for each in part.values() for track in each]
    tracks += [
        track
        for part in (group.buckets, group.bucket_rates, group.quantiles)
        for each in part.values()
        for track in each
    ]
    tracks += group.ratios
    if not tracks:
        return
    grid = Grid.of(tracks)
    if group.is_moment:
        yield from _moment(group, grid)
        return
    if any(group.counters.values()) or group.buckets:
        yield _counted(group, grid)
    if any(group.rates.values()) or group.bucket_rates or group.quantiles or group.ratios:
        said.append("a rate is taken to be over the step of the query, however long its window is")
        yield _rated(group, grid)


def _only_grow(group: Group) -> bool:
    """Whether what would be rates are counters: a rate falls as often as it rises, a counter where a pod is new."""
    parts = (*group.rates.values(), *group.bucket_rates.values())
    steps = [np.diff(track.values[~np.isnan(track.values)]) for tracks in parts for track in tracks]
    falls, changes = (sum(int((each < 0).sum()) for each in steps), sum(int((each != 0).sum()) for each in steps))
    return changes >= _FEWEST_STEPS and falls <= _MOST_FALLS * changes


def _counted(group: Group, grid: Grid) -> Windows:
    """From counters: what they grew by between two samples."""
    ends = sorted(group.buckets)
    ok = group.counters[False]
    bounds, counts, total = _histogram(group, [increments(group.buckets[end], grid) for end in ends], ends)
    requests = increments(ok, grid) if ok else total if total is not None else np.full(len(grid.times) - 1, np.nan)
    bad = group.counters[True]
    failures = np.nan_to_num(increments(bad, grid)) if bad else None
    if failures is not None:
        requests = requests + failures
    elif group.tells:
        failures = np.where(np.isnan(requests), np.nan, 0.0)
    return Windows(
        began=grid.times[:-1], lasts=np.diff(grid.times), requests=requests, failed=failures,
        bounds=bounds, counts=counts,
    )  # fmt: skip


def _rated(group: Group, grid: Grid) -> Windows:
    """From values per second: those of a time are taken for the step before it."""
    seconds = grid.step / units.SECOND
    ends = sorted(group.bucket_rates)
    bounds, counts, total = _histogram(group, [sums(group.bucket_rates[end], grid) * seconds for end in ends], ends)
    good, bad = group.rates[False], group.rates[True]
    requests = sums(good, grid) * seconds if good else total
    failures = np.nan_to_num(sums(bad, grid)) * seconds if bad else None
    if failures is not None and requests is not None and group.tells:
        requests = np.nan_to_num(requests) + failures
    elif failures is None and group.tells and requests is not None:
        failures = np.where(np.isnan(requests), np.nan, 0.0)
    if requests is None:
        requests = np.full(len(grid.times), np.nan)
    return Windows(
        began=grid.times - grid.step,
        lasts=np.full(len(grid.times), grid.step, dtype=np.int64),
        requests=requests,
        failed=failures,
        failing=sums(group.ratios, grid) if group.ratios else None,
        bounds=bounds,
        counts=counts,
        quantiles={share: sums(each[:1], grid) * group.unit for share, each in sorted(group.quantiles.items())},
    )


def _histogram(
    group: Group, cumulated: Sequence[Floats], ends: Sequence[float]
) -> tuple[Floats | None, Floats | None, Floats | None]:
    """Bounds in ns, counts per bucket and all requests, from cumulated buckets."""
    if not ends:
        return None, None, None
    held = np.maximum(np.diff(np.stack(cumulated), axis=0, prepend=0.0), 0.0).T
    bounds = np.array(ends)
    if not np.isinf(bounds[-1]):
        return None, None, None
    unit = _unit_of(bounds, group.unit)
    return bounds * unit, held, cumulated[-1]


def _unit_of(bounds: Floats, unit: int) -> int:
    finite = bounds[np.isfinite(bounds)]
    return 10**6 if unit == units.SECOND and len(finite) and finite[-1] > _LONGEST_LATENCY else unit


def _moment(group: Group, grid: Grid) -> Iterator[Windows]:
    """Counters at one moment: since nobody knows when."""
    ends = sorted(group.buckets)
    bounds, counts, total = _histogram(group, [sums(group.buckets[end], grid)[-1:] for end in ends], ends)
    good = sums(group.counters[False], grid)[-1:] if group.counters[False] else total
    bad = sums(group.counters[True], grid)[-1:] if group.counters[True] else None
    if good is None and not group.quantiles:
        return
    requests = np.full(1, np.nan) if good is None else good
    yield Windows(
        began=grid.times[-1:], lasts=np.zeros(1, dtype=np.int64),
        requests=requests if bad is None else requests + np.nan_to_num(bad), failed=bad, bounds=bounds, counts=counts,
        quantiles={share: sums(each[:1], grid)[-1:] * group.unit for share, each in sorted(group.quantiles.items())},
    )  # fmt: skip


def _native(group: Group) -> Windows:
    """From native histograms: counters where they have a name, else rates."""
    bounds = bounds_of([each for _, histograms, _ in group.native for each in histograms])
    is_counter = all(named for _, _, named in group.native)
    tracks = []
    for times, histograms, _ in group.native:
        held = np.stack([counts_in(each, bounds) for each in histograms])
        tracks.append((np.asarray(times, dtype=np.int64), held))
    per_bucket = [[Track(times, held[:, place]) for times, held in tracks] for place in range(len(bounds))]
    grid = Grid.of(per_bucket[0])
    unit = _unit_of(bounds, group.unit)
    if group.is_moment or not is_counter:
        seconds = 1.0 if group.is_moment else grid.step / units.SECOND
        counts = np.stack([sums(each, grid) for each in per_bucket], axis=1) * seconds
        lasts = np.full(len(grid.times), 0 if group.is_moment else grid.step, dtype=np.int64)
        began = grid.times - (0 if group.is_moment else grid.step)
    else:
        counts = np.stack([increments(each, grid) for each in per_bucket], axis=1)
        began, lasts = grid.times[:-1], np.diff(grid.times)
    return Windows(began=began, lasts=lasts, requests=counts.sum(axis=1), bounds=bounds * unit, counts=counts)
