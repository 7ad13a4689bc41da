"""What a gate, or the person on call, is shown: one window of scraped metrics. Never the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sim.telemetry import seen_upper_bounds

Ints = NDArray[np.int64]

_BOUNDS = seen_upper_bounds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What telemetry counted in one window, of a version or of all, in a stream or in all."""

    requests: int  # completed attempts, and those that no pod answered
    errors: int  # of which visibly bad
    latency: Ints | None = None  # [bucket] answered attempts by latency; None where nobody asked for it

    @property
    def success(self) -> float:
        """Share of requests without an error an operator can see; nan without requests."""
        return (self.requests - self.errors) / self.requests if self.requests else float("nan")

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
    """One window as an operator sees it: the difference of two scrapes, the newer of them already ``delay`` old.

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

    def of(self, version: int | None = None, stream: str | None = None) -> Series:
        """The series of a version and a stream; None means all of them.

        >>> counts = np.array([[90, 10], [10, 5], [0, 0]])
        >>> seen = Observation(at=0, since=0, until=0, streams=("browse", "pay"), requests=counts, errors=counts // 10)
        >>> seen.of(version=1), seen.of(stream="pay").requests
        (Series(requests=15, errors=1, latency=None), 15)
        """
        versions = slice(None) if version is None else slice(version, version + 1)
        place = None if stream is None else self.streams.index(stream)
        streams = slice(None) if place is None else slice(place, place + 1)
        return Series(
            requests=int(self.requests[versions, streams].sum()),
            errors=int(self.errors[versions, streams].sum()),
            latency=None if self.latency is None else self.latency[versions, streams].sum(axis=(0, 1)),
        )


class Metrics(Protocol):
    """Whoever keeps scrapes: the observer of a release, or the test bench of a gate."""

    def seen(self, window: int, delay: int) -> Observation | None:
        """The newest window of that length, ``delay`` old; None while there are no two scrapes so far apart."""

    def counted(self, since: int, until: int) -> Observation | None:
        """Between the first scrape at or after a moment and the last at or before another; None without two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a gate is shown at one look: metrics up to ``delay`` ago."""

    at: int  # ns, when it looks
    started: int  # ns, when the present hold began
    delay: int  # ns
    metrics: Metrics

    def window(self, length: int) -> Observation | None:
        """The newest full window of that length; None while it would reach back before the hold."""
        seen = self.metrics.seen(length, self.delay)
        return None if seen is None or seen.since < self.started else seen

    def recent(self, length: int) -> Observation | None:
        """The newest window of that length, or as much of it as the hold has had; None while that is nothing."""
        return self.window(length) or self.since(self.started)

    def between(self, since: int, until: int) -> Observation | None:
        """What was scraped between two moments of the past; None while that is nothing."""
        return self.metrics.counted(since, min(until, self.at - self.delay))

    def since(self, moment: int) -> Observation | None:
        """All that was scraped from a moment on, but not of before the hold; None while that is nothing."""
        return self.metrics.counted(max(moment, self.started), self.at - self.delay)
