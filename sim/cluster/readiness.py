"""Readiness probes: when a pod's verdict turns, computed for the probe's grid.

The kubelet probes a container from its start, every so often; after enough good probes in a row the pod is ready, after
enough bad ones unready. Between changes all probes agree, so only the one that turns the verdict is an event.
"""

from __future__ import annotations

from collections.abc import Callable

from simpy.events import Event

from sim.clock import Clock
from sim.cluster.effects import Effects
from sim.cluster.pod import Phase, Pod
from sim.scenario.resolved import Probe
from sim.versions import NEVER
from sim.world import Rank


class Readiness:
    """Keeps each pod's ``ready`` what its probe says."""

    def __init__(self, *, probe: Probe, effects: Effects, clock: Clock, turned: Callable[[Pod], None]) -> None:
        self._probe, self._effects, self._clock, self._turned = probe, effects, clock, turned

    def look(self, pod: Pod) -> None:
        """Something changed that the probe may see: expect the probe that turns the verdict, or none."""
        if self._passes(pod) == pod.ready:
            pod.probe_due = NEVER
        elif pod.probe_due == NEVER:
            needed = self._probe.failures if pod.ready else self._probe.successes
            pod.probe_due = turning_point(pod.started_at, self._probe.every, int(self._clock.now), needed)
            self._clock.at(pod.probe_due, Rank.PROBE, pod.address).callbacks.append(
                lambda event: self._turn(event, pod)
            )

    def lost(self, pod: Pod) -> None:
        """The process is gone: unready at once, no probe needed."""
        pod.probe_due = NEVER
        self._set(pod, ready=False)

    def _turn(self, _: Event, pod: Pod) -> None:
        if pod.probe_due == self._clock.now:
            pod.probe_due = NEVER
            self._set(pod, ready=not pod.ready)

    def _set(self, pod: Pod, *, ready: bool) -> None:
        if pod.ready != ready:
            pod.ready, pod.ready_since = ready, int(self._clock.now) if ready else NEVER
            pod.ready_changed_at = int(self._clock.now)
            self._turned(pod)

    def _passes(self, pod: Pod) -> bool:
        return pod.phase is Phase.SERVING and not self._effects.never_ready(pod)


def turning_point(origin: int, every: int, now: int, needed: int) -> int:
    """The moment of the n-th probe at or after now, on a grid from ``origin`` (all ns).

    >>> turning_point(origin=3, every=10, now=4, needed=1), turning_point(origin=3, every=10, now=13, needed=3)
    (13, 33)
    """
    if every <= 0:
        return now
    return origin + (-(-(now - origin) // every) + needed - 1) * every
