"""What befalls machines: lost, back, slow, drained; and what the cluster does about it, as late as it really does.

A machine that is lost says nothing. Its pods stay endpoints until the cluster notices (``detection``); then they are
not ready, and stay bound to the machine, and counted, for their ``toleration``. Then they are told to go and others are
created: a rollout that may miss few pods stands still so long. Machines are emptied one after another, and not at all
where a zone looks cut off rather than lost. A drain goes through the disruption budget and asks again every 5 s.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from sim.clock import Clock
from sim.cluster.effects import Effects
from sim.cluster.eviction import Asked, Budget, ZoneState, allowance, granted, time_between_nodes, zone_state
from sim.cluster.fleet import Fleet
from sim.cluster.lifecycle import Lifecycle
from sim.cluster.nodes import Node, NodePool
from sim.cluster.pod import NOT_RUNNING, Pod
from sim.cluster.speeds import Speeds
from sim.journal import Journal
from sim.scenario.resolved import Nodes
from sim.steps import ON_MACHINES, Edit, Effect, Panic, Place
from sim.versions import NEVER, NEW
from sim.world import Rank

DRAIN_RETRY = 5 * 10**9
"""``kubectl drain`` asks again after so long where the budget forbids an eviction."""


class Machines:
    """Plays the failures in force on nodes, and the node lifecycle controller's part."""

    def __init__(
        self,
        *,
        kind: Nodes,
        nodes: NodePool,
        fleets: tuple[Fleet, ...],
        lifecycle: Lifecycle,
        effects: Effects,
        speeds: Speeds,
        budget: Budget,
        size: Callable[[], int],
        clock: Clock,
        journal: Journal,
        changed: Callable[[], None],
    ) -> None:
        self._kind, self._nodes, self._fleets, self._lifecycle = kind, nodes, fleets, lifecycle
        self._effects, self._speeds, self._budget, self._size = effects, speeds, budget, size
        self._clock, self._journal, self._changed = clock, journal, changed
        self._untold: list[Node] = []  # known to be lost, and not yet on the way to be emptied
        self._emptied_at: dict[int, int] = {}  # by zone: the last node's turn
        zones = {node.zone for node in nodes.nodes}
        for edit in effects.on_machines(*ON_MACHINES):
            assert isinstance(edit.value, Place)
            hit = nodes.nodes if edit.effect is Effect.ZONE_DOWN else [nodes.nodes[edit.value.among(len(nodes.nodes))]]
            if edit.effect is Effect.ZONE_DOWN:
                hit = nodes.of_zone(edit.value.among(len(zones)))
            for node in hit:
                self._expect(edit, node, edit.start, begins=True)
                self._expect(edit, node, edit.end, begins=False)

    def panics(self, pod: Pod) -> None:
        """A pod has crashed the kernel of its machine, which will start anew."""
        panics = [edit.value for _, edit in self._effects.on_pods(pod.version, Effect.KERNEL_PANIC)]
        reboot = max(panic.reboot for panic in panics if isinstance(panic, Panic))
        node = pod.node
        assert node is not None
        self._tell(node, f"kernel panic, by {pod.name}")
        if pod.version == NEW:
            self._journal.wake(self._now)
        self._lose(node)
        self._at(self._now + reboot, node, lambda: self._return(node))

    def _expect(self, edit: Edit, node: Node, when: int, *, begins: bool) -> None:
        if when == NEVER or when < self._now:
            return
        acts: dict[Effect, Callable[[], None]] = {
            Effect.NODE_SLOW: lambda: self._slow(node),
            Effect.NODE_DRAIN: (lambda: self.empty(node)) if begins else (lambda: self._open(node)),
        }
        lost_or_back = (lambda: self._lose(node)) if begins else (lambda: self._return(node))
        self._at(when, node, acts.get(edit.effect, lost_or_back))

    def _at(self, when: int, node: Node, act: Callable[[], None]) -> None:
        self._clock.at(when, Rank.NODE, node.number).callbacks.append(lambda _: act())

    def _lose(self, node: Node) -> None:
        if not node.up:
            return
        node.up, node.lost_at = False, self._now
        self._tell(node, "lost: nothing answers", pods=float(len(list(self.pods_on(node)))))
        for pod in list(self.pods_on(node)):
            self._lifecycle.lose_machine(pod)
        lost_at = node.lost_at
        self._at(self._now + self._kind.detection, node, lambda: self._notice(node, lost_at))
        self._changed()

    def _notice(self, node: Node, lost_at: int) -> None:
        """The cluster has not heard of the node for long enough: its pods are not ready any more."""
        if node.lost_at != lost_at:
            return
        node.trusted = False
        self._tell(node, "not ready: the cluster has noticed")
        for pod in list(self.pods_on(node)):
            self._lifecycle.machine_is_missed(pod)
        self._untold.append(node)
        after_all = self._clock.at(self._now, Rank.NODE, len(self._nodes.nodes))  # noticed at this instant
        after_all.callbacks.append(lambda _: self._let_go())
        self._changed()

    def _let_go(self) -> None:
        """Give the nodes known to be lost their turn to be emptied, where their zone's state allows."""
        for node in list(self._untold):
            gap = self._gap(node)
            if not math.isinf(gap):
                turn = max(self._now, self._emptied_at.get(node.zone, -NEVER) + int(gap))
                self._emptied_at[node.zone] = turn
                self._untold.remove(node)
                self._expect_eviction(node, turn + self._kind.toleration)

    def _expect_eviction(self, node: Node, when: int) -> None:
        lost_at = node.lost_at
        self._at(when, node, lambda: self._evict(node) if node.lost_at == lost_at else None)

    def _gap(self, node: Node) -> int | float:
        """ns between this node and the next of its zone to be emptied; infinite while none is."""
        return time_between_nodes(node.zone, dict(self._zones()), len(self._nodes.of_zone(node.zone)))

    def _evict(self, node: Node) -> None:
        """The toleration is over; where everything seems lost by now the node is spared for the time being."""
        if math.isinf(self._gap(node)):
            self._untold.append(node)
            return
        self._tell(node, "its pods are told to go")
        for pod in list(self.pods_on(node)):
            self._fleets[pod.revision].replace(pod)
        self._changed()

    def _return(self, node: Node) -> None:
        if node.up or node.removed:
            return
        node.up, node.trusted, node.lost_at = True, True, NEVER
        self._untold = [each for each in self._untold if each is not node]
        self._tell(node, "is back")
        for pod in list(self.pods_on(node)):
            self._lifecycle.machine_is_back(pod)
        self._let_go()
        self._lifecycle.room_appears()
        self._changed()

    def _slow(self, node: Node) -> None:
        """Some slowness has begun or ended on the node."""
        node.slowness = 1.0
        for edit in self._effects.on_machines(Effect.NODE_SLOW):
            assert isinstance(edit.value, Place)
            here = edit.value.among(self._kind.count) == node.number
            if here and edit.start <= self._now < edit.end:
                node.slowness *= edit.value.factor
        self._tell(node, "works at its normal speed" if node.slowness == 1.0 else "is slow", factor=node.slowness)
        for pod in self.pods_on(node):
            self._speeds.look(pod)

    def empty(self, node: Node) -> None:
        """Let the node take no more pods, and evict those it has as the disruption budget allows."""
        if node.removed:
            return
        node.cordoned = True
        self._tell(node, "is drained")
        self._evict_what_may_go(node)

    def _evict_what_may_go(self, node: Node) -> None:
        """Ask for each pod's eviction; what the budget forbids is asked again."""
        staying = [pod for pod in self.pods_on(node) if not pod.deleted]
        if not node.cordoned or not staying:
            return
        for pod in self._may_go(staying):
            self._tell(node, f"{pod.name} is evicted")
            self._fleets[pod.revision].replace(pod)
        self._changed()
        self._at(self._now + DRAIN_RETRY, node, lambda: self._evict_what_may_go(node))

    def _may_go(self, wanted: Sequence[Pod]) -> list[Pod]:
        """Which of these pods may be evicted now; a budget that is not there forbids nothing.

        Expected are as many as the service is meant to have, whatever a rollout has beside them.
        """
        if self._budget == Budget():
            return list(wanted)
        pods = [pod for fleet in self._fleets for pod in fleet.pods.values() if not pod.deleted]
        healthy = sum(pod.ready for pod in pods)
        asked = [Asked(started=pod.phase not in NOT_RUNNING, ready=pod.ready) for pod in wanted]
        verdicts = granted(asked, allowance(self._budget, expected=self._size(), healthy=healthy), healthy=healthy)
        return [pod for pod, may in zip(wanted, verdicts, strict=True) if may]

    def _open(self, node: Node) -> None:
        if node.removed:
            return
        node.cordoned = False
        self._tell(node, "takes pods again")
        self._lifecycle.room_appears()

    def _zones(self) -> Iterator[tuple[int, ZoneState]]:
        """The state of each zone, as far as the cluster knows."""
        for zone in sorted({node.zone for node in self._nodes.standing}):
            trusted = [node.trusted for node in self._nodes.of_zone(zone)]
            yield zone, zone_state(ready=sum(trusted), lost=len(trusted) - sum(trusted))

    def pods_on(self, node: Node) -> Iterator[Pod]:
        """The pods that are bound to a node."""
        return (pod for fleet in self._fleets for pod in fleet.pods.values() if pod.node is node)

    def _tell(self, node: Node, what: str, **figures: float) -> None:
        self._journal.tell(self._now, "node", f"node {node.number}", what, **figures)

    @property
    def _now(self) -> int:
        return int(self._clock.now)
