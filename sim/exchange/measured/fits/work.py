"""How long a request works and how many a pod works on at once, from single requests with their response times.

A response time is work and waiting. Who waits is told by how many requests were under way when one came, which the data
hold: they say when each began and how long it took. Where pods are chosen at random, the fleet is a closed form given
that number: of ``n`` requests under way ``k`` are in one pod with a chance proportional to ``w(k) W(n - k)``, where
``w(k)`` is ``1/k!`` up to the concurrency and falls by its factor beyond, and ``W`` belongs to the other pods; the load
cancels out (J. R. Jackson, 1963; F. P. Kelly, *Reversibility and Stochastic Networks*, 1979, chapter 3). A request that
finds ``k`` in a pod waits for ``k - c + 1`` ends. Nothing is simulated; each concurrency is compared with the means.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.exchange.measured.data import Floats, Ints, Single
from sim.exchange.measured.fits.figure import CONFIDENCE, Figure
from sim.units import MILLISECOND, SECOND

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
MOST_UNDER_WAY = 4_000
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
    waited: float
    """Share of requests that waited, by the concurrency that fits best."""
    busiest: float
    """The most requests under way for each pod, once in a hundred; nan where times are too coarse to count them."""
    grows: float
    """The median of the busiest third of the time as a multiple of the quietest third's; nan where it was counted."""


def fit_work(streams: Mapping[str, Single], *, pods: int, at_random: bool) -> Work | None:
    """Of requests of all streams together; None for too few, or none that say how long they took."""
    told = {name: each for name, each in streams.items() if int(each.good.sum()) >= FEWEST}
    if not told:
        return None
    began = np.concatenate([each.began[each.good] for each in told.values()])
    took = np.concatenate([each.took[each.good] for each in told.values()])
    if resolution(began, took) > COARSE * float(np.median(took)):
        return _of_the_quietest_time(told)
    whose = np.concatenate([np.full(int(each.good.sum()), place) for place, each in enumerate(told.values())])
    under_way = found_under_way(began, took)
    if int(under_way.max()) > MOST_UNDER_WAY:
        return None
    sums = _Sums.of(began, took, under_way)
    candidates = [each for each in CANDIDATES if each * pods <= 4 * int(under_way.max()) + 8 * pods]
    waits = {each: _waiting(each, pods, sums.most, at_random=at_random) for each in candidates}
    concurrency = _concurrency(sums, waits)
    best = max(candidates) if concurrency is None or math.isinf(concurrency.high) else int(concurrency.value)
    chance = _waiting(best, pods, sums.most, at_random=True).chance[under_way]  # of all ways to choose the worst
    hardly = next((each for each in (chance <= bound for bound in HARDLY) if each.sum() >= MANY), chance <= HARDLY[-1])
    quantiles, told_by, tail = {}, {}, {}
    for place, name in enumerate(told):
        values = took[(whose == place) & hardly]
        if len(values) >= FEWEST:
            quantiles[name], told_by[name] = _quantiles(values), len(values)
            tail[name] = _tail(values, quantiles[name])
    return Work(
        quantiles=quantiles,
        told_by=told_by,
        tail=tail,
        concurrency=concurrency,
        waited=float(chance.mean()),
        busiest=float(np.quantile(under_way, 0.99)) / pods,
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


def _of_the_quietest_time(told: Mapping[str, Single]) -> Work:
    """Of the third of the time with the fewest requests: who waits cannot be counted where a clock tells seconds."""
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
        quantiles=quantiles, told_by=told_by, tail=tail, concurrency=None, waited=math.nan, busiest=math.nan,
        grows=max(growth, default=math.nan),
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


def _waiting(concurrency: int, pods: int, most: int, *, at_random: bool) -> _Waiting:
    inside = np.arange(most + 1)
    if not at_random:  # the emptiest pod is chosen: all are alike but for one
        each = inside // pods
        return _Waiting((each >= concurrency).astype(np.float64), np.maximum(each - concurrency + 1, 0) / concurrency)
    chance: Floats = np.zeros(most + 1)
    mean: Floats = np.zeros(most + 1)
    here = _in_one_pod(concurrency, pods, most)
    waits = np.maximum(inside - concurrency + 1, 0) / concurrency
    for found in range(most + 1):
        law = here[found, : found + 1]
        chance[found] = law[concurrency:].sum()
        mean[found] = (law * waits[: found + 1]).sum()
    return _Waiting(chance, mean)


def _in_one_pod(concurrency: int, pods: int, most: int) -> Floats:
    """The chance that one pod holds ``k`` of ``n``; shape [n, k]. In logarithms, for the weights are tiny."""
    steps: Floats = np.log(np.minimum(np.maximum(np.arange(most + 1), 1), concurrency))
    steps[0] = 0.0
    weight = -np.cumsum(steps)
    others = _many(weight, pods - 1)
    found = np.zeros((most + 1, most + 1))
    for number in range(most + 1):
        logs = weight[: number + 1] + others[number::-1]
        logs -= logs.max()
        law = np.exp(logs)
        found[number, : number + 1] = law / law.sum()
    return found


def _many(weight: Floats, pods: int) -> Floats:
    """The logarithm of the weights of several pods together, by squaring."""
    found: Floats = np.full(len(weight), -np.inf)
    found[0] = 0.0
    power: Floats = weight
    while pods:
        if pods & 1:
            found = _together(found, power)
        pods >>= 1
        if pods:
            power = _together(power, power)
    return found


def _together(one: Floats, other: Floats) -> Floats:
    """The convolution of two rows of logarithms."""
    found: Floats = np.empty(len(one))
    for number in range(len(one)):
        logs = one[: number + 1] + other[number::-1]
        top = logs.max()
        found[number] = top if np.isinf(top) else top + math.log(np.exp(logs - top).sum())
    return found


def _concurrency(sums: _Sums, waits: Mapping[int, _Waiting]) -> Figure | None:
    """The concurrency whose waits explain best how response times grow; its interval by drawing stretches anew."""
    candidates = list(waits)
    shapes = np.stack([waits[each].mean for each in candidates])
    every = np.arange(BLOCKS)
    misfit = _misfits(sums.drawn(every), shapes)
    none = _misfits(sums.drawn(every), np.zeros((1, shapes.shape[1])))[0]
    best = int(misfit.argmin())
    luck = np.random.default_rng(1)
    drawn = [_misfits(sums.drawn(luck.integers(0, BLOCKS, BLOCKS)), shapes) for _ in range(RESAMPLED)]
    found = np.sort([candidates[int(each.argmin())] for each in drawn])
    low, high = (
        float(np.quantile(found, share, method="nearest")) for share in ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2)
    )
    if none - misfit[best] >= SHOWS and high < candidates[-1]:
        return Figure(value=float(candidates[best]), low=low, high=high, trust="medium")
    excluded = [
        each for each, worse in zip(candidates, misfit, strict=True) if worse - min(misfit.min(), none) >= SHOWS
    ]
    least = max(excluded, default=0)
    if not least:
        return None
    at_least = float(min(each for each in candidates if each > least)) if least < candidates[-1] else float(least)
    return Figure(value=at_least, low=at_least, high=math.inf, trust="low")


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
