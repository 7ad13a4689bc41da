"""Which pods count: ready ones, and among them those that have been ready for long enough (``minReadySeconds``).

A pod that is ready serves from that moment on; a controller counts it later, when it has been ready for a while. Times
in Kubernetes' objects are whole seconds: the while begins at the full second before, so it is up to a second shorter.
"""

from __future__ import annotations

from collections.abc import Callable

from simpy.events import Event

from sim.clock import Clock
from sim.cluster.pod import REVISIONS, Pod
from sim.units import SECOND
from sim.world import Rank


def full_second_before(now: int, full_second: int) -> int:
    """The last moment at which the wall clock was at a full second, which objects of Kubernetes have for now.

    >>> full_second_before(3_100_000_000, 504_000_000)
    2504000000
    """
    return now - (now - full_second) % SECOND


class Availability:
    """Counts ready and available pods of each ReplicaSet; those told to go are neither."""

    def __init__(self, *, min_ready: int, full_second: int, clock: Clock, changed: Callable[[], None]) -> None:
        self._min_ready, self._clock, self._changed = min_ready, clock, changed
        self.full_second = full_second  # ns after t = 0 at which the wall clock is at a full second
        self._ready: tuple[set[Pod], ...] = tuple(set() for _ in REVISIONS)
        self._available: tuple[set[Pod], ...] = tuple(set() for _ in REVISIONS)

    def ready(self, revision: int) -> int:
        """Pods of a ReplicaSet that are ready."""
        return len(self._ready[revision])

    def available(self, revision: int) -> int:
        """Pods of a ReplicaSet that have been ready for long enough."""
        return len(self._available[revision])

    def look(self, pod: Pod) -> None:
        """The pod's readiness has turned, or it has been told to go."""
        if not pod.ready or pod.deleted:
            self._ready[pod.revision].discard(pod)
            self._available[pod.revision].discard(pod)
            return
        self._ready[pod.revision].add(pod)
        due = self._due(pod)
        if due <= self._clock.now:
            self._available[pod.revision].add(pod)
        else:
            event = self._clock.at(due, Rank.PROBE, pod.address)
            event.callbacks.append(lambda event: self._look_when_due(event, pod))

    def since_long_ago(self, pod: Pod) -> None:
        """A pod that has been ready since long before the play begins."""
        self._ready[pod.revision].add(pod)
        self._available[pod.revision].add(pod)

    def _due(self, pod: Pod) -> int:
        """When it has been ready for long enough, from the full second before it turned ready."""
        if not self._min_ready:
            return pod.ready_since
        return full_second_before(pod.ready_since, self.full_second) + self._min_ready

    def _look_when_due(self, _: Event, pod: Pod) -> None:
        if pod.ready and not pod.deleted and self._due(pod) == self._clock.now:
            self._available[pod.revision].add(pod)
            self._changed()
