"""The health of a pod: what its probes report, and what follows from it.

A startup probe holds the others back until it passes. Readiness makes the pod an endpoint or ends that; a failed
liveness or startup probe has the container killed and started anew. What probes see is whether the process can serve:
before that nothing listens, so a liveness probe without a startup probe beside it kills what starts slowly. A process
that waits for connections to a dependency is up and alive, and not ready.
"""

from __future__ import annotations

from collections.abc import Callable

from sim.clock import Clock
from sim.cluster.effects import Effects
from sim.cluster.grace import Kill
from sim.cluster.pod import Phase, Pod
from sim.cluster.prober import Prober
from sim.cluster.probing import Purpose, before_the_first
from sim.scenario.resolved import Service
from sim.versions import NEVER


class Readiness:
    """Keeps each pod's ``ready`` what its probes say; ``unhealthy`` is told of containers that have to be killed."""

    def __init__(
        self,
        *,
        service: Service,
        effects: Effects,
        clock: Clock,
        turned: Callable[[Pod], None],
        unhealthy: Callable[[Pod, Kill], None],
    ) -> None:
        self._effects, self._clock, self._turned, self._unhealthy = effects, clock, turned, unhealthy
        self._readiness = Prober(
            purpose=Purpose.READINESS,
            probe=service.readiness,
            clock=clock,
            passes=lambda pod: _serves(pod) and not effects.never_ready(pod),
            turned=self._readiness_turned,
        )
        self._liveness = service.liveness and Prober(
            purpose=Purpose.LIVENESS, probe=service.liveness, clock=clock, passes=_listens, turned=self._has_failed
        )
        self._startup = service.startup and Prober(
            purpose=Purpose.STARTUP, probe=service.startup, clock=clock, passes=_listens, turned=self._has_started
        )

    def started(self, pod: Pod) -> None:
        """The app's process begins to run: the first of its probes begin."""
        if self._startup:
            self._startup.begin(pod, pod.started_at)
        else:
            self._begin(pod, pod.started_at)

    def look(self, pod: Pod) -> None:
        """Something changed that probes may see."""
        for prober in (self._startup, self._liveness, self._readiness):
            if prober:
                prober.look(pod)

    def since_long_ago(self, pod: Pod) -> None:
        """A pod that has been ready since long before the play begins."""
        for prober in (self._liveness, self._readiness):
            if prober:
                prober.begin(pod, pod.started_at)
                watched = pod.probes[prober.purpose]
                watched.reported = before_the_first(prober.purpose).after(True, prober.thresholds, times=10**6)
                watched.passing, watched.due = True, NEVER

    def unwatched(self, pod: Pod) -> None:
        """Nobody probes the pod any more; what was reported of it last still stands."""
        pod.probes.clear()

    def lost(self, pod: Pod) -> None:
        """The process is gone: unready at once, no probe needed."""
        pod.probes.clear()
        self._set(pod, ready=False)

    def _begin(self, pod: Pod, since: int) -> None:
        """Liveness and readiness, from a moment on."""
        for prober in (self._liveness, self._readiness):
            if prober:
                prober.begin(pod, since)

    def _has_started(self, pod: Pod) -> None:
        """The startup probe has made up its mind."""
        if self._startup and self._startup.good(pod):
            self._startup.end(pod)
            self._begin(pod, int(self._clock.now))
        elif not pod.deleted:
            self._unhealthy(pod, Kill.STARTUP)

    def _has_failed(self, pod: Pod) -> None:
        """The liveness probe has given up; on a pod that is told to go it is no longer asked."""
        if self._liveness and not self._liveness.good(pod) and not pod.deleted:
            self._unhealthy(pod, Kill.LIVENESS)

    def _readiness_turned(self, pod: Pod) -> None:
        self._set(pod, ready=self._readiness.good(pod))

    def _set(self, pod: Pod, *, ready: bool) -> None:
        if pod.ready != ready:
            pod.ready, pod.ready_since = ready, int(self._clock.now) if ready else NEVER
            pod.ready_changed_at = int(self._clock.now)
            self._turned(pod)


def _serves(pod: Pod) -> bool:
    return pod.phase is Phase.SERVING or (pod.phase is Phase.TERMINATING and pod.running and not pod.signalled)


def _listens(pod: Pod) -> bool:
    """Whether the process is up: one that lacks connections to a dependency is, and is not ready."""
    return pod.phase is Phase.CONNECTING or _serves(pod)
