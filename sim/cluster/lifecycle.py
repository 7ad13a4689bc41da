"""The life of a pod, told once, as a process: pending, pull, init, start, serve, crash and restart, and the end.

Deleting a pod takes it out of the endpoints and starts preStop at the same moment; SIGTERM follows (new connections are
refused, work in flight goes on), and the pod is gone when the last request has left or the grace is over, whichever
comes first. A process that dies loses every request in it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from simpy import Interrupt
from simpy.events import Event

from sim.clock import Clock, Script
from sim.cluster.admission import Admission
from sim.cluster.availability import Availability
from sim.cluster.backoff import Pace, after_crash, between_attempts
from sim.cluster.containers import (
    first_sidecar_end,
    images_of,
    preparation_time,
    request_of,
    sidecars_end,
    start_time,
)
from sim.cluster.effects import Effects
from sim.cluster.endpoints import Endpoints
from sim.cluster.grace import Kill, after_pre_stop, grace_of
from sim.cluster.hazards import KERNEL_PANIC, next_death
from sim.cluster.nodes import NodePool
from sim.cluster.observer import Observer
from sim.cluster.pod import News, Phase, Pod
from sim.cluster.pools import Pools, next_try
from sim.cluster.pulling import Attempted, PullPolicy, attempt
from sim.cluster.readiness import Readiness
from sim.cluster.speeds import Speeds
from sim.draws import Key, Purpose, draw
from sim.journal import Journal
from sim.scenario.resolved import Container, Service
from sim.steps import Effect
from sim.units import show_duration
from sim.versions import NEVER
from sim.world import Answers, Rank, World

STOPS = (News.CRASHED, News.UNHEALTHY)
"""What ends a container and not its pod."""


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
    native_sidecars: bool  # they start before the apps and end after them
    panics: Callable[[Pod], None]  # a pod has crashed the kernel of its machine
    changed: Callable[[], None]


class Lifecycle:
    """Plays pods' lives; ``processes`` counts the app processes that exist now."""

    def __init__(self, around: Surroundings) -> None:
        self._around, self._clock = around, around.clock
        self._room: Event = around.clock.event()
        self._pace = Pace(around.service.restarts.first, around.service.restarts.longest)
        self._policy = PullPolicy(around.service.pull_policy)
        self.processes = 0

    def live(self, pod: Pod) -> Script:
        """The whole life of a pod; one that serves already begins there."""
        try:
            while True:
                try:
                    yield from self._live_on_its_node(pod)
                except Interrupt as news:
                    if news.cause is not News.NODE_LOST:
                        raise
                    yield from self._lie_dead(pod)
        except Interrupt:
            yield from self._end(pod)

    def serve(self, pod: Pod, since: int) -> None:
        """The app's process can answer from now on."""
        pod.phase, pod.serving_since = Phase.SERVING, since
        self._answer(pod, Answers.ACCEPTS)
        self._around.world.columns.pods.memory[pod.place] = 0.0
        self._around.speeds.look(pod)
        self.expect_death(pod)
        self._around.readiness.look(pod)

    def set_running(self, pod: Pod, *, running: bool) -> None:
        """The app's process exists, or no more."""
        self.processes += running - pod.running
        pod.running = running
        if not running:
            self._around.pools.give_back(pod)

    def expect_death(self, pod: Pod) -> None:
        """Look up when the process will die of itself, if it will."""
        pod.crash_due, pod.crash_reason = next_death(pod, self._around.effects, self._around.key)
        if pod.crash_due < NEVER:
            due = self._clock.at(pod.crash_due, Rank.CONTAINER, pod.address)
            due.callbacks.append(lambda _: self._die_if_due(pod))

    def die(self, pod: Pod, reason: str) -> None:
        """The process dies of what its requests did to it."""
        if pod.running:
            pod.crash_due, pod.crash_reason = self._now, reason
            self._die_if_due(pod)

    def kill(self, pod: Pod, why: Kill) -> None:
        """A probe has given up on the pod's container: stop it, unless something else has ended it at this instant."""
        incarnation = pod.incarnation

        def act(_: Event) -> None:
            if pod.running and not pod.deleted and pod.incarnation == incarnation:
                pod.killed_for = why
                pod.life.interrupt(News.UNHEALTHY)

        self._clock.at(self._now, Rank.CONTAINER, pod.address).callbacks.append(act)

    def drained(self, pod: Pod) -> None:
        """The last request has left: a pod that has got its SIGTERM exits now."""
        if pod.signalled and pod.life.is_alive:
            pod.life.interrupt(News.DRAINED)

    def lose_machine(self, pod: Pod) -> None:
        """The pod's machine is gone without a word: nothing answers any more, and nobody knows yet."""
        pod.crash_due = NEVER
        self._around.readiness.unwatched(pod)
        if pod.running:
            self.set_running(pod, running=False)
            self._answer(pod, Answers.SILENT)
            requests = self._around.requests
            requests.silence(pod.place, self._now)
        pod.started_at = pod.serving_since = NEVER
        if pod.life.is_alive:
            pod.life.interrupt(News.NODE_LOST)

    def machine_is_missed(self, pod: Pod) -> None:
        """The cluster has noticed that the pod's machine is gone: it is not ready any more."""
        self._around.readiness.lost(pod)

    def room_appears(self) -> None:
        """Some node can take pods again: those that wait for one try anew."""
        room, self._room = self._room, self._clock.event()
        room.succeed()

    def machine_is_back(self, pod: Pod) -> None:
        """The pod's machine has started anew; its containers follow, and are not ready until they say so."""
        if pod.phase is Phase.LOST:
            self._answer(pod, Answers.REFUSES)
            self._around.readiness.lost(pod)
            pod.life.interrupt(News.NODE_BACK)

    def work_in(self, pod: Pod) -> int:
        """Requests in the pod's slots and queue."""
        pods = self._around.world.columns.pods
        return int(pods.in_flight[pod.place] + pods.queued[pod.place])

    def _live_on_its_node(self, pod: Pod) -> Script:
        """From wish to serving, and again after each crash, until some other news comes."""
        yield from self._come_up(pod)
        while True:
            yield from self._run(pod)
            yield from self._back_off(pod)
            yield from self._pull(pod)

    def _lie_dead(self, pod: Pod) -> Script:
        """The machine is gone: wait for its return, or for being told to go."""
        pod.phase = Phase.LOST
        self._tell(pod, Phase.LOST)
        try:
            yield self._clock.event()
        except Interrupt as news:
            if news.cause is not News.NODE_BACK:
                raise
        pod.incarnation += 1

    def _come_up(self, pod: Pod) -> Script:
        """From wish to prepared: a node, the images, the init containers and sidecars."""
        if pod.phase is Phase.SERVING:
            return
        around, containers = self._around, self._around.containers[pod.revision]
        attempts = 0
        while pod.node is None and not self._scheduled(pod):
            attempts, tried_at = attempts + 1, self._now
            yield self._room
            yield from self._wait(pod, tried_at + between_attempts(attempts) - self._now)
        assert pod.node is not None
        if not pod.node.up:  # lost, and the scheduler did not know
            yield from self._lie_dead(pod)
        yield from self._pull(pod)
        preparation = preparation_time(around.key, containers, pod.address, native=around.native_sidecars)
        yield from self._pass_through(pod, Phase.INITIALISING, preparation)

    def _pull(self, pod: Pod) -> Script:
        """Until the node has the images and the policy allows to use them; after a failure with a back-off."""
        around, node = self._around, pod.node
        assert node is not None
        images = images_of(around.containers[pod.revision], pod.revision)
        while True:
            fails = any(True for _ in around.effects.on_pods(pod.version, Effect.PULL_FAILURE))
            present = all(node.images.get(image, NEVER) <= self._now or not image.size for image in images)
            what, pod.pull_back_off = attempt(
                pod.pull_back_off, self._now, policy=self._policy, present=present, pull_fails=fails
            )
            if what in (Attempted.PRESENT, Attempted.PULLED):
                break
            pod.phase = Phase.PULLING
            self._tell(pod, f"{what}: the registry does not give the image")
            yield from self._wait(pod, pod.pull_back_off.updated_at + pod.pull_back_off.wait - self._now)
        pulled = around.nodes.pull(node, images, self._now)
        if pulled > self._now:
            yield from self._pass_through(pod, Phase.PULLING, pulled - self._now)

    def _scheduled(self, pod: Pod) -> bool:
        """Whether the pod has found a node; else it says why not."""
        around = self._around
        request, os = request_of(around.containers[pod.revision]), around.service.node_selector_os
        pod.node = around.nodes.place(request, os)
        if pod.node is None:
            self._tell(pod, f"pending: {around.nodes.why_pending(request, os)}")
        else:
            self._tell(pod, f"scheduled to node {pod.node.number}")
            around.endpoints.announce(pod)
        return pod.node is not None

    def _run(self, pod: Pod) -> Script:
        """Start the process and serve until it dies; every other news ends the pod."""
        try:
            if pod.phase is Phase.SERVING or (yield from self._start(pod)):
                yield self._clock.event()
        except Interrupt as news:
            if news.cause not in STOPS:
                raise
            if news.cause is News.UNHEALTHY:
                yield from self._stop(pod)
        self._crash(pod)

    def _start(self, pod: Pod) -> Generator[Event, Any, bool]:
        """From the start of the process to serving; false where it gives up for want of connections."""
        around = self._around
        pod.started_at, pod.serving_since = self._now, NEVER
        self.set_running(pod, running=True)
        pod.phase = Phase.STARTING
        around.readiness.started(pod)
        self.expect_death(pod)
        containers, native = around.containers[pod.revision], around.native_sidecars
        starting = start_time(around.key, containers, pod.address, pod.incarnation, native=native)
        yield from self._pass_through(pod, Phase.STARTING, starting)
        if not (yield from self._connect(pod)):
            return False
        self._tell(pod, Phase.SERVING)
        self.serve(pod, since=self._now)
        return True

    def _connect(self, pod: Pod) -> Generator[Event, Any, bool]:
        """Open the connections to dependencies, however often it takes; false where the process gives up."""
        around = self._around
        while (lacking := around.pools.take(pod)) is not None:
            what = f"{around.pools.left(lacking)}, a pod needs {lacking.per_pod}"
            if lacking.beyond == "crash":
                pod.crash_reason = f"no connections, {what}"
                return False
            if pod.phase is not Phase.CONNECTING:
                pod.phase = Phase.CONNECTING
                self._tell(pod, f"{Phase.CONNECTING}: {what}")
                around.readiness.look(pod)
            yield around.pools.freed
            yield from self._wait(pod, next_try(pod.started_at, around.service.readiness.every, self._now) - self._now)
        return True

    def _die_if_due(self, pod: Pod) -> None:
        if pod.running and pod.crash_due == self._now:
            pod.crash_due = NEVER
            if pod.crash_reason == KERNEL_PANIC:
                self._around.panics(pod)
            else:
                pod.life.interrupt(News.CRASHED)

    def _stop(self, pod: Pod) -> Script:
        """A probe has given up: the container has its preStop, its SIGTERM and its grace, and the pod stays."""
        shutdown, probes = self._around.service.shutdown, self._around.service
        grace = grace_of(
            pod.killed_for,
            shutdown.grace,
            liveness=probes.liveness.grace if probes.liveness else None,
            startup=probes.startup.grace if probes.startup else None,
        )
        pod.crash_reason = f"its {pod.killed_for} probe failed"
        self._tell(pod, f"is killed: {pod.crash_reason}")
        try:
            yield from self._wait(pod, min(shutdown.pre_stop, grace))
            yield from self._signal(pod, after_pre_stop(grace, shutdown.pre_stop))
        except Interrupt as news:
            if news.cause not in (*STOPS, News.DRAINED):
                raise

    def _crash(self, pod: Pod) -> None:
        """The process is dead: its connections are reset, the probe has nothing to talk to."""
        self._tell(pod, f"crashed: {pod.crash_reason}" if pod.killed_for is Kill.OTHER else "the container has exited")
        self._around.world.columns.pods.draining[pod.place] = 0
        pod.signalled, pod.killed_for, pod.crash_due = False, Kill.OTHER, NEVER
        self._stop_process(pod)
        pod.started_at = pod.serving_since = NEVER
        self._around.readiness.lost(pod)
        self._around.changed()

    def _back_off(self, pod: Pod) -> Script:
        wait, pod.back_off = after_crash(pod.back_off, self._now, self._pace)
        pod.phase = Phase.BACKING_OFF
        if wait:
            self._tell(pod, f"backs off for {show_duration(wait)} (CrashLoopBackOff)")
            late = self._late(pod)
            wait, pod.back_off = wait + late, pod.back_off.later(late)
        yield from self._wait(pod, wait)
        pod.incarnation += 1

    def _late(self, pod: Pod) -> int:
        """How long after the back-off the kubelet looks at the container again, ns."""
        law = self._around.service.restarts.late
        if law is None:
            return 0
        drawn: float = law.quantile(draw(self._around.key, Purpose.KUBELET, pod.address, pod.incarnation)[0])
        return max(0, round(drawn))

    def _end(self, pod: Pod) -> Script:
        """Told to go: shut down in order if something runs, then leave."""
        if pod.running:
            with suppress(Interrupt):  # drained, or crashed on the way: nothing is left to wait for
                yield from self._shut_down(pod)
            with suppress(Interrupt):  # its machine is lost
                yield from self._end_sidecars(pod)
        self._leave(pod)

    def _shut_down(self, pod: Pod) -> Script:
        shutdown = self._around.service.shutdown
        yield from self._wait(pod, pod.deleted_at + min(shutdown.pre_stop, shutdown.grace) - self._now)
        left = after_pre_stop(shutdown.grace, shutdown.pre_stop) if shutdown.grace else 0
        if not self._around.native_sidecars:
            sidecar = first_sidecar_end(self._around.containers[pod.revision])
            left = left if sidecar is None else min(left, sidecar)
        yield from self._signal(pod, left)
        if pod.running and (self.work_in(pod) or shutdown.on_sigterm == "ignore"):
            self._tell(pod, "SIGKILL: the grace is over", requests=float(self.work_in(pod)))

    def _signal(self, pod: Pod, left: int) -> Script:
        """SIGTERM, until the app has exited or the time left for it is over.

        A server that drains takes no new connection; the request plane says when the last request has left.
        """
        self._tell(pod, "SIGTERM")
        match self._around.service.shutdown.on_sigterm:
            case "exit":
                self._stop_process(pod)
            case "ignore":
                yield from self._wait(pod, left)
            case _:
                self._answer(pod, Answers.REFUSES)
                self._around.world.columns.pods.draining[pod.place] = 1
                pod.signalled = True
                if self.work_in(pod):
                    self._around.readiness.look(pod)
                    yield from self._wait(pod, left)

    def _end_sidecars(self, pod: Pod) -> Script:
        """Native sidecars end after the apps, in what is left of the grace; the pod keeps its room so long."""
        around = self._around
        deadline = pod.deleted_at + around.service.shutdown.grace
        if around.native_sidecars:
            ended = sidecars_end(around.containers[pod.revision], self._now, deadline)
            if ended > self._now:
                self._stop_process(pod)
                self._tell(pod, "its sidecars end")
                yield from self._wait(pod, ended - self._now)

    def _leave(self, pod: Pod) -> None:
        """Gone for good: what is still in flight fails, the node has room again."""
        around = self._around
        if pod.running:
            self._stop_process(pod)
        around.world.columns.pods.draining[pod.place] = 0
        around.observer.pod_gone(pod.place)
        pod.phase, pod.crash_due = Phase.GONE, NEVER
        around.readiness.unwatched(pod)
        around.endpoints.announce(pod)
        self._tell(pod, Phase.GONE)
        if pod.node is not None:
            around.nodes.give_back(pod.node, request_of(around.containers[pod.revision]))
            self.room_appears()
        around.changed()

    def _stop_process(self, pod: Pod) -> None:
        self.set_running(pod, running=False)
        self._answer(pod, Answers.REFUSES)
        self._around.requests.reset(pod.place, self._now)

    def _answer(self, pod: Pod, answers: Answers) -> None:
        self._around.world.columns.pods.answers[pod.place] = answers

    def _wait(self, pod: Pod, duration: int) -> Script:
        if duration > 0:
            yield self._clock.at(self._now + duration, Rank.CONTAINER, pod.address)

    def _pass_through(self, pod: Pod, phase: Phase, duration: int) -> Script:
        """A phase that lasts so long; one that takes no time is not worth a line."""
        pod.phase = phase
        if duration > 0:
            self._tell(pod, phase)
        yield from self._wait(pod, duration)

    def _tell(self, pod: Pod, what: str, **figures: float) -> None:
        self._around.journal.tell(self._now, "pod", pod.name, what, **figures)

    @property
    def _now(self) -> int:
        return int(self._clock.now)
