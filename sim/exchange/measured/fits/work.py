"""How long a request works and how many a pod works on at once, from single requests with their response times.

A response time is work and waiting. Who waits is told by how many requests were under way when one came, which the data
hold: they say when each began and how long it took. Given that number it is known how many of them were in one pod
(:mod:`sim.stats.occupancy`), and a request that finds ``k`` there waits for ``k - c + 1`` ends. Nothing is simulated;
each concurrency is compared with the mean response times.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from sim.exchange.measured.data import Floats, Ints, Single
from sim.exchange.measured.fits.figure import CONFIDENCE, Figure
from sim.stats.occupancy import in_one_pod
from sim.units import MILLISECOND, SECOND

Spread: TypeAlias = Literal["random", "even", "between"]
"""How requests lie in pods: each in any pod, as many in one as in another, or between the two, as of two pods drawn the
emptier. For that no closed form is known: it is taken for even, which is near, and no least concurrency is told."""
CANDIDATES = (*range(1, 17), 20, 24, 28, 32, 40, 48, 64, 80, 100, 128, 160, 200, 256)
"""Concurrencies that are compared."""
BLOCKS, RESAMPLED = 24, 200
"""Stretches of time that are drawn anew to say how sure a concurrency is, and how often."""
FEWEST = 200
"""Requests for a law of work."""
HARDLY = (0.001, 0.003, 0.01, 0.02)
"""Chances to have waited: the requests below the first that leaves :data:`MANY` tell what work is."""
MANY = 2_000
SHOWS = 6.63
"""By how much waiting must explain response times better than none: chi-squared, one degree, once in a hundred."""
TOO_COARSE = (
    "the file's clock is too coarse to count requests under way (a log with milliseconds would tell; nginx: $msec)"
)
MOST_UNDER_WAY = 1_500
"""Beyond, the closed form takes too long: its cost grows with the square."""
COARSE = 0.2
"""A clock whose step is more than this share of a median response time cannot tell who was under way."""
SHARES = (0.5, 0.95)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What response times say of one service."""

    quantiles: Mapping[str, Mapping[float, Figure]]
    """ns of work, by stream and share; a stream with too few requests is left out."""
    told_by: Mapping[str, int]
    """Requests that hardly waited, by stream."""
    tail: Mapping[str, float]
    """The measured 99th percentile as a multiple of the one of a log-normal law of these quantiles, by stream."""
    concurrency: Figure | None
    """Of a pod; ``high`` is infinite where nobody was seen to wait. None where even the least cannot be told."""
    busiest: float
    """The most requests under way for each pod, once in a hundred; nan where they could not be counted."""
    waits: bool
    """Whether requests were seen to wait, though the concurrency may be unsure."""
    uncounted: str
    """Why requests under way could not be counted, for a reader; empty where they could."""
    grows: float
    """The median of the busiest third of the time as a multiple of the quietest third's; nan where it was counted."""


def fit_work(streams: Mapping[str, Single], *, pods: int, spread: Spread, uncounted: str = "") -> Work | None:
    """Of requests of all streams together; None for too few, or none that say how long they took.

    ``uncounted`` says why those under way cannot be counted, as the caller knows it; then work is that of the quietest
    time.
    """
    told = {name: each for name, each in streams.items() if int(each.good.sum()) >= FEWEST}
    if not told:
        return None
    timed = [(place, each, ~np.isnan(each.took)) for place, each in enumerate(streams.values())]
    began = np.concatenate([each.began[there] for _, each, there in timed])
    took = np.concatenate([each.took[there] for _, each, there in timed])
    good = np.concatenate([each.good[there] for _, each, there in timed])
    whose = np.concatenate([np.full(int(there.sum()), place) for place, _, there in timed])
    under_way = found_under_way(began, took)
    if resolution(began, took) > COARSE * float(np.median(took)):
        uncounted = TOO_COARSE
    elif int(under_way.max()) > MOST_UNDER_WAY:
        uncounted = uncounted or f"more than {MOST_UNDER_WAY:,} requests are under way at once"
    if uncounted:
        return _of_the_quietest_time(told, uncounted)
    sums = _Sums.of(began[good], took[good], under_way[good])
    candidates = [each for each in CANDIDATES if each * pods <= 4 * sums.most + 8 * pods]
    waits = {each: _waiting(each, pods, sums.most, spread) for each in candidates}
    concurrency, best = _concurrency(sums, waits)
    if spread == "between" and concurrency is not None:
        concurrency = None if math.isinf(concurrency.high) else replace(concurrency, trust="low")
    worst = waits[best] if spread == "random" else _waiting(best, pods, sums.most, "random")
    chance = worst.chance[np.minimum(under_way, sums.most)]
    hardly = next((each for each in (chance <= bound for bound in HARDLY) if each.sum() >= MANY), chance <= HARDLY[-1])
    quantiles, told_by, tail = {}, {}, {}
    for place, name in enumerate(streams):
        values = took[(whose == place) & hardly & good]
        if len(values) >= FEWEST:
            quantiles[name], told_by[name] = _quantiles(values), len(values)
            tail[name] = _tail(values, quantiles[name])
    return Work(
        quantiles=quantiles,
        told_by=told_by,
        tail=tail,
        concurrency=concurrency,
        busiest=float(np.quantile(under_way, 0.99)) / pods,
        waits=best < candidates[-1],
        uncounted="",
        grows=math.nan,
    )


