"""A node pool that grows: who waits for room gets new machines, after a while and up to a most.

As the cluster autoscaler does it: every ten seconds it looks at the pods that wait for room, counts the machines they
would fill, and orders what is not on its way yet. New machines come with no image. Pods that a quota forbids do not
exist, so nothing is ordered for them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sim.clock import Clock
from sim.cluster.containers import Request, request_of
from sim.cluster.fleet import Fleet
from sim.cluster.lifecycle import Lifecycle
from sim.cluster.nodes import NodePool
from sim.cluster.pod import Phase
from sim.draws import Key, Purpose, draw
from sim.journal import Journal
from sim.scenario.resolved import Container, Nodes
from sim.units import show_duration
from sim.world import Rank

SCAN = 10 * 10**9
"""The cluster autoscaler's scan interval."""
SCANS = 2**40
"""Entity of its scans, after all nodes' own events."""


class NodeGrowth:
    """Looks while somebody waits for room, and only then."""

    def __init__(
        self,
        *,
        kind: Nodes,
        nodes: NodePool,
        containers: tuple[tuple[Container, ...], ...],
        fleets: tuple[Fleet, ...],
        lifecycle: Lifecycle,
        key: Key,
        clock: Clock,
        journal: Journal,
        changed: Callable[[], None],
    ) -> None:
        self._kind, self._nodes, self._fleets, self._lifecycle = kind, nodes, fleets, lifecycle
        self._requests = tuple(request_of(pod) for pod in containers)
        self._key, self._clock, self._journal, self._changed = key, clock, journal, changed
        self._ordered, self._coming, self._scan_due = 0, 0, False

    def look(self) -> None:
        """Something changed: if a pod waits and the pool may grow, scan on the next point of the grid."""
        if not self._scan_due and self._may_grow() > 0 and self._waiting():
            self._scan_due = True
            when = (int(self._clock.now) // SCAN + 1) * SCAN
            self._clock.at(when, Rank.NODE, SCANS).callbacks.append(lambda _: self._scan())

    @property
    def is_busy(self) -> bool:
        """Whether a pod waits for room, or a node is on its way."""
        return self._coming > 0 or bool(self._waiting())

    def _may_grow(self) -> int:
        return max(0, self._kind.most - len(self._nodes.standing) - self._coming)

    def _waiting(self) -> list[Request]:
        """What the pods ask for that wait for room."""
        pods = [pod for fleet in self._fleets for pod in fleet.pods.values()]
        return [self._requests[pod.revision] for pod in pods if pod.phase is Phase.PENDING and pod.node is None]

    def _scan(self) -> None:
        self._scan_due = False
        wanted = machines_for(self._waiting(), Request(self._kind.cpu, self._kind.memory), self._kind.places)
        for _ in range(min(wanted - self._coming, self._may_grow())):
            self._order()
        self.look()

    def _order(self) -> None:
        luck = draw(self._key, Purpose.NODE, self._ordered)[0]
        takes = max(0, round(self._kind.provision.quantile(luck)))
        self._ordered, self._coming, now = self._ordered + 1, self._coming + 1, int(self._clock.now)
        self._journal.tell(now, "node", "pool", f"orders a node, which will take {show_duration(takes, nearest=10**9)}")
        self._clock.at(now + takes, Rank.NODE, SCANS + self._ordered).callbacks.append(lambda _: self._arrive())

    def _arrive(self) -> None:
        self._coming -= 1
        node = self._nodes.add()
        self._journal.tell(int(self._clock.now), "node", f"node {node.number}", "joins the pool")
        self._lifecycle.room_appears()
        self._changed()


def machines_for(requests: Sequence[Request], size: Request, places: int) -> int:
    """Empty machines that these pods fill, each pod on the first that has room for it; too large ones count nothing.

    >>> machines_for([Request(3, 1), Request(2, 1), Request(2, 1), Request(9, 1)], Request(4, 8), places=110)
    2
    """
    free: list[tuple[int, int, int]] = []
    for cpu, memory in requests:
        if cpu > size.cpu or memory > size.memory:
            continue
        for place, (cpu_left, memory_left, places_left) in enumerate(free):
            if cpu <= cpu_left and memory <= memory_left and places_left > 0:
                free[place] = (cpu_left - cpu, memory_left - memory, places_left - 1)
                break
        else:
            free.append((size.cpu - cpu, size.memory - memory, places - 1))
    return len(free)
