"""What a reader gives: single requests, or counts and latencies by window, each for a stream of the scenario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]

ALL = ""
"""The stream of what was measured of the whole service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Single:
    """A request each, in the order in which they began; arrays of shape [request]."""

    began: Ints
    """ns, since 1970 or from a start."""
    took: Floats
    """ns; nan where nobody measured it."""
    failed: Bools | None
    """None where nobody tells."""

    def __post_init__(self) -> None:
        if not len(self.began) == len(self.took) == len(self.began if self.failed is None else self.failed):
            raise ValueError("a request has one beginning, one latency and one outcome")

    def sorted(self) -> Single:
        """In the order in which they began."""
        order = np.argsort(self.began, kind="stable")
        failed = None if self.failed is None else self.failed[order]
        return Single(began=self.began[order], took=self.took[order], failed=failed)

    @property
    def good(self) -> Bools:
        """Which are known to have been answered, and how fast."""
        timed: Bools = ~np.isnan(self.took)
        return timed if self.failed is None else timed & ~self.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """Counts and latencies by window of time, in order; arrays of shape [window], nan where nothing was measured."""

    began: Ints
    """ns, since 1970 or from a start."""
    lasts: Ints
    """ns; 0 where nobody knows."""
    requests: Floats
    failed: Floats | None = None
    failing: Floats | None = None
    """Share of requests that failed, where the file tells a share in place of a number."""
    bounds: Floats | None = None
    """Upper ends of latency buckets in ns, growing; the last is infinite. Shape [bucket]."""
    counts: Floats | None = None
    """Requests per bucket; shape [window, bucket]."""
    quantiles: Mapping[float, Floats] = field(default_factory=lambda: MappingProxyType({}))
    """Latency in ns by share, as 0.95."""
    mean: Floats | None = None
    """Mean latency, ns."""

    def __post_init__(self) -> None:
        if not len(self.began) == len(self.lasts) == len(self.requests):
            raise ValueError("a window has one beginning, one length and one count")
        if (self.bounds is None) != (self.counts is None):
            raise ValueError("buckets have bounds and counts")

    @property
    def failures(self) -> Floats | None:
        """Failed requests per window, from a share where no number is told."""
        if self.failed is None:
            return None if self.failing is None else self.failing * self.requests
        if self.failing is None:
            return self.failed
        found: Floats = np.where(np.isnan(self.failed), self.failing * self.requests, self.failed)
        return found

    @property
    def rate(self) -> Floats:
        """Requests per second; nan where the length is not known."""
        lasts = np.where(self.lasts > 0, self.lasts, np.nan) / 1e9
        found: Floats = self.requests / lasts
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What was measured of one stream, or with the name :data:`ALL` of the whole service."""

    stream: str
    data: Single | Windows


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a file holds, as far as a scenario can use it."""

    file: str
    form: str
    """What the file was recognised as, for the reader of an answer."""
    series: tuple[Series, ...] = ()
    starts: tuple[float, ...] = ()
    """Seconds that pods needed from start to ready."""
    dated: bool = False
    """Whether its times are times of the world, so that hours of a day mean something."""
    load_test: bool = False
    """Whether its traffic was made by a tool: it says nothing about how many requests users make."""
    unplaced: int = 0
    """Single requests that belong to no stream of the scenario."""
    said: tuple[str, ...] = ()
    """How it was read, where it could have been read otherwise."""
    lost: tuple[str, ...] = ()
    """What it holds and was not used, each a sentence with what to do."""


def windows_of(single: Single, lasts: int, *, begin: int | None = None) -> Windows:
    """Single requests counted by window of ``lasts`` ns, by when they began; without latencies.

    >>> ten = Single(began=np.arange(10) * 10**9, took=np.full(10, np.nan), failed=np.arange(10) == 3)
    >>> windows_of(ten, 5 * 10**9).requests.tolist(), windows_of(ten, 5 * 10**9).failed.tolist()
    ([5.0, 5.0], [1.0, 0.0])
    """
    first = int(single.began.min()) if begin is None else begin
    place = (single.began - first) // lasts
    number = int(place.max()) + 1
    requests = np.bincount(place, minlength=number).astype(np.float64)
    failed = None
    if single.failed is not None:
        failed = np.bincount(place, weights=single.failed.astype(np.float64), minlength=number).astype(np.float64)
    began = first + lasts * np.arange(number, dtype=np.int64)
    return Windows(began=began, lasts=np.full(number, lasts, dtype=np.int64), requests=requests, failed=failed)


def joined(parts: Sequence[Windows]) -> tuple[Windows, ...]:
    """Windows of one stream from several files: those of the same time become one, with all that is known of it.

    One file of a dashboard has the requests, another the errors. Windows at other times stay as they are.
    """
    left = list(parts)
    done: list[Windows] = []
    while left:
        first = left.pop(0)
        same = [each for each in left if _shares_times(first, each)]
        left = [each for each in left if not any(each is other for other in same)]
        for other in same:
            first = _merged(first, other)
        done.append(first)
    return tuple(done)


def _shares_times(one: Windows, other: Windows) -> bool:
    both = np.intersect1d(one.began, other.began)
    return 2 * len(both) > min(len(one.began), len(other.began))


def _merged(one: Windows, other: Windows) -> Windows:
    began = np.union1d(one.began, other.began)
    places = [np.searchsorted(began, each.began) for each in (one, other)]

    def laid(values: tuple[Floats | None, Floats | None]) -> Floats | None:
        """The first's value where it has one, else the other's."""
        if all(each is None for each in values):
            return None
        found = np.full((len(began), *next(each for each in values if each is not None).shape[1:]), np.nan)
        for place, each in reversed(list(zip(places, values, strict=True))):
            if each is not None:
                found[place] = np.where(np.isnan(each), found[place], each)
        return found

    lasts = np.zeros(len(began), dtype=np.int64)
    for place, each in reversed(list(zip(places, (one, other), strict=True))):
        lasts[place] = np.where(each.lasts > 0, each.lasts, lasts[place])
    buckets = one if one.bounds is not None else other
    counts = (one.counts if buckets is one else None, other.counts if buckets is other else None)
    shares = sorted({*one.quantiles, *other.quantiles})
    quantiles = {share: laid((one.quantiles.get(share), other.quantiles.get(share))) for share in shares}
    requests = laid((one.requests, other.requests))
    assert requests is not None
    return Windows(
        began=began,
        lasts=lasts,
        requests=requests,
        failed=laid((one.failed, other.failed)),
        failing=laid((one.failing, other.failing)),
        bounds=buckets.bounds,
        counts=laid(counts),
        quantiles={share: each for share, each in quantiles.items() if each is not None},
        mean=laid((one.mean, other.mean)),
    )
