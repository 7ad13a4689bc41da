"""How many requests come when: the peak of each stream, and one profile, from the moment of the release on.

Several days give a typical one, and intervals by how much days differ; one day or less is taken as it was, with
intervals by how much neighbouring counts differ, which says nothing of other days. Stretches without a single request
in which many were due are taken for missing data, not for an absence of users.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.exchange.measured.data import Floats, Ints, Windows
from sim.exchange.measured.fits.figure import CONFIDENCE, Figure
from sim.exchange.measured.fits.moment import NotMeasuredError, WeekMoment, in_week
from sim.exchange.measured.fits.noise import Noise, noise_of, without_noise
from sim.quantities import Trust
from sim.stats.intervals import around
from sim.units import DAY, HOUR, MINUTE, SECOND

MOST_POINTS = 30
"""Of a profile."""
ENOUGH = 400.0
"""Requests in a point of the profile: it is sure to within 5 %."""
MISSING = 30.0
"""So many requests were due in a stretch without any before it is taken for missing data."""
STEPS = (SECOND, 5 * SECOND, 15 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What comes: requests per second of each stream at the profile's highest point, and shares of it over time."""

    peaks: Mapping[str, Figure]
    profile: tuple[tuple[int, float], ...]
    """(ns since the release, share of the peak)."""
    begins: str
    """The moment of the profile's beginning, for a reader."""
    days: int
    """Days that were averaged; 0 where times are not dates, or less than two days were seen."""
    left_out: int = 0
    """ns without a request that were taken for missing data."""
    week: tuple[tuple[float, ...], ...] = ()
    """Requests per second by weekday and hour in the zone asked for, nan where nothing was seen; empty for less than
    two days."""


def fit_traffic(
    streams: Mapping[str, Windows], *, horizon: int, dated: bool, at: WeekMoment | None = None
) -> Traffic | None:
    """Peaks and profile over ``horizon`` ns from a moment of the week, or the busiest time; None for too few counts.

    Raises NotMeasuredError where the moment asked for is not in the data.
    """
    counted = {name: _counted(each) for name, each in streams.items()}
    used = {name: each for name, each in counted.items() if each is not None and each.requests.sum() > 0}
    if not used:
        return None
    step = max(int(np.median(each.lasts)) for each in used.values())
    together = _resampled(used, step)
    began, rates, left_out = _without_outages(together.began, together.rates, step)
    if len(began) < 2:
        return None
    span = int(began[-1] - began[0]) + step
    if dated and span >= 2 * DAY:
        return _typical(tuple(used), began, rates, step, horizon, at, left_out)
    return _one_stretch(tuple(used), began, rates, step, horizon, at if dated else None, left_out, dated=dated)


@dataclass(frozen=True, slots=True)
class _Together:
    began: Ints
    rates: Floats  # [window, stream] requests per second


def _counted(windows: Windows) -> Windows | None:
    there = ~np.isnan(windows.requests) & (windows.lasts > 0)
    if not there.any():
        return None
    return Windows(began=windows.began[there], lasts=windows.lasts[there], requests=windows.requests[there])


