"""Every pod's counters as a query by ``rate`` reads them: from their first sample on, and no longer than the pod lives.

A series is a counter of one pod, one stream and one kind of answer, good or bad. As with any counter by status code, it
is born with its first answer. The first sample a scraper takes of it says what it stood at, and not what it grew by, so
that it adds nothing to a rate: what a new pod counted before its first scrape is never seen, nor is the first error of
a pod that had none. A process that is started anew counts from zero again: what the old one had counted since its last
scrape is lost, and the fall is taken for the reset it is, unless the new one already shows no less.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.swelling import booked
from sim.telemetry import SEEN_BUCKETS
from sim.versions import STABLE, VERSIONS
from sim.world import World

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

GOOD, BAD = 0, 1
"""The kinds of answers that have counters of their own."""

_LAST, _BASE, _HIDDEN, _OLD = range(4)
"""Of each series: the counter at its last sample; at the start of its process; what a rate never sees of it; what its
last process had shown."""
_UNBORN, _ABSENT, _SEEN = range(3)
"""Whether it had no sample yet; none since its process was started anew; one at the last scrape."""


class Totals(NamedTuple):
    """Sums over pods; differences between two scrapes are what ``rate`` adds up between them.

    ``pairs`` counts series that had a sample at a scrape and at the one before: where it grows, a rate has a value.
    """

    counts: Ints  # [kind, version, stream]
    pairs: Ints  # [kind, version, stream]
    latency: Ints | None  # [version, stream, bucket]


class PodSeries:
    """The series of all pods that still exist, in the order of their versions."""

    def __init__(self, world: World, booked_at: tuple[int, ...]) -> None:
        self._world, self._known, self._split, self._booked_at = world, 0, 0, booked_at
        streams = max(booked_at) + 1
        self._pods = np.zeros(0, dtype=np.int64)
        self._numbers = np.zeros((4, 2, 0, streams), dtype=np.int64)
        self._flags = np.zeros((3, 2, 0, streams), dtype=np.bool_)
        self._latency: Ints | None = None  # of each pod, at the last scrape
        self._gone = np.zeros((2, VERSIONS, streams), dtype=np.int64)
        self._gone_latency = np.zeros((VERSIONS, streams, SEEN_BUCKETS), dtype=np.int64)
        self._pairs, self._paired = self._gone.copy(), self._gone.copy()
        self._left: set[int] = set()
        self._ended: dict[int, tuple[Ints, Ints]] = {}  # what a process had counted when it ended
        self._unsettled = 2  # scrapes until the pairs are those of the scrape before

    def have_served(self, *, errors: bool) -> None:
        """The stable pods there are have served for long: their series exist, of errors if there ever were any."""
        self._meet()
        self._flags[_UNBORN, GOOD, : self._split] = False
        self._flags[_UNBORN, BAD, : self._split] = not errors

    def pod_gone(self, pod: int) -> None:
        """A pod disappears: what it counted since its last scrape is never seen."""
        self._ended.pop(pod, None)
        self._left.add(pod)

    def process_ended(self, pod: int) -> None:
        """A pod's process has ended; the next one counts from zero."""
        place = np.array([pod])
        self._ended[pod] = self._counters(place)[:, 0], self._timed(place)[0]

    def scrape(self, *, latency: bool) -> Totals:
        """One sample of every series there is."""
        self._meet()
        self._forget()
        values = self._counters(self._pods)
        timed = self._timed(self._pods) if latency else None
        if self._ended:
            self._reset(timed)
        hidden, unborn = self._numbers[_HIDDEN], self._flags[_UNBORN]
        np.copyto(hidden, values, where=unborn)
        born = unborn & (values > self._numbers[_BASE])
        if born.any():
            self._let_be_born(born, timed)
        if self._flags[_ABSENT].any():
            self._let_return(values)
        self._pair()
        self._numbers[_LAST], self._latency = values, timed
        seen = None if timed is None else self._gone_latency + self._by_version(timed[None])[0]
        return Totals(self._gone + self._by_version(values - hidden), self._pairs.copy(), seen)

    def _let_be_born(self, born: Bools, timed: Ints | None) -> None:
        """First samples: what they say is the level from which the counters grow."""
        if timed is not None:
            new = born.any(axis=0) & self._flags[_UNBORN].all(axis=0)
            self._gone_latency -= self._by_version((timed * new[:, :, None])[None])[0]
        self._flags[_UNBORN] &= ~born
        self._unsettled = 2

    def _reset(self, timed: Ints | None) -> None:
        """Processes that have ended since the last scrape: what they had counted since then is lost."""
        version, numbers, flags = self._world.columns.pods.version, self._numbers, self._flags
        for place in np.flatnonzero(np.isin(self._pods, list(self._ended))):
            pod = int(self._pods[place])
            counted, times = self._ended[pod]
            born = ~flags[_UNBORN].take(place, axis=1)
            last = numbers[_LAST, :, place].copy()
            numbers[_HIDDEN, :, place] += (counted - last) * born
            numbers[_OLD, :, place] = last - numbers[_BASE, :, place]
            numbers[_BASE, :, place] = counted
            flags[_ABSENT, :, place], flags[_SEEN, :, place] = born, False
            if timed is not None and self._latency is not None:
                self._gone_latency[version[pod]] -= (times - self._latency[place]) * born.any(axis=0)[:, None]
        self._ended.clear()
        self._unsettled = 2

    def _let_return(self, values: Ints) -> None:
        """Series of new processes that have something to show again."""
        shows, old = values - self._numbers[_BASE], self._numbers[_OLD]
        back = self._flags[_ABSENT] & (shows > 0)
        self._numbers[_HIDDEN] += old * (back & (shows >= old))
        self._flags[_ABSENT] &= ~back
        self._unsettled = 2

    def _pair(self) -> None:
        """Count the series that have a sample now and had one at the last scrape."""
        if self._unsettled:
            present = ~(self._flags[_UNBORN] | self._flags[_ABSENT])
            self._paired = self._by_version((present & self._flags[_SEEN]).astype(np.int64))
            self._flags[_SEEN] = present
            self._unsettled -= 1
        self._pairs += self._paired

    def _forget(self) -> None:
        """Pods that have gone since the last scrape leave behind what was seen of them."""
        left = np.isin(self._pods, list(self._left)) if self._left else np.zeros(0, dtype=np.bool_)
        self._left.clear()
        if not left.any():
            return
        self._gone += self._by_version((self._numbers[_LAST] - self._numbers[_HIDDEN]) * left[None, :, None])
        if self._latency is not None:
            self._gone_latency += self._by_version((self._latency * left[:, None, None])[None])[0]
        self._keep(np.flatnonzero(~left))

    def _meet(self) -> None:
        """Pods created since the last scrape."""
        new, self._known = np.arange(self._known, self._world.pod_count), self._world.pod_count
        if not len(new):
            return
        self._pods = np.concatenate([self._pods, new])
        self._numbers = _longer(self._numbers, len(new), axis=2)
        self._flags = _longer(self._flags, len(new), axis=2)
        self._flags[_UNBORN, :, -len(new) :] = True
        self._latency = None if self._latency is None else _longer(self._latency, len(new), axis=0)
        self._keep(np.argsort(self._world.columns.pods.version[self._pods], kind="stable"))

    def _keep(self, places: NDArray[np.intp]) -> None:
        """These pods, in this order."""
        self._pods = self._pods[places]
        self._numbers, self._flags = self._numbers[:, :, places], self._flags[:, :, places]
        self._latency = None if self._latency is None else self._latency[places]
        self._split = int((self._world.columns.pods.version[self._pods] == STABLE).sum())
        self._unsettled = 2

    def _counters(self, pods: Ints) -> Ints:
        """What pods have counted, [kind, pod, stream]."""
        telemetry = self._world.telemetry
        bad = telemetry.errors[pods]
        return booked(np.stack([telemetry.answered[pods] - bad, bad]), self._booked_at, axis=2)

    def _timed(self, pods: Ints) -> Ints:
        """Their answers by latency, [pod, stream, bucket]."""
        return booked(self._world.telemetry.latency[pods], self._booked_at, axis=1)

    def _by_version(self, values: Ints) -> Ints:
        """Sums over the pods of each version; the pods are the second axis."""
        return np.stack([values[:, : self._split].sum(axis=1), values[:, self._split :].sum(axis=1)], axis=1)


class ProxySeries:
    """What the proxies themselves count: attempts that no pod answered, all of them errors."""

    def __init__(self) -> None:
        self._pairs = self._hidden = np.zeros((0, 0, 0), dtype=np.int64)
        self._unborn = np.zeros((0, 0, 0), dtype=np.bool_)

    def scrape(self, unanswered: Ints) -> tuple[Ints, Ints]:
        """Sums over proxies of the counts and of the pairs, each [version, stream]."""
        if self._hidden.shape != unanswered.shape:
            self._hidden, self._pairs = np.zeros_like(unanswered), np.zeros_like(unanswered)
            self._unborn = np.ones(unanswered.shape, dtype=np.bool_)
        if unanswered.any():
            self._pairs += ~self._unborn
            np.copyto(self._hidden, unanswered, where=self._unborn)
            self._unborn &= unanswered <= 0
        return (unanswered - self._hidden).sum(axis=0).T, self._pairs.sum(axis=0).T


def _longer(array: Any, more: int, *, axis: int) -> Any:
    """The same with so much room behind it, all zero."""
    shape = list(array.shape)
    shape[axis] = more
    return np.concatenate([array, np.zeros(shape, dtype=array.dtype)], axis=axis)
