"""Which pods count: ready ones, and among them those that have been ready for long enough (``minReadySeconds``).

A pod that is ready serves from that moment on; a controller counts it later, when it has been ready for a while.
"""

from __future__ import annotations

from collections.abc import Callable

from simpy.events import Event

from sim.clock import Clock
from sim.cluster.pod import Pod
from sim.versions import VERSIONS
from sim.world import Rank


class Availability:
    """Counts ready and available pods of each version; those told to go are neither."""

    def __init__(self, *, min_ready: int, clock: Clock, changed: Callable[[], None]) -> None:
        self._min_ready, self._clock, self._changed = min_ready, clock, changed
        self._ready: tuple[set[Pod], ...] = tuple(set() for _ in range(VERSIONS))
        self._available: tuple[set[Pod], ...] = tuple(set() for _ in range(VERSIONS))

    def ready(self, version: int) -> int:
        """Pods of a version that are ready."""
        return len(self._ready[version])

    def available(self, version: int) -> int:
        """Pods of a version that have been ready for long enough."""
        return len(self._available[version])

    def look(self, pod: Pod) -> None:
        """The pod's readiness has turned, or it has been told to go."""
        if not pod.ready or pod.deleted:
            self._ready[pod.version].discard(pod)
            self._available[pod.version].discard(pod)
            return
        self._ready[pod.version].add(pod)
        due = pod.ready_since + self._min_ready
        if due <= self._clock.now:
            self._available[pod.version].add(pod)
        else:
            event = self._clock.at(due, Rank.PROBE, pod.address)
            event.callbacks.append(lambda event: self._look_when_due(event, pod))

    def since_long_ago(self, pod: Pod) -> None:
        """A pod that has been ready since long before the play begins."""
        self._ready[pod.version].add(pod)
        self._available[pod.version].add(pod)

    def _look_when_due(self, _: Event, pod: Pod) -> None:
        if pod.ready and not pod.deleted and pod.ready_since + self._min_ready == self._clock.now:
            self._available[pod.version].add(pod)
            self._changed()
