"""What a gate, or the person on call, is shown: one window of scraped metrics. Never the ledger.

Counts are what series grew by in the window, as Prometheus' ``rate`` adds them up, without its extrapolation to the
window's ends. A series with fewer than two samples in the window adds nothing; where no series of a kind has two, a
query for it is empty, which is not 0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sim.telemetry import seen_upper_bounds
from sim.versions import NEW, STABLE

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_BOUNDS = seen_upper_bounds()

Reads: TypeAlias = Literal["new", "stable", "service", "nothing"]
"""Whose series a query for the new version really selects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What telemetry counted in one window, of a version or of all, in a stream or in all."""

    requests: int  # completed attempts, and those that no pod answered
    errors: int  # of which visibly bad
    latency: Ints | None = None  # [bucket] answered attempts by latency; None where nobody asked for it
    good: bool = True  # series of good answers are there to be queried
    bad: bool = True  # … of bad answers

    @property
    def success(self) -> float:
        """Share of requests without an error an operator can see; nan without requests."""
        return (self.requests - self.errors) / self.requests if self.requests else float("nan")

    @property
    def success_ratio(self) -> float | None:
        """What ``rate(good answers) / rate(all answers)`` gives: nan for 0 / 0, None where it is empty."""
        return self.success if self.good else None

    @property
    def error_ratio(self) -> float | None:
        """What ``rate(bad answers) / rate(all answers)`` gives: nan for 0 / 0, None where it is empty."""
        return 1.0 - self.success if self.bad else None

    @property
    def answers(self) -> int:
        """Attempts that a pod answered and that stand in the latency histogram."""
        return 0 if self.latency is None else int(self.latency.sum())

    def quantile(self, share: float) -> float:
        """The latency, in ns, that this share of the answers did not exceed; nan without answers.

        As Prometheus' ``histogram_quantile``: linear inside the bucket the rank falls in; in the last, open bucket its
        lower bound.
        """
        if self.latency is None or not self.answers:
            return float("nan")
        below = np.cumsum(self.latency)
        rank = share * int(below[-1])
        bucket = int(np.searchsorted(below, rank))
        low = float(_BOUNDS[bucket - 1]) if bucket else 0.0
        if bucket >= len(_BOUNDS) - 1:
            return low
        before = int(below[bucket - 1]) if bucket else 0
        inside = int(below[bucket]) - before
        return low + (float(_BOUNDS[bucket]) - low) * ((rank - before) / inside if inside else 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One window as an operator sees it: the difference of two scrapes.

    The first axis of the counts is the version (``STABLE``, ``NEW``, ``NO_VERSION``: no version could be chosen), the
    second the stream in the order of ``streams``.
    """

    at: int  # ns, when it is looked at
    since: int  # ns of the older scrape
    until: int  # ns of the newer scrape
    streams: tuple[str, ...]
    requests: Ints  # [version, stream]
    errors: Ints  # [version, stream]
    latency: Ints | None = None  # [version, stream, bucket]
    good: Bools | None = (
        None  # [version, stream] series of good answers have two samples; None: as far as there are any
    )
    bad: Bools | None = None  # [version, stream] … of bad answers

    def of(self, version: int | None = None, stream: str | None = None) -> Series:
        """The series of a version and a stream; None means all of them.

        >>> counts = np.array([[90, 10], [10, 5], [0, 0]])
        >>> seen = Observation(at=0, since=0, until=0, streams=("browse", "pay"), requests=counts, errors=counts // 10)
        >>> seen.of(version=1), seen.of(stream="pay").requests
        (Series(requests=15, errors=1, latency=None, good=True, bad=True), 15)
        """
        versions = slice(None) if version is None else slice(version, version + 1)
        place = None if stream is None else self.streams.index(stream)
        streams = slice(None) if place is None else slice(place, place + 1)
        requests = int(self.requests[versions, streams].sum())
        return Series(
            requests=requests,
            errors=int(self.errors[versions, streams].sum()),
            latency=None if self.latency is None else self.latency[versions, streams].sum(axis=(0, 1)),
            good=requests > 0 if self.good is None else bool(self.good[versions, streams].any()),
            bad=requests > 0 if self.bad is None else bool(self.bad[versions, streams].any()),
        )


def misread(seen: Observation, reads: Reads) -> Observation:
    """The same window for a gate whose query for the new version selects another series.

    >>> counts = np.array([[90], [10], [0]])
    >>> seen = Observation(at=0, since=0, until=0, streams=("all",), requests=counts, errors=counts // 10)
    >>> [misread(seen, reads).of(version=NEW).requests for reads in ("stable", "service", "nothing")]
    [90, 100, 0]
    """
    if reads == "new":
        return seen

    def shown(counts: Any) -> Any:
        instead = {"stable": counts[STABLE], "service": counts.sum(axis=0)}.get(reads, np.zeros_like(counts[NEW]))
        found = counts.copy()
        found[NEW] = instead
        return found

    names = ("requests", "errors", "latency", "good", "bad")
    return replace(seen, **{name: shown(each) for name in names if (each := getattr(seen, name)) is not None})


class Metrics(Protocol):
    """Whoever keeps scrapes: the observer of a release, or the test bench of a gate."""

    def asked_at(self, now: int) -> int:
        """Nothing newer than this moment is known now: ingestion takes a while, and answers may be old."""

    def seen(self, window: int, delay: int) -> Observation | None:
        """The window of that length up to ``delay`` before the newest that is known; None without two scrapes in it."""

    def counted(self, since: int, until: int) -> Observation | None:
        """Between the first scrape at or after a moment and the last at or before another; None without two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a gate is shown at one look: metrics up to ``delay`` before the newest that is known."""

    at: int  # ns, when it looks
    started: int  # ns, when the gate began to look at this release or, where it begins anew at each hold, this hold
    delay: int  # ns
    metrics: Metrics
    reads: Reads = "new"
    luck: float = 0.5  # the gate's uniform in this release, the same at each look

    def window(self, length: int) -> Observation | None:
        """The newest window of that length, whatever step or version it reaches back to; None without two scrapes."""
        seen = self.metrics.seen(length, self.delay)
        return None if seen is None else misread(seen, self.reads)

    def between(self, since: int, until: int) -> Observation | None:
        """What was scraped between two moments of the past; None while that is nothing."""
        seen = self.metrics.counted(since, min(until, self.newest))
        return None if seen is None else misread(seen, self.reads)

    def since(self, moment: int) -> Observation | None:
        """All that was scraped from a moment on, but not of before the gate began; None while that is nothing."""
        return self.between(max(moment, self.started), self.at)

    @property
    def newest(self) -> int:
        """Nothing newer than this is to be had, ns."""
        return self.metrics.asked_at(self.at) - self.delay
