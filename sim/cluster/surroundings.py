"""What a pod lives in: the parts of the cluster its life touches, and the little that every stretch of it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from sim.clock import Clock, Script
from sim.cluster.admission import Admission
from sim.cluster.availability import Availability
from sim.cluster.effects import Effects
from sim.cluster.endpoints import Endpoints
from sim.cluster.nodes import NodePool
from sim.cluster.observer import Observer
from sim.cluster.pod import Phase, Pod
from sim.cluster.pools import Pools
from sim.cluster.readiness import Readiness
from sim.cluster.speeds import Speeds
from sim.cluster.start_loads import StartLoads
from sim.draws import Key
from sim.journal import Journal
from sim.scenario.resolved import Container, Service
from sim.world import Rank, World


class Requests(Protocol):
    """What the cluster asks of a request engine."""

    def reset(self, pod: int, now: int) -> None:
        """The pod's process died: every attempt in its slots and queue ends as lost."""

    def silence(self, pod: int, now: int) -> None:
        """The pod's machine is gone: every client in it waits until it gives up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a pod lives in."""

    service: Service
    containers: tuple[tuple[Container, ...], ...]  # by revision
    key: Key
    world: World
    clock: Clock
    requests: Requests
    journal: Journal
    nodes: NodePool
    effects: Effects
    endpoints: Endpoints
    readiness: Readiness
    availability: Availability
    admission: Admission
    pools: Pools
    observer: Observer
    speeds: Speeds
    start_loads: StartLoads
    native_sidecars: bool  # they start before the apps and end after them
    scheduler_backs_off: bool  # a pod that found no room waits longer and longer though there is room
    panics: Callable[[Pod], None]  # a pod has crashed the kernel of its machine
    changed: Callable[[], None]

    @property
    def now(self) -> int:
        """The moment, ns."""
        return int(self.clock.now)

    def tell(self, pod: Pod, what: str, **figures: float) -> None:
        """A line of a pod's story."""
        self.journal.tell(self.now, "pod", pod.name, what, **figures)

    def wait(self, pod: Pod, duration: int) -> Script:
        """Let a pod's life rest for so long, ns."""
        if duration > 0:
            yield self.clock.at(self.now + duration, Rank.CONTAINER, pod.address)

    def pass_through(self, pod: Pod, phase: Phase, duration: int) -> Script:
        """A phase that lasts so long, ns; one that takes no time is not worth a line."""
        pod.phase = phase
        if duration > 0:
            self.tell(pod, phase)
        yield from self.wait(pod, duration)
