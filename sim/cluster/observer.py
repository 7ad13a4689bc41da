"""What an operator's metrics show: scrapes on a grid, kept as long as somebody needs them.

A scrape notes, per version and stream, how many attempts have been answered so far, how many of them visibly badly,
and (where a gate asks) how long they took: over all pods that still exist, with what the gone ones had at their last
scrape, and with the proxies' own count of attempts no pod answered. What a pod counted since its last scrape dies with
it. Where nobody listens, nobody scrapes. What goes wrong on the way (gaps, old answers, noise) is in
``sim/scraping.py``.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from simpy.events import Event

from sim.clock import Clock
from sim.observation import Observation
from sim.scenario.resolved import Scenario
from sim.scraping import Course, Noise
from sim.swelling import booked
from sim.telemetry import SEEN_BUCKETS
from sim.versions import NO_VERSION, VERSIONS
from sim.world import Rank, World

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scrape:
    """Cumulative counts at one moment; the axes are version, stream and bucket."""

    at: int
    requests: Ints
    errors: Ints
    latency: Ints | None


@dataclass(slots=True)
class _Fleet:
    """The pods of one version that still exist, and what each had at its last scrape."""

    rows: Ints
    scraped: Ints  # pods, in the order of the three columns below
    answered: Ints
    errors: Ints
    latency: Ints | None


class Observer:
    """The scraper, and the one who answers what a window of metrics looked like."""

    def __init__(self, *, scenario: Scenario, world: World, clock: Clock, course: Course | None = None) -> None:
        self.blind = False  # nothing is scraped, and no metric is to be had
        self._course = course if course is not None and course.faults.any else None
        self._noise = Noise(course) if course is not None and course.faults.noisy else None
        self._world, self._clock = world, clock
        self._every, self._horizon = scenario.scraping.every, scenario.study.horizon
        self._streams = tuple(stream.name for stream in scenario.traffic.streams)
        self._booked_at = scenario.traffic.booked_at
        self._listeners: Counter[tuple[int, bool]] = Counter()
        self._scrapes: deque[Scrape] = deque()
        self._next: Event | None = None
        self._known = 0
        streams = len(self._booked_at)
        empty = np.zeros(0, dtype=np.int64)
        none = np.zeros((0, streams), dtype=np.int64)
        self._fleets = [_Fleet(empty, empty, none, none, None) for _ in range(VERSIONS)]
        self._gone_answered = np.zeros((VERSIONS, streams), dtype=np.int64)
        self._gone_errors = np.zeros((VERSIONS, streams), dtype=np.int64)
        self._gone_latency = np.zeros((VERSIONS, streams, SEEN_BUCKETS), dtype=np.int64)

    def listen(self, reach: int, *, latency: bool = False) -> None:
        """Scrape from now on, and keep scrapes for windows that begin up to ``reach`` ns before they are looked at."""
        if not self._listeners:
            self._scrapes.clear()
        self._listeners[reach, latency] += 1
        if self._clock.now % self._every == 0 and not self._has_now(latency):
            self._scrape()
        self._expect_next()

    def forget(self, reach: int, *, latency: bool = False) -> None:
        """Take back one ``listen`` with the same words."""
        self._listeners -= Counter([(reach, latency)])

    def asked_at(self, now: int) -> int:
        """The moment as of which queries are answered now: earlier than now while answers are old."""
        return now if self._course is None else self._course.asked_at(now)

    def next_scrape(self) -> int:
        """The next point of the scraping grid after now, ns."""
        return (int(self._clock.now) // self._every + 1) * self._every

    def seen(self, window: int, delay: int) -> Observation | None:
        """The window an operator sees now: newest scrape at least ``delay`` old against one ``window`` before it.

        Where the grid has no scrape exactly a window earlier, the next older one is taken. None while there are no two
        scrapes so far apart, and while the metrics are out.
        """
        newer = None if self.blind else self._newest(self.asked_at(int(self._clock.now)) - delay)
        older = self._newest(newer.at - window) if newer else None
        return None if newer is None or older is None else self._between(older, newer)

    def counted(self, since: int, until: int) -> Observation | None:
        """From the first scrape at or after ``since`` to the newest at or before ``until``.

        None while there are no two such scrapes, and while the metrics are out.
        """
        newer = None if self.blind else self._newest(until)
        older = next((scrape for scrape in self._scrapes if scrape.at >= since), None)
        return None if newer is None or older is None or older.at >= newer.at else self._between(older, newer)

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
        )

    def pod_gone(self, pod: int) -> None:
        """A pod disappears just now: what it counted since its last scrape is never seen."""
        self._meet_new_pods()
        version = int(self._world.columns.pods.version[pod])
        fleet = self._fleets[version]
        fleet.rows = fleet.rows[fleet.rows != pod]
        for place in np.flatnonzero(fleet.scraped == pod):
            self._gone_answered[version] += fleet.answered[place]
            self._gone_errors[version] += fleet.errors[place]
            if fleet.latency is not None:
                self._gone_latency[version] += fleet.latency[place]

    def _newest(self, until: int) -> Scrape | None:
        """The newest scrape at or before a moment."""
        return next((scrape for scrape in reversed(self._scrapes) if scrape.at <= until), None)

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
        self._meet_new_pods()
        now, with_latency = int(self._clock.now), any(latency for _, latency in self._listeners)
        if self._course is not None and self._course.missed(now):
            return
        if self._scrapes and self._scrapes[-1].at == now:
            self._scrapes.pop()
        self._scrapes.append(self._totals(now, with_latency))
        oldest = now - max(reach for reach, _ in self._listeners) - 2 * self._every
        if self._course is not None:
            oldest -= self._course.faults.stale_lasts
        while len(self._scrapes) > 1 and self._scrapes[1].at <= oldest:
            self._scrapes.popleft()

    def _totals(self, now: int, with_latency: bool) -> Scrape:
        """Sums over the pods of each version; leaves with each pod what it had."""
        telemetry = self._world.telemetry
        requests = telemetry.unanswered.sum(axis=0).T.copy()
        errors = requests.copy()
        requests[:VERSIONS] += self._gone_answered
        errors[:VERSIONS] += self._gone_errors
        latency = self._with_no_version(self._gone_latency) if with_latency else None
        for version, fleet in enumerate(self._fleets):
            fleet.scraped, fleet.latency = fleet.rows, None
            fleet.answered, fleet.errors = telemetry.answered[fleet.rows], telemetry.errors[fleet.rows]
            requests[version] += fleet.answered.sum(axis=0)
            errors[version] += fleet.errors.sum(axis=0)
            if latency is not None:
                fleet.latency = telemetry.latency[fleet.rows]
                latency[version] += fleet.latency.sum(axis=0)
        requests, errors = booked(requests, self._booked_at, axis=1), booked(errors, self._booked_at, axis=1)
        latency = None if latency is None else booked(latency, self._booked_at, axis=1)
        if self._noise is not None:
            errors, latency = self._noise.shown(now, requests, errors, latency)
        return Scrape(now, requests, errors, latency)

    @staticmethod
    def _with_no_version(latency: Ints) -> Ints:
        """The same with a row for attempts without a version, of which no pod ever timed one."""
        return np.concatenate([latency, np.zeros((NO_VERSION + 1 - VERSIONS, *latency.shape[1:]), dtype=np.int64)])

    def _meet_new_pods(self) -> None:
        """Pods created since the last look become part of their version's fleet."""
        version = self._world.columns.pods.version
        for pod in range(self._known, self._world.pod_count):
            fleet = self._fleets[int(version[pod])]
            fleet.rows = np.append(fleet.rows, pod)
        self._known = self._world.pod_count
