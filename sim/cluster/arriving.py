"""How a pod comes up: a node that has room, the images, the init containers, and the connections its process needs."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from simpy.events import Event

from sim.clock import Script
from sim.cluster.backoff import between_attempts
from sim.cluster.containers import images_of, preparation_time, request_of
from sim.cluster.pod import Phase, Pod
from sim.cluster.pools import next_try
from sim.cluster.pulling import Attempted, PullPolicy, attempt
from sim.cluster.surroundings import Surroundings
from sim.journal import Hindrance
from sim.versions import NEVER
from sim.world import Rank

LOOKS_AGAIN = 10 * 10**9
"""A pod that could not come up, without a back-off, is tried again so much later, ns: the kubelet's backOffPeriod."""

SCHEDULES = -1
"""Entity of the scheduler: it looks for room after all that ends at an instant, and before controllers look at it."""


class Arrival:
    """Everything between the wish for a pod and a process that can serve, its start apart."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._room: Event = around.clock.event()
        self._room_due = False
        self._policy = PullPolicy(around.service.pull_policy)

    def room_appears(self) -> None:
        """Some node can take pods again: those that wait for one try anew, once, after all that falls on this instant.

        Two pods that end at once leave room for two: the first must not send the others into their back-off.
        """
        if not self._room_due:
            self._room_due = True
            event = self._around.clock.at(self._around.now, Rank.CONTROLLER, SCHEDULES)
            event.callbacks.append(lambda _: self._let_in())

    def _let_in(self) -> None:
        self._room_due = False
        room, self._room = self._room, self._around.clock.event()
        room.succeed()

    def be_placed(self, pod: Pod) -> Script:
        """Until the pod has a node; after each attempt in vain it waits for room, and for an old scheduler's back-off.

        Since Kubernetes 1.33 a scheduler with nothing else to do takes pods out of their back-off at once (KEP-5142).
        """
        attempts = 0
        while pod.node is None and not self._scheduled(pod):
            attempts, tried_at = attempts + 1, self._around.now
            yield self._room
            if self._around.scheduler_backs_off:
                yield from self._around.wait(pod, tried_at + between_attempts(attempts) - self._around.now)

    def prepare(self, pod: Pod) -> Script:
        """The images, then the init containers and sidecars."""
        around = self._around
        yield from self.pull(pod)
        containers = around.containers[pod.revision]
        preparation = preparation_time(around.key, containers, pod.address, native=around.native_sidecars)
        yield from around.pass_through(pod, Phase.INITIALISING, preparation)

    def pull(self, pod: Pod) -> Script:
        """Until the node has the images and the policy allows to use them; after a failure with a back-off."""
        around, node = self._around, pod.node
        assert node is not None
        images = images_of(around.containers[pod.revision], pod.revision)
        while True:
            fails = around.effects.pull_fails(pod.version)
            present = all(node.images.get(image, NEVER) <= around.now or not image.size for image in images)
            what, pod.pull_back_off = attempt(
                pod.pull_back_off, around.now, policy=self._policy, present=present, pull_fails=fails
            )
            if what in (Attempted.PRESENT, Attempted.PULLED):
                break
            pod.phase = Phase.PULLING
            if what is Attempted.NEVER_PULLED:
                around.tell(pod, f"{what}: the node does not have the image, and none is pulled")
                yield from around.wait(pod, LOOKS_AGAIN)
                continue
            around.tell(pod, f"{what}: the registry does not give the image")
            yield from around.wait(pod, pod.pull_back_off.updated_at + pod.pull_back_off.wait - around.now)
        pulled = around.nodes.pull(node, images, around.now)
        if pulled > around.now:
            yield from around.pass_through(pod, Phase.PULLING, pulled - around.now)

    def connect(self, pod: Pod) -> Generator[Event, Any, bool]:
        """Open the connections to dependencies, however often it takes; false where the process gives up."""
        around = self._around
        while (lacking := around.pools.take(pod)) is not None:
            what = around.pools.missing(pod, lacking)
            around.journal.hinder(around.now, Hindrance.CONNECTIONS, what)
            if lacking.beyond == "crash":
                pod.crash_reason = f"no connections, {what}"
                return False
            if pod.phase is not Phase.CONNECTING:
                pod.phase = Phase.CONNECTING
                around.tell(pod, f"{Phase.CONNECTING}: {what}")
                around.readiness.look(pod)
            yield around.pools.freed
            due = next_try(pod.started_at, around.service.readiness.every, around.now)
            yield from around.wait(pod, due - around.now)
        return True

    def _scheduled(self, pod: Pod) -> bool:
        """Whether the pod has found a node; else it says why not."""
        around = self._around
        request, os = request_of(around.containers[pod.revision]), around.service.node_selector_os
        pod.node = around.nodes.place(request, os)
        if pod.node is None:
            why = around.nodes.why_pending(request, os)
            around.journal.hinder(around.now, Hindrance.NODES, why)
            around.tell(pod, f"pending: {why}")
        else:
            around.tell(pod, f"scheduled to node {pod.node.number}")
            around.endpoints.announce(pod)
        return pod.node is not None
