"""Connections to shared downstreams: each process opens its own when it has started, and keeps them until it ends.

A process that terminates holds its connections as long as it runs, so that a release needs more of them than its pods
that are asked for. Whoever finds too few left waits, or gives up, as its dependency says; it takes all or nothing. Who
waits tries again at each of its readiness probes. What a lost machine held is free at once: the downstream is taken to
notice.
"""

from __future__ import annotations

from collections.abc import Iterable

from simpy.events import Event

from sim.clock import Clock
from sim.cluster.pod import Pod
from sim.cluster.probing import probes_until
from sim.scenario.resolved import Dependency


class Pools:
    """Who holds what of the dependencies; ``freed`` happens when somebody gives back."""

    def __init__(self, dependencies: Iterable[Dependency], clock: Clock) -> None:
        self._dependencies = tuple(each for each in dependencies if each.per_pod)
        self._clock = clock
        self._holders: set[Pod] = set()
        self.freed: Event = clock.event()

    def lacking(self) -> Dependency | None:
        """The first dependency that has too few connections left for one process more; None where none has.

        >>> Pools([Dependency(name="db", connections=9, per_pod=10)], Clock()).lacking().name
        'db'
        """
        taken = len(self._holders) + 1
        return next((each for each in self._dependencies if taken * each.per_pod > each.connections), None)

    def take(self, pod: Pod) -> Dependency | None:
        """Open the connections of a pod's process; where that fails nothing is taken, and what is lacking returned."""
        lacking = self.lacking()
        if lacking is None:
            self._holders.add(pod)
        return lacking

    def give_back(self, pod: Pod) -> None:
        """The pod's process has ended: those who wait may try again."""
        if self._dependencies and pod in self._holders:
            self._holders.remove(pod)
            freed, self.freed = self.freed, self._clock.event()
            freed.succeed()

    def held(self, dependency: Dependency) -> int:
        """Connections of a dependency that are open now."""
        return len(self._holders) * dependency.per_pod

    def left(self, dependency: Dependency) -> str:
        """How many there are yet, in words."""
        return (
            f"{dependency.name} has {dependency.connections - self.held(dependency)} of {dependency.connections} left"
        )


def next_try(started_at: int, every: int, now: int) -> int:
    """When a process that waits for connections tries again: at its next readiness probe from now on, ns.

    >>> next_try(started_at=3, every=10, now=14), next_try(started_at=3, every=10, now=23)
    (23, 23)
    """
    return started_at + probes_until(started_at, every, now) * every if every > 0 else now