def _resampled(streams: Mapping[str, Windows], step: int) -> _Together:
    """All streams on one grid of windows; a stream without a count there has none."""
    first = min(int(each.began[0]) for each in streams.values()) // step * step
    last = max(int(each.began[-1]) for each in streams.values())
    number = (last - first) // step + 1
    counts = np.zeros((number, len(streams)))
    covered = np.zeros((number, len(streams)))
    for place, each in enumerate(streams.values()):
        slots = np.clip((each.began + each.lasts // 2 - first) // step, 0, number - 1)
        counts[:, place] = np.bincount(slots, weights=each.requests, minlength=number)
        covered[:, place] = np.bincount(slots, weights=each.lasts.astype(np.float64), minlength=number)
    rates = np.where(covered > 0, counts / np.maximum(covered, 1) * SECOND, 0.0)
    seen = (covered > 0).any(axis=1)
    began = first + step * np.arange(number, dtype=np.int64)
    return _Together(began[seen], rates[seen])


def _without_outages(began: Ints, rates: Floats, step: int) -> tuple[Ints, Floats, int]:
    total = rates.sum(axis=1)
    usual = float(np.median(total[total > 0])) if (total > 0).any() else 0.0
    kept = np.ones(len(total), dtype=np.bool_)
    begin = None
    for place in range(len(total) + 1):
        empty = place < len(total) and total[place] == 0
        if empty and begin is None:
            begin = place
        elif not empty and begin is not None:
            if usual * (place - begin) * step / SECOND >= MISSING:
                kept[begin:place] = False
            begin = None
    return began[kept], rates[kept], int((~kept).sum()) * step


def _point(step: int, horizon: int, rate: float) -> int:
    """How far apart the profile's points are: as counts allow, in steps that people use."""
    least = max(step, horizon // MOST_POINTS, math.ceil(ENOUGH / max(rate, 1e-9) * SECOND))
    return next((each for each in STEPS if each >= least), min(max(least, HOUR), max(horizon, step)))


def _typical(
    names: Sequence[str],
    began: Ints,
    rates: Floats,
    step: int,
    horizon: int,
    at: WeekMoment | None,
    left_out: int,
) -> Traffic:
    """Of several days."""
    zone = at.zone if at is not None else WeekMoment(None, 0).zone
    places = np.array([in_week(int(each), zone) for each in began], dtype=np.int64)
    week = _week(places, rates.sum(axis=1))
    total = rates.sum(axis=1)
    days = len(np.unique(places[:, 0]))
    point = _point(step, horizon, float(total.mean()) * max(1, days // (7 if at and at.weekday is not None else 1)))
    if at is None:
        at = WeekMoment(None, _busiest(places, total, horizon, point), zone)
    since = (places[:, 2] - at.time) % DAY
    day_of = places[:, 0] - (places[:, 2] < at.time)  # the day on which the release would have been
    weekday_of = (places[:, 1] - (places[:, 2] < at.time)) % 7
    inside = since < min(horizon, DAY)
    if at.weekday is not None:
        inside &= weekday_of == at.weekday
    if not inside.any():
        raise NotMeasuredError(f"the data hold nothing of {at}; choose a time that they hold")
    slots = since[inside] // point
    number = int(slots.max()) + 1
    shape = _by_point(slots, rates[inside], number)
    levels = _levels(day_of[inside], slots, rates[inside], shape)
    noise = noise_of(total, len(total) * number / int(inside.sum()))
    return _made(names, shape, point, levels, str(at), days=len(levels), left_out=left_out, noise=noise, week=week)


def _by_point(slots: Ints, rates: Floats, number: int) -> Floats:
    """The mean rate of each stream at each point, nan where nothing was seen; shape [point, stream]."""
    weight = np.bincount(slots, minlength=number)
    summed = np.stack([np.bincount(slots, weights=each, minlength=number) for each in rates.T], axis=1)
    found: Floats = np.where(weight > 0, summed.T / np.maximum(weight, 1), np.nan).T
    return found


def _levels(day_of: Ints, slots: Ints, rates: Floats, shape: Floats) -> Floats:
    """How high each day was, by stream, in typical days; shape [day, stream]. Days of which less than half was seen do
    not count."""
    days = np.unique(day_of)
    found = np.full((len(days), rates.shape[1]), np.nan)
    for place, day in enumerate(days):
        mine = day_of == day
        if len(np.unique(slots[mine])) * 2 >= len(shape):
            expected = shape[slots[mine]].sum(axis=0)
            found[place] = np.where(expected > 0, rates[mine].sum(axis=0) / np.maximum(expected, 1e-300), np.nan)
    kept: Floats = found[~np.isnan(found).all(axis=1)]
    return kept


def _busiest(places: Ints, total: Floats, horizon: int, point: int) -> int:
    """The time of day at which a release would meet the most requests, ns since midnight."""
    slot = max(point, 5 * MINUTE)
    number = DAY // slot
    slots = places[:, 2] // slot % number
    weight = np.bincount(slots, minlength=number)
    mean = np.bincount(slots, weights=total, minlength=number) / np.maximum(weight, 1)
    length = max(1, min(number, horizon // slot))
    ahead = np.array([np.take(mean, range(begin, begin + length), mode="wrap").sum() for begin in range(number)])
    return int(ahead.argmax()) * slot


def _week(places: Ints, total: Floats) -> tuple[tuple[float, ...], ...]:
    hours = places[:, 1] * 24 + places[:, 2] // HOUR
    mean = _by_point(hours, total[:, None], 168)
    return tuple(tuple(float(each) for each in row) for row in mean.reshape(7, 24))


def _one_stretch(
    names: Sequence[str],
    began: Ints,
    rates: Floats,
    step: int,
    horizon: int,
    at: WeekMoment | None,
    left_out: int,
    *,
    dated: bool,
) -> Traffic:
    """Of less than two days: as it was."""
    total = rates.sum(axis=1)
    start = int(began[0])
    begins = "the first row"
    if at is not None:
        moments = [in_week(int(each), at.zone) for each in began]
        there = [
            place
            for place, (_, weekday, time) in enumerate(moments)
            if 0 <= time - at.time < max(step, MINUTE) and at.weekday in (None, weekday)
        ]
        if not there:
            raise NotMeasuredError(f"the data hold nothing of {at}; choose a time that they hold")
        start, begins = int(began[there[0]]), str(at)
    elif int(began[-1] - began[0]) + step > horizon:
        length = max(1, horizon // step)
        sums = np.convolve(total, np.ones(min(length, len(total))), mode="valid")
        start = int(began[int(sums.argmax())])
        time = in_week(start, WeekMoment(None, 0).zone)[2]
        begins = f"the busiest time, {WeekMoment(None, time)}" if dated else "the busiest time"
    inside = (began >= start) & (began < start + horizon)
    point = _point(step, min(horizon, int(began[-1]) - start + step), float(total[inside].mean()))
    slots = (began[inside] - start) // point
    number = int(slots.max()) + 1
    shape = _by_point(slots, rates[inside], number)
    noise = noise_of(total, len(total) * number / int(inside.sum()))
    return _made(names, shape, point, None, begins, days=0, left_out=left_out, noise=noise, within=rates[inside])


def _made(
    names: Sequence[str],
    shape: Floats,
    point: int,
    levels: Floats | None,
    begins: str,
    *,
    days: int,
    left_out: int,
    noise: Noise,
    week: tuple[tuple[float, ...], ...] = (),
    within: Floats | None = None,
) -> Traffic:
    """From the typical rate at each point: the profile, and peaks with intervals."""
    total = without_noise(shape.sum(axis=1), noise)
    highest = float(np.nanmax(total))
    there = ~np.isnan(total)
    is_flat = float(np.nanmin(total)) == highest
    profile = tuple(
        (int(place) * point + (point // 2 if there.sum() > 1 else 0), float(total[place] / highest))
        for place in np.flatnonzero(there)
    )
    profile = ((0, 1.0),) if is_flat else profile
    level = np.nanmean(shape, axis=0)
    peaks = {}
    for place, name in enumerate(names):
        value = highest * float(level[place] / level.sum())
        relative = _relative(
            levels[:, place] if levels is not None else None, None if within is None else within[:, place]
        )
        low, high = max(0.0, value * (1 - relative)), value * (1 + relative)
        trust: Trust = "low" if days == 0 or relative > 0.4 else "high" if days >= 7 and relative <= 0.15 else "medium"
        peaks[name] = Figure(value=value, low=low, high=high, trust=trust)
    return Traffic(peaks=peaks, profile=profile, begins=begins, days=days, left_out=left_out, week=week)


def _relative(levels: Floats | None, within: Floats | None) -> float:
    """Half the interval's length in values: days vary, or within a day neighbouring counts do."""
    if levels is not None:
        told = levels[~np.isnan(levels)]
        if len(told) < 2:
            return math.inf
        found = around(1.0, float(told.var(ddof=1)) / len(told), len(told) - 1, CONFIDENCE, len(told))
        return found.half_width / float(told.mean())
    assert within is not None
    if len(within) < 3 or within.mean() <= 0:
        return math.inf
    variance = float((np.diff(within) ** 2).mean()) / 2  # J. von Neumann, 1941: free of a slow trend
    found = around(1.0, variance / len(within), len(within) - 1, CONFIDENCE, len(within))
    return found.half_width / float(within.mean())