def resolution(began: Ints, took: Floats) -> int:
    """ns of the clock that wrote the times: the largest of its usual steps on which beginnings or ends fall.

    >>> resolution(np.array([1_950_000_000, 3_900_000_000]), np.array([5e7, 1e8]))
    1000000000
    """
    ends = began + np.round(took).astype(np.int64)
    for step in (SECOND, 100 * MILLISECOND, 10 * MILLISECOND, MILLISECOND):
        if any((np.minimum(each % step, -each % step) <= 1).mean() > 0.99 for each in (began, ends)):
            return step
    return 1


def _of_the_quietest_time(told: Mapping[str, Single], uncounted: str) -> Work:
    """Of the third of the time with the fewest requests."""
    began = np.concatenate([each.began for each in told.values()])
    width = max(10 * SECOND, int(np.ptp(began)) // 60 + 1)
    first = int(began.min())
    counts = np.bincount((began - first) // width)
    few, many = np.quantile(counts[counts > 0], [1 / 3, 2 / 3])
    quantiles, told_by, tail, growth = {}, {}, {}, []
    for name, each in told.items():
        there = counts[(each.began[each.good] - first) // width]
        took = each.took[each.good]
        quiet, busy = took[there <= few], took[there >= many]
        if len(quiet) >= FEWEST:
            quantiles[name], told_by[name] = _quantiles(quiet), len(quiet)
            tail[name] = _tail(quiet, quantiles[name])
            growth.append(float(np.median(busy)) / quantiles[name][0.5].value if len(busy) else 1.0)
    return Work(
        quantiles=quantiles, told_by=told_by, tail=tail, concurrency=None, busiest=math.nan,
        waits=False, uncounted=uncounted, grows=max(growth, default=math.nan),
    )  # fmt: skip


def found_under_way(began: Ints, took: Floats) -> Ints:
    """How many others each request found under way when it began.

    >>> found_under_way(np.array([0, 5, 20]), np.array([10.0, 10.0, 10.0])).tolist()
    [0, 1, 0]
    """
    starts, ends = np.sort(began), np.sort(began + took)
    before: Ints = np.searchsorted(starts, began, side="left") - np.searchsorted(ends, began, side="right")
    return np.maximum(before, 0)


@dataclass(frozen=True, slots=True)
class _Sums:
    """Counts, sums and sums of squares of response times by stretch of time and requests under way: [block, n]."""

    count: Floats
    total: Floats
    squared: Floats

    @classmethod
    def of(cls, began: Ints, took: Floats, under_way: Ints) -> _Sums:
        most = int(under_way.max())
        block = np.minimum((began - began.min()) * BLOCKS // max(1, int(np.ptp(began)) + 1), BLOCKS - 1)
        cell = block * (most + 1) + under_way
        shape = (BLOCKS, most + 1)

        def summed(weights: Floats) -> Floats:
            return np.bincount(cell, weights=weights, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)

        return cls(summed(np.ones(len(took))), summed(took), summed(took**2))

    @property
    def most(self) -> int:
        return int(self.count.shape[1]) - 1

    def drawn(self, blocks: Ints) -> tuple[Floats, Floats, Floats]:
        """Added up over these stretches: by requests under way."""
        return self.count[blocks].sum(axis=0), self.total[blocks].sum(axis=0), self.squared[blocks].sum(axis=0)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """By the number of requests found under way: the chance to wait, and the mean wait as a multiple of mean work."""

    chance: Floats
    mean: Floats


def _waiting(concurrency: int, pods: int, most: int, spread: Spread) -> _Waiting:
    inside = np.arange(most + 1)
    if spread != "random":  # all pods are alike but for one
        each = inside // pods
        return _Waiting((each >= concurrency).astype(np.float64), np.maximum(each - concurrency + 1, 0) / concurrency)
    chance: Floats = np.zeros(most + 1)
    mean: Floats = np.zeros(most + 1)
    here = in_one_pod(concurrency, pods, most)
    waits = np.maximum(inside - concurrency + 1, 0) / concurrency
    for found in range(most + 1):
        law = here[found, : found + 1]
        chance[found] = law[concurrency:].sum()
        mean[found] = (law * waits[: found + 1]).sum()
    return _Waiting(chance, mean)


def _concurrency(sums: _Sums, waits: Mapping[int, _Waiting]) -> tuple[Figure | None, int]:
    """The concurrency whose waits explain best how response times grow; its interval by drawing stretches anew.

    And the one by which is told who can have waited: where requests do wait and the interval is wide, its lower end.
    """
    candidates = list(waits)
    shapes = np.stack([waits[each].mean for each in candidates])
    every = np.arange(BLOCKS)
    misfit = _misfits(sums.drawn(every), shapes)
    none = _misfits(sums.drawn(every), np.zeros((1, shapes.shape[1])))[0]
    best = int(misfit.argmin())
    luck = np.random.default_rng(1)
    drawn = [_misfits(sums.drawn(luck.integers(0, BLOCKS, BLOCKS)), shapes) for _ in range(RESAMPLED)]
    ends = np.sort([candidates[int(each.argmin())] for each in drawn])
    low, high = (
        float(np.quantile(ends, share, method="nearest")) for share in ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2)
    )
    if none - misfit[best] >= SHOWS:
        if high > 2 * low + 1:
            return None, int(low)
        return Figure(value=float(candidates[best]), low=low, high=high, trust="medium"), candidates[best]
    excluded = [each for each, found in zip(candidates, misfit, strict=True) if found - none >= SHOWS]
    if not excluded:
        return None, candidates[-1]
    least = next((each for each in candidates if each > max(excluded)), max(excluded))
    return Figure(value=float(least), low=float(least), high=math.inf, trust="low"), candidates[-1]


def _misfits(data: tuple[Floats, Floats, Floats], shapes: Floats) -> Floats:
    """Weighted squares of how far mean response times are from work times (1 + shape); of each row of shapes."""
    count, total, squared = data
    there = count >= 10
    if there.sum() < 2:
        return np.zeros(len(shapes))
    mean = total[there] / count[there]
    variance = np.maximum(squared[there] / count[there] - mean**2, 1e-6 * mean**2)
    weight = count[there] / variance
    times = 1.0 + shapes[:, there]
    work = (weight * mean * times).sum(axis=1) / (weight * times**2).sum(axis=1)
    found: Floats = (weight * (mean - work[:, None] * times) ** 2).sum(axis=1)
    return found


def _quantiles(values: Floats) -> dict[float, Figure]:
    """With the order statistics between which the true ones lie (H. A. David, *Order Statistics*, 1970, 2.5)."""
    ordered, number = np.sort(values), len(values)
    found = {}
    for share in SHARES:
        half = 1.645 * math.sqrt(number * share * (1 - share))
        low, high = (int(np.clip(number * share + side * half, 0, number - 1)) for side in (-1, 1))
        found[share] = Figure(
            value=float(np.quantile(ordered, share)), low=float(ordered[low]), high=float(ordered[high])
        )
    return found


def _tail(values: Floats, quantiles: Mapping[float, Figure]) -> float:
    middle, slow = quantiles[0.5].value, quantiles[0.95].value
    spread = math.log(slow / middle) / 1.6449 if slow > middle > 0 else 0.0
    expected = middle * math.exp(2.3263 * spread)
    return float(np.quantile(values, 0.99)) / expected if expected > 0 else 1.0
