"""What an operator's metrics show: scrapes on a grid, kept as long as somebody needs them.

A scrape notes, per version and stream, what the series of all pods have grown by so far, good and bad answers apart,
and (where a gate asks) how long they took, with the proxies' own count of attempts no pod answered. How a series is
born, reset and lost stands in ``sim/cluster/series.py``; what goes wrong on the way (gaps, old answers, noise) in
``sim/scraping.py``. Every pod is scraped at the same moments. Where nobody listens, nobody scrapes.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from simpy.events import Event

from sim.clock import Clock
from sim.cluster.series import BAD, GOOD, PodSeries, ProxySeries
from sim.observation import Observation
from sim.scenario.resolved import Scenario
from sim.scraping import Course, Noise
from sim.swelling import booked
from sim.versions import NO_VERSION, VERSIONS
from sim.world import Rank, World

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scrape:
    """What all series have grown by up to one moment; the axes are version, stream and bucket.

    ``good`` and ``bad`` count series that had a sample here and at the scrape before.
    """

    at: int
    requests: Ints
    errors: Ints
    good: Ints
    bad: Ints
    latency: Ints | None


class Observer:
    """The scraper, and the one who answers what a window of metrics looked like."""

    def __init__(self, *, scenario: Scenario, world: World, clock: Clock, course: Course | None = None) -> None:
        self.blind = False  # nothing is scraped, and no metric is to be had
        self._course = course if course is not None and course.faults.any else None
        self._noise = Noise(course) if course is not None and course.faults.noisy else None
        self._world, self._clock = world, clock
        self._every, self._horizon = scenario.scraping.every, scenario.study.horizon
        self._delay, self._had_errors = scenario.scraping.delay, scenario.release.baseline_errors > 0
        self._streams = tuple(stream.name for stream in scenario.traffic.streams)
        self._booked_at = scenario.traffic.booked_at
        self._listeners: Counter[tuple[int, bool]] = Counter()
        self._scrapes: list[Scrape] = []
        self._times: list[int] = []
        self._next: Event | None = None
        self._pods, self._proxies = PodSeries(world, self._booked_at), ProxySeries()
        self._served = False

    def listen(self, reach: int, *, latency: bool = False) -> None:
        """Scrape from now on, and keep scrapes for windows that begin up to ``reach`` ns before they are looked at.

        The stable pods that are there when somebody first listens have served for long.
        """
        if not self._served:
            self._pods.have_served(errors=self._had_errors)
            self._served = True
        if not self._listeners:
            self._scrapes, self._times = [], []
        self._listeners[reach + self._delay, latency] += 1
        if self._clock.now % self._every == 0 and not self._has_now(latency):
            self._scrape()
        self._expect_next()

    def forget(self, reach: int, *, latency: bool = False) -> None:
        """Take back one ``listen`` with the same words."""
        self._listeners -= Counter([(reach + self._delay, latency)])

    @property
    def delay(self) -> int:
        """How long a scrape takes until it can be queried, ns."""
        return self._delay

    def asked_at(self, now: int) -> int:
        """Nothing newer than this is known now, ns: what was scraped last takes a while, or the answers are old."""
        return (now if self._course is None else self._course.asked_at(now)) - self._delay

    def next_scrape(self) -> int:
        """The next point of the scraping grid after now, ns."""
        return (int(self._clock.now) // self._every + 1) * self._every

    def seen(self, window: int, delay: int) -> Observation | None:
        """The window an operator sees: of that length, up to ``delay`` before the newest that is known.

        From its first scrape to its last, both ends belong to it. None while there are no two scrapes in it, and while
        the metrics are out.
        """
        until = self.asked_at(int(self._clock.now)) - delay
        return self.counted(until - window, until)

    def counted(self, since: int, until: int) -> Observation | None:
        """From the first scrape at or after ``since`` to the newest at or before ``until``.

        None while there are no two such scrapes, and while the metrics are out.
        """
        older, newer = bisect_left(self._times, since), bisect_right(self._times, until) - 1
        return None if self.blind or older >= newer else self._between(self._scrapes[older], self._scrapes[newer])

    def _between(self, older: Scrape, newer: Scrape) -> Observation:
        """What was counted from one scrape to another."""
        latency = newer.latency - older.latency if newer.latency is not None and older.latency is not None else None
        return Observation(
            at=int(self._clock.now),
            since=older.at,
            until=newer.at,
            streams=self._streams,
            requests=newer.requests - older.requests,
            errors=newer.errors - older.errors,
            latency=latency,
            good=newer.good > older.good,
            bad=newer.bad > older.bad,
        )

    def pod_gone(self, pod: int) -> None:
        """A pod disappears just now: what it counted since its last scrape is never seen."""
        self._pods.pod_gone(pod)

    def process_ended(self, pod: int) -> None:
        """A pod's process has just ended; the next one counts from zero."""
        if self._listeners:
            self._pods.process_ended(pod)

    def _has_now(self, latency: bool) -> bool:
        """Whether a scrape of this instant, good enough, is there already."""
        last = self._scrapes[-1] if self._scrapes else None
        return last is not None and last.at == self._clock.now and (last.latency is not None or not latency)

    def _expect_next(self) -> None:
        """Put the next scrape on the agenda, unless it stands there, nobody listens or the horizon comes first."""
        if self._next is None and self._listeners and self.next_scrape() < self._horizon:
            self._next = self._clock.at(self.next_scrape(), Rank.SCRAPE, 0)
            self._next.callbacks.append(self._on_grid)

    def _on_grid(self, _: Event) -> None:
        self._next = None
        if self._listeners and not self.blind:
            self._scrape()
        self._expect_next()

    def _scrape(self) -> None:
        """Note the counters of this instant and drop what nobody will look at again."""
        now, with_latency = int(self._clock.now), any(latency for _, latency in self._listeners)
        if self._course is not None and self._course.missed(now):
            return
        if self._times and self._times[-1] == now:
            self._scrapes.pop()
            self._times.pop()
        self._scrapes.append(self._totals(now, with_latency))
        self._times.append(now)
        oldest = now - max(reach for reach, _ in self._listeners) - 2 * self._every
        if self._course is not None:
            oldest -= self._course.faults.stale_lasts
        old = bisect_right(self._times, oldest) - 1
        if old > len(self._times) // 2:
            del self._scrapes[:old], self._times[:old]

    def _totals(self, now: int, with_latency: bool) -> Scrape:
        """Sums over the pods of each version and over the proxies."""
        pods = self._pods.scrape(latency=with_latency)
        unanswered, told = self._proxies.scrape(booked(self._world.telemetry.unanswered, self._booked_at, axis=1))
        errors, good, bad = unanswered.copy(), np.zeros_like(told), told.copy()
        errors[:VERSIONS] += pods.counts[BAD]
        requests = errors.copy()
        requests[:VERSIONS] += pods.counts[GOOD]
        good[:VERSIONS] += pods.pairs[GOOD]
        bad[:VERSIONS] += pods.pairs[BAD]
        latency = None if pods.latency is None else _with_no_version(pods.latency)
        if self._noise is not None:
            errors, latency = self._noise.shown(now, requests, errors, latency)
        return Scrape(now, requests, errors, good, bad, latency)


def _with_no_version(latency: Ints) -> Ints:
    """The same with a row for attempts without a version, of which no pod ever timed one."""
    return np.concatenate([latency, np.zeros((NO_VERSION + 1 - VERSIONS, *latency.shape[1:]), dtype=np.int64)])
