"""Connections to shared downstreams: each process opens its own when it has started, and keeps them until it ends.

A process that terminates holds its connections as long as it runs, so that a release needs more of them than its pods
that are asked for. Whoever finds too few left waits, or gives up, as its dependency says; it takes all or nothing. Who
waits tries again at each of its readiness probes. What a lost machine held is free at once: the downstream is taken to
notice. How many a process opens is settled when it starts. Where connections are opened anew all the time (``beyond:
everyone``), nobody waits: what is refused hits the calls of all processes alike, also of those that were there before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from simpy.events import Event

from sim.clock import Clock
from sim.cluster.effects import Effects
from sim.cluster.pod import Pod
from sim.cluster.probing import probes_until
from sim.scenario.resolved import Dependency
from sim.steps import Effect, Holding


class Pools:
    """Who asks for what of the dependencies, and who holds it; ``freed`` happens when somebody gives back."""

    def __init__(self, dependencies: Iterable[Dependency], effects: Effects, clock: Clock) -> None:
        self._dependencies = {each.name: each for each in dependencies if each.per_pod}
        self._effects, self._clock = effects, clock
        self._asked: dict[Pod, Mapping[str, int]] = {}  # by every process that runs
        self._holders: set[Pod] = set()
        self._held, self._wanted = (dict.fromkeys(self._dependencies, 0) for _ in range(2))
        self.freed: Event = clock.event()

    def needs_of(self, version: int) -> dict[str, int]:
        """What a process of this version opens of each dependency, if it starts now."""
        needs = {name: each.per_pod for name, each in self._dependencies.items()}
        for _, edit in self._effects.on_pods(version, Effect.MORE_CONNECTIONS):
            assert isinstance(edit.value, Holding)
            for name in needs:
                needs[name] += edit.value.extra if edit.value.dependency in (None, name) else 0
        return needs

    def lacking(self, needs: Mapping[str, int]) -> Dependency | None:
        """The first dependency that has too few connections left for this; None where none has."""
        short = (
            each
            for name, each in self._dependencies.items()
            if each.beyond != "everyone" and self.left(each) < needs[name]
        )
        return next(short, None)

    def ask(self, pod: Pod) -> None:
        """The pod's process has started, and will open its connections when it is ready to."""
        if self._dependencies:
            self._asked[pod] = self.needs_of(pod.version)
            self._count(self._wanted, pod, 1)

    def take(self, pod: Pod) -> Dependency | None:
        """Open the connections of a pod's process; where that fails nothing is taken, and what is lacking returned."""
        if not self._dependencies:
            return None
        lacking = self.lacking(self._asked[pod])
        if lacking is None:
            self._holders.add(pod)
            self._count(self._held, pod, 1)
            self._turn_away()
        return lacking

    def give_back(self, pod: Pod) -> None:
        """The pod's process has ended: those who wait may try again."""
        if pod not in self._asked:
            return
        self._count(self._wanted, pod, -1)
        if pod in self._holders:
            self._holders.remove(pod)
            self._count(self._held, pod, -1)
            self._turn_away()
            freed, self.freed = self.freed, self._clock.event()
            freed.succeed()
        del self._asked[pod]

    def held(self, dependency: Dependency) -> int:
        """Connections of a dependency that are open now."""
        return self._held[dependency.name]

    def left(self, dependency: Dependency) -> int:
        """Connections of a dependency that nobody holds."""
        return dependency.connections - self.held(dependency)

    def wanted(self, dependency: Dependency) -> int:
        """Connections of a dependency that are open, and those that running processes wait for."""
        return self._wanted.get(dependency.name, 0)

    def missing(self, pod: Pod, lacking: Dependency) -> str:
        """What a process lacks, in words."""
        left, all_ = self.left(lacking), lacking.connections
        return f"{lacking.name} has {left} of {all_} left, a pod needs {self._asked[pod][lacking.name]}"

    def _turn_away(self) -> None:
        """Where everyone shares the want, calls are turned away in proportion to what is asked for beyond the limit."""
        for name, each in self._dependencies.items():
            if each.beyond == "everyone":
                self._effects.turns_away(each, turned_away(self._held[name], each.connections))

    def _count(self, counts: dict[str, int], pod: Pod, times: int) -> None:
        for name, many in self._asked[pod].items():
            counts[name] += times * many


def turned_away(wanted: int, limit: int) -> float:
    """The share of calls that finds no connection where so many are wanted: all alike, whoever came first.

    >>> turned_away(100, 200), turned_away(400, 200)
    (0.0, 0.5)
    """
    return 1.0 - limit / wanted if wanted > limit else 0.0


def next_try(started_at: int, every: int, now: int) -> int:
    """When a process that waits for connections tries again: at its next readiness probe from now on, ns.

    >>> next_try(started_at=3, every=10, now=14), next_try(started_at=3, every=10, now=23)
    (23, 23)
    """
    return started_at + probes_until(started_at, every, now) * every if every > 0 else now
