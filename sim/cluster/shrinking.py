"""A node pool that shrinks: a machine little used for ten minutes is emptied, and leaves.

As the cluster autoscaler does it: a node is unneeded while less than half of it is requested and its pods would find
room elsewhere. Unneeded for ten minutes it goes: empty ones all at once, others one after another through the
disruption budget. While a pod waits for room or a node is on its way nothing goes, and the ten minutes begin anew
afterwards; so nothing goes within ten minutes of a node that joined.

Source: the cluster autoscaler's defaults (scale-down-utilization-threshold 0.5, scale-down-unneeded-time 10m,
scale-down-delay-after-add 10m).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sim.clock import Clock
from sim.cluster.containers import Request
from sim.cluster.growth import SCAN, SCANS, NodeGrowth
from sim.cluster.machines import Machines
from sim.cluster.nodes import Node, NodePool
from sim.journal import Journal
from sim.scenario.resolved import Nodes
from sim.units import show_share
from sim.versions import NEVER
from sim.world import Rank

MINUTE = 60 * 10**9
UNNEEDED_FOR = 10 * MINUTE
LITTLE = 0.5
"""A node of which less than this share is requested may be unneeded."""
SHRINKS = SCANS - 1
"""Entity of its scans, before those that let the pool grow."""


class NodeShrinkage:
    """Remembers since when nodes are unneeded; has an event only while some node is."""

    def __init__(
        self,
        *,
        kind: Nodes,
        nodes: NodePool,
        machines: Machines,
        growth: NodeGrowth,
        requests: Sequence[Request],
        clock: Clock,
        journal: Journal,
    ) -> None:
        self._kind, self._nodes, self._machines, self._growth = kind, nodes, machines, growth
        self._requests, self._clock, self._journal = requests, clock, journal
        self._since: dict[Node, int] = {}
        self._leaving: list[Node] = []
        self._due = NEVER

    def look(self) -> None:
        """Something changed: nodes may have become needed, unneeded, or empty at last."""
        if not self._kind.least:
            return
        for node in [node for node in self._leaving if node.cordoned and not node.pods]:
            self._leave(node)
        unneeded = [] if self._growth.is_busy else [node for node in self._staying() if self._is_unneeded(node)]
        self._since = {node: self._since.get(node, self._now) for node in unneeded}
        self._expect_scan()

    def _expect_scan(self) -> None:
        """On the grid of the autoscaler's scans, when the next node has been unneeded for long enough."""
        if self._leaving or not self._since or len(self._staying()) <= self._kind.least:
            return
        ripe = max(min(self._since.values()) + UNNEEDED_FOR, self._now + 1)
        due = -(-ripe // SCAN) * SCAN
        if due < self._due:
            self._due = due
            self._clock.at(due, Rank.NODE, SHRINKS).callbacks.append(lambda _: self._scan(due))

    def _scan(self, due: int) -> None:
        if due != self._due:
            return
        self._due = NEVER
        spare = len(self._staying()) - self._kind.least
        ripe = [node for node, since in self._since.items() if since + UNNEEDED_FOR <= self._now]
        empty = [node for node in ripe if not node.pods][: max(0, spare)]
        for node in empty:
            self._leave(node)
        if ripe and not empty and spare > 0:
            self._empty(min(ripe, key=lambda node: (node.pods, node.number)))
        self._expect_scan()

    def _empty(self, node: Node) -> None:
        self._tell(node, f"is not needed: {show_share(self._nodes.use_of(node))} of it is requested")
        self._leaving.append(node)
        self._machines.empty(node)

    def _leave(self, node: Node) -> None:
        self._leaving = [each for each in self._leaving if each is not node]
        self._since.pop(node, None)
        self._nodes.remove(node)
        self._tell(node, "leaves the pool")

    def _staying(self) -> list[Node]:
        """Nodes that run, take pods and are not on their way out."""
        return [node for node in self._nodes.standing if node.up and node.trusted and not node.cordoned]

    def _is_unneeded(self, node: Node) -> bool:
        if self._nodes.use_of(node) >= LITTLE:
            return False
        others = [each for each in self._staying() if each is not node]
        return fit_elsewhere([self._requests[pod.revision] for pod in self._machines.pods_on(node)], others)

    def _tell(self, node: Node, what: str) -> None:
        self._journal.tell(self._now, "node", f"node {node.number}", what)

    @property
    def _now(self) -> int:
        return int(self._clock.now)


def fit_elsewhere(requests: Iterable[Request], nodes: Iterable[Node]) -> bool:
    """Whether each pod finds room on the first of the nodes that has it.

    >>> fit_elsewhere([Request(2, 1), Request(2, 1)], [Node(number=0, os="linux", cpu=3, memory=9)])
    False
    """
    free = [[node.cpu, node.memory, node.places - node.pods] for node in nodes]
    for request in requests:
        room = next((each for each in free if request.cpu <= each[0] and request.memory <= each[1] and each[2]), None)
        if room is None:
            return False
        room[0], room[1], room[2] = room[0] - request.cpu, room[1] - request.memory, room[2] - 1
    return True
