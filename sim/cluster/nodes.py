"""Nodes: room by requests, an image cache, and pulls one after another.

A pod goes where the greatest share of CPU and memory stays free (Kubernetes' LeastAllocated), the first of equals. An
image is pulled once per node, at the node's bandwidth, behind the pulls already asked for; its moment of arrival is
known when it is asked for, so nothing waits in between.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush

from sim.cluster.containers import Image, Request
from sim.scenario.resolved import Nodes
from sim.versions import NEVER

SECOND = 10**9


@dataclass(slots=True, eq=False, kw_only=True)
class Node:
    """One machine: what is still free on it, and which images it has."""

    number: int
    os: str
    cpu: int  # millicores free
    memory: int  # bytes free
    zone: int = 0
    pods: int = 0
    places: int = 110  # for pods, taken ones included
    up: bool = True  # the machine runs
    lost_at: int = NEVER
    trusted: bool = True  # the cluster believes that it runs
    cordoned: bool = False  # it takes no more pods
    removed: bool = False  # it has left the pool
    slowness: float = 1.0  # factor on the work of its pods
    images: dict[Image, int] = field(default_factory=dict)  # moment from which each image is there, ns
    pulls_until: int = 0


class NodePool:
    """Identical nodes; pods are placed, pulled for and taken off."""

    def __init__(self, nodes: Nodes) -> None:
        self._size, self._kind = Request(nodes.cpu, nodes.memory), nodes
        self._pull = nodes.pull
        self.nodes: list[Node] = []
        self._by_room: list[tuple[int, int]] = []  # heap of (-room, number); entries of another room are stale
        self._in_use = 0
        for _ in range(nodes.count):
            self.add()

    def add(self) -> Node:
        """One node more; zones take turns."""
        kind, number = self._kind, len(self.nodes)
        node = Node(
            number=number, os=kind.os, cpu=kind.cpu, memory=kind.memory, zone=number % kind.zones, places=kind.places
        )
        self.nodes.append(node)
        self._rank(node)
        return node

    def remove(self, node: Node) -> None:
        """An empty node leaves the pool; its number is not given again."""
        assert not node.pods, "only an empty node leaves"
        node.removed, node.cordoned, node.up = True, True, False

    @property
    def standing(self) -> list[Node]:
        """The nodes that have not left the pool."""
        return [node for node in self.nodes if not node.removed]

    def use_of(self, node: Node) -> float:
        """The share of the node that is requested, of CPU or memory, whichever is more."""
        free = (node.cpu / self._size.cpu if self._size.cpu else 1.0, node.memory / max(1, self._size.memory))
        return 1.0 - min(free)

    def of_zone(self, zone: int) -> list[Node]:
        """The nodes of a zone."""
        return [node for node in self.standing if node.zone == zone]

    def cache(self, images: Iterable[Image], at: int) -> None:
        """Let every node have these images from a moment on."""
        for node in self.nodes:
            node.images.update(dict.fromkeys(images, at))

    def place(self, request: Request, os: str) -> Node | None:
        """The node with the most room left after taking the request, which it has taken then; None if none fits."""
        node = self._roomiest(request, os)
        if node is not None:
            self._in_use += node.pods == 0
            node.cpu, node.memory, node.pods = node.cpu - request.cpu, node.memory - request.memory, node.pods + 1
            self._rank(node)
        return node

    def give_back(self, node: Node, request: Request) -> None:
        """A pod has left its node."""
        node.cpu, node.memory, node.pods = node.cpu + request.cpu, node.memory + request.memory, node.pods - 1
        self._in_use -= node.pods == 0
        self._rank(node)

    def pull(self, node: Node, images: Sequence[Image], now: int) -> int:
        """The moment at which the node has all these images, asking now for those it lacks."""
        for image in images:
            if image not in node.images:
                node.pulls_until = max(node.pulls_until, now) + self._pull_time(image.missing(node.images))
                node.images[image] = node.pulls_until
        return max([now, *(node.images[image] for image in images)])

    def why_pending(self, request: Request, os: str) -> str:
        """Why a pod fits nowhere, in the scheduler's words.

        >>> NodePool(Nodes(count=2, cpu=500, memory=1, os="linux", pull=1.0)).why_pending(Request(600, 0), "linux")
        '0/2 nodes are available: 2 Insufficient cpu'
        """
        reasons = Counter(reason for node in self.standing for reason in lacking(node, request, os))
        listed = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
        return f"0/{len(self.standing)} nodes are available: {listed or 'there is no node'}"

    def in_use(self) -> int:
        """Nodes with at least one pod."""
        return self._in_use

    def _roomiest(self, request: Request, os: str) -> Node | None:
        """The fitting node with the most room, the first of equals; looks at no more nodes than it must."""
        passed_over: dict[int, tuple[int, int]] = {}
        found = None
        while self._by_room and found is None:
            entry = heappop(self._by_room)
            node = self.nodes[entry[1]]
            if entry[0] == -self._room(node) and node.number not in passed_over:
                passed_over[node.number] = entry
                found = None if lacking(node, request, os) else node
        for entry in passed_over.values():
            heappush(self._by_room, entry)
        return found

    def _rank(self, node: Node) -> None:
        heappush(self._by_room, (-self._room(node), node.number))

    def _room(self, node: Node) -> int:
        """Free CPU and memory, each as a share of a whole node, added up; a request takes as much off every node's."""
        return node.cpu * max(1, self._size.memory) + node.memory * max(1, self._size.cpu)

    def _pull_time(self, size: int) -> int:
        return round(size / self._pull * SECOND) if size else 0


def lacking(node: Node, request: Request, os: str) -> tuple[str, ...]:
    """What keeps a pod off a node, in the scheduler's words; empty when it fits."""
    if node.removed:
        return ("node has left",)
    if not node.trusted:
        return ("node is not ready",)
    if node.cordoned:
        return ("node is unschedulable",)
    if node.os != os:
        return (f"node's operating system is {node.os}, the pod asks for {os}",)
    short = {
        "Too many pods": node.pods >= node.places,
        "Insufficient cpu": request.cpu > max(0, node.cpu),
        "Insufficient memory": request.memory > max(0, node.memory),
    }
    return tuple(reason for reason, lacks in short.items() if lacks)
