"""The pods of one revision: how many are asked for, which exist, and which of them goes first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cmp_to_key
from heapq import nsmallest

from sim.cluster.admission import retry_after
from sim.cluster.containers import request_of
from sim.cluster.deletion import Candidate, compare
from sim.cluster.lifecycle import Lifecycle
from sim.cluster.nodes import Node
from sim.cluster.pod import FIRST_FIXED, NOT_RUNNING, REVISIONS, News, Phase, Pod
from sim.cluster.replicasets import LONGEST_BURST, slow_start
from sim.cluster.surroundings import Surroundings
from sim.journal import Hindrance
from sim.steps import FIXED
from sim.versions import NEVER, STABLE
from sim.world import Rank

RETRIES = 16
"""Entity of a refused fleet's next attempt, after everything else a controller does at that instant."""


class Fleet:
    """A ReplicaSet: ``replicas`` asked for, of which some are available; ``pods`` are those that exist.

    Pods told to go count no more for ``replicas``, and hold their place in ``pods`` until they are gone.
    """

    def __init__(self, revision: int, around: Surroundings, lifecycle: Lifecycle) -> None:
        self.revision = revision
        self.version = STABLE if revision == FIXED else revision  # as which its pods answer
        self.replicas = 0
        self.existing = 0  # pods that exist and are not told to go; fewer than replicas where a quota forbids more
        self.created = 0
        self.pods: dict[int, Pod] = {}  # by creation number
        self.related: Sequence[Fleet] = (self,)  # of one Deployment: their pods crowd each other's nodes
        self._around, self._lifecycle = around, lifecycle
        self._request = request_of(around.containers[revision])
        self.refusals = 0  # in a row, of pods that are still missing
        self._refused_for, self._asks_at = "", NEVER

    @property
    def available(self) -> int:
        """Pods that have been ready for long enough and are not told to go."""
        return self._around.availability.available(self.revision)

    @property
    def ready(self) -> int:
        """Pods that are ready and not told to go, however short."""
        return self._around.availability.ready(self.revision)

    @property
    def complete(self) -> bool:
        """Whether every pod asked for is available."""
        return self.available == self.replicas

    def scale(self, replicas: int) -> None:
        """Ask for so many pods: missing ones are created at once as far as the quota goes, surplus ones told to go."""
        if replicas != self.replicas:
            self._around.changed()
        self.replicas = replicas
        for pod in self._first_to_go(self.existing - replicas):
            self._delete(pod)
        self._create_missing()

    def replace(self, pod: Pod) -> None:
        """A pod is taken away by somebody else (evicted): another is created in its place at once."""
        if not pod.deleted:
            self._delete(pod)
            self._create_missing()
            self._around.changed()

    def ask_again(self) -> None:
        """Something has become of one of this fleet's pods: a ReplicaSet that was refused one asks at once."""
        if self.refusals:
            self._create_missing()

    def start_warm(self, replicas: int) -> None:
        """Pods that have been serving, and been known to every proxy, since long before the play begins.

        Those that fit on no node, into no quota, or find no connection to a dependency are created like any others.
        """
        serving: list[Pod] = []
        admission = self._around.admission
        while self._has_room_beside(serving, replicas) and (node := self._room_for_one()):
            admission.admits(self._request)
            serving.append(self._create_serving(node))
        self.replicas = len(serving)
        self._around.endpoints.known_from_the_start(serving)
        self.scale(replicas)

    def _has_room_beside(self, serving: Sequence[Pod], replicas: int) -> bool:
        """Whether quota and dependencies leave room for one pod more beside these."""
        around = self._around
        lacking = around.admission.exceeded_by(self._request) or around.pools.lacking(
            around.pools.needs_of(self.version)
        )
        return len(serving) < replicas and not lacking

    def look_again(self) -> None:
        """The failures in force have changed: crashes and probes may come otherwise."""
        for pod in self.pods.values():
            if pod.running:
                self._lifecycle.processes.expect_death(pod)
            if pod.running and not pod.deleted:
                self._around.readiness.look(pod)

    def work(self) -> int:
        """Requests in the slots and queues of all pods."""
        return sum(self._lifecycle.processes.work_in(pod) for pod in self.pods.values())

    def _create_missing(self) -> None:
        """In batches that grow, up to the first refusal; then again after a while, each time a longer one."""
        while (missing := self.replicas - self.existing) > 0:
            made = slow_start(missing, self._create_if_admitted)
            if made < min(missing, LONGEST_BURST):
                self._refused()
                return
        self.refusals, self._refused_for = 0, ""

    def _create_if_admitted(self) -> bool:
        if not self._around.admission.admits(self._request):
            return False
        self._give_life(self._create())
        return True

    def _refused(self) -> None:
        """Say why, once for each reason, and ask again later."""
        around, now = self._around, int(self._around.clock.now)
        why = ", ".join(around.admission.exceeded_by(self._request))
        around.journal.hinder(now, Hindrance.QUOTA, f"exceeded quota: {why}")
        if why != self._refused_for:
            self._refused_for, name = why, REVISIONS[self.revision]
            missing = float(self.replicas - self.existing)
            around.journal.tell(now, "fleet", f"{name} fleet", f"FailedCreate: exceeded quota: {why}", missing=missing)
        due = now + retry_after(self.refusals)
        self.refusals += 1
        if due < self._asks_at:  # an earlier attempt that is due already stays due
            self._asks_at = due
            event = around.clock.at(due, Rank.CONTROLLER, RETRIES + self.revision)
            event.callbacks.append(lambda _: self._ask_if_due(due))

    def _ask_if_due(self, due: int) -> None:
        if due == self._asks_at:
            self._asks_at = NEVER
            self._create_missing()

    def _create(self) -> Pod:
        around, service = self._around, self._around.service
        number = self.created + (FIRST_FIXED if self.revision == FIXED else 0)
        place = around.world.add_pod(self.version, number, service.concurrency, service.queue)
        pod = Pod(place=place, version=self.version, number=number, created_at=int(around.clock.now))
        self.created += 1
        self.existing += 1
        self.pods[pod.number] = pod
        return pod

    def _give_life(self, pod: Pod) -> None:
        """Let the pod's process begin; the pod exists until it ends."""
        pod.life = self._around.clock.process(self._lifecycle.live(pod))
        pod.life.callbacks.append(lambda _: self._forget(pod))

    def _forget(self, pod: Pod) -> None:
        del self.pods[pod.number]
        self._around.admission.give_back(self._request)
        self.ask_again()
        self._around.changed()

    def _create_serving(self, node: Node) -> Pod:
        now = int(self._around.clock.now)
        pod = self._create()
        pod.node, pod.ready, pod.started_at, pod.ready_since = node, True, now, now
        self._lifecycle.processes.set_running(pod, running=True)
        self._around.pools.take(pod)
        self._around.readiness.since_long_ago(pod)
        self._around.availability.since_long_ago(pod)
        self._lifecycle.processes.serve(pod, since=now)
        self._give_life(pod)
        return pod

    def _room_for_one(self) -> Node | None:
        return self._around.nodes.place(self._request, self._around.service.node_selector_os)

    def _staying(self) -> list[Pod]:
        return [pod for pod in self.pods.values() if not pod.deleted]

    def _delete(self, pod: Pod) -> None:
        """Out of the endpoints, and towards its end, at the same moment."""
        around = self._around
        self.existing -= 1
        pod.deleted_at, pod.phase = int(around.clock.now), Phase.TERMINATING
        around.journal.tell(pod.deleted_at, "pod", pod.name, "told to go")
        around.availability.look(pod)
        around.endpoints.announce(pod)
        pod.life.interrupt(News.DELETED)

    def _first_to_go(self, count: int) -> list[Pod]:
        """The pods a shrinking ReplicaSet deletes, in their order."""
        if count <= 0:
            return []
        crowd = Counter(pod.node for fleet in self.related for pod in fleet.pods.values() if not pod.deleted)
        busy = self._around.service.shutdown.deletion_cost == "busy"
        candidates = [
            (_candidate(pod, crowd[pod.node], cost=self._lifecycle.processes.work_in(pod) if busy else 0), pod)
            for pod in reversed(self._staying())
        ]
        now = int(self._around.clock.now)

        def before(one: tuple[Candidate, Pod], other: tuple[Candidate, Pod]) -> int:
            return compare(one[0], other[0], now)

        return [pod for _, pod in nsmallest(count, candidates, key=cmp_to_key(before))]


def _candidate(pod: Pod, crowd: int, *, cost: int) -> Candidate:
    """What the order of deletion looks at; the UID, a die in Kubernetes, is the creation number here."""
    return Candidate(
        assigned=pod.node is not None,
        phase="Pending" if pod.phase in NOT_RUNNING else "Running",
        ready=pod.ready,
        cost=cost,
        doubled=crowd,
        ready_since=pod.ready_since if pod.ready else None,
        restarts=pod.incarnation,
        created_at=pod.created_at,
        uid=-pod.number,
    )
