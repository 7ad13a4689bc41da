"""The life of a pod, told once, as a process: pending, pull, init, start, serve, crash and restart, and the end.

How it comes up is in :mod:`sim.cluster.arriving`, how it ends in :mod:`sim.cluster.leaving`. Deleting a pod takes it
out of the endpoints and begins its end at the same moment.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from simpy import Interrupt
from simpy.events import Event

from sim.clock import Script
from sim.cluster.arriving import Arrival
from sim.cluster.backoff import Pace, after_crash
from sim.cluster.containers import start_time
from sim.cluster.grace import Kill
from sim.cluster.leaving import Leaving
from sim.cluster.pod import STOPS, News, Phase, Pod
from sim.cluster.processes import Processes
from sim.cluster.surroundings import Surroundings
from sim.draws import Purpose, draw
from sim.moments import Moment
from sim.units import show_duration
from sim.versions import NEVER, NEW
from sim.world import Answers, Rank


class Lifecycle:
    """Plays pods' lives, and brings them the news from outside."""

    def __init__(self, around: Surroundings) -> None:
        self._around, self._clock = around, around.clock
        self._pace = Pace(around.service.restarts.first, around.service.restarts.longest)
        self.processes = Processes(around)
        self._arrival = Arrival(around)
        self._leaving = Leaving(around, self.processes, self._arrival)

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
            yield from self._leaving.end(pod)

    def kill(self, pod: Pod, why: Kill) -> None:
        """A probe has given up on the pod's container: stop it, unless something else has ended it at this instant."""
        incarnation = pod.incarnation

        def act(_: Event) -> None:
            if pod.running and not pod.deleted and pod.incarnation == incarnation:
                pod.killed_for = why
                pod.life.interrupt(News.UNHEALTHY)

        self._clock.at(self._around.now, Rank.CONTAINER, pod.address).callbacks.append(act)

    def drained(self, pod: Pod) -> None:
        """The last request has left: a pod that has got its SIGTERM exits now."""
        if pod.signalled and pod.life.is_alive:
            pod.life.interrupt(News.DRAINED)

    def lose_machine(self, pod: Pod) -> None:
        """The pod's machine is gone without a word: nothing answers any more, and nobody knows yet."""
        pod.crash_due = NEVER
        self._around.readiness.unwatched(pod)
        if pod.running:
            self.processes.fall_silent(pod)
        pod.started_at = pod.serving_since = NEVER
        if pod.life.is_alive:
            pod.life.interrupt(News.NODE_LOST)

    def machine_is_missed(self, pod: Pod) -> None:
        """The cluster has noticed that the pod's machine is gone: it is not ready any more."""
        self._around.readiness.lost(pod)

    def room_appears(self) -> None:
        """Some node can take pods again: those that wait for one try anew."""
        self._arrival.room_appears()

    def machine_is_back(self, pod: Pod) -> None:
        """The pod's machine has started anew; its containers follow, and are not ready until they say so."""
        if pod.phase is Phase.LOST:
            self.processes.answer(pod, Answers.REFUSES)
            self._around.readiness.lost(pod)
            pod.life.interrupt(News.NODE_BACK)

    def _live_on_its_node(self, pod: Pod) -> Script:
        """From wish to serving, and again after each crash, until some other news comes."""
        yield from self._come_up(pod)
        while True:
            yield from self._run(pod)
            yield from self._back_off(pod)
            yield from self._arrival.pull(pod)

    def _lie_dead(self, pod: Pod) -> Script:
        """The machine is gone: wait for its return, or for being told to go."""
        pod.phase = Phase.LOST
        self._around.tell(pod, Phase.LOST)
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
        yield from self._arrival.be_placed(pod)
        assert pod.node is not None
        if not pod.node.up:  # lost, and the scheduler did not know
            yield from self._lie_dead(pod)
        yield from self._arrival.prepare(pod)

    def _run(self, pod: Pod) -> Script:
        """Start the process and serve until it dies; every other news ends the pod."""
        try:
            if pod.phase is Phase.SERVING or (yield from self._start(pod)):
                yield self._clock.event()
        except Interrupt as news:
            if news.cause not in STOPS:
                raise
            if news.cause is News.UNHEALTHY:
                yield from self._leaving.stop(pod)
        self._crash(pod)

    def _start(self, pod: Pod) -> Generator[Event, Any, bool]:
        """From the start of the process to serving; false where it gives up for want of connections."""
        around = self._around
        pod.started_at, pod.serving_since = around.now, NEVER
        self.processes.set_running(pod, running=True)
        pod.phase = Phase.STARTING
        around.readiness.started(pod)
        self.processes.expect_death(pod)
        if pod.revision == NEW:
            around.effects.happens(Moment.FIRST_POD)
            around.effects.happens(Moment.EACH_POD)
        containers, native = around.containers[pod.revision], around.native_sidecars
        starting = start_time(around.key, containers, pod.address, pod.incarnation, native=native)
        yield from around.pass_through(pod, Phase.STARTING, starting)
        yield from around.pass_through(pod, Phase.LOADING, around.start_loads.ask(pod, around.now))
        if not (yield from self._arrival.connect(pod)):
            return False
        around.tell(pod, Phase.SERVING)
        self.processes.serve(pod, since=around.now)
        return True

    def _crash(self, pod: Pod) -> None:
        """The process is dead: its connections are reset, the probe has nothing to talk to."""
        why = f"crashed: {pod.crash_reason}" if pod.killed_for is Kill.OTHER else "the container has exited"
        self._around.tell(pod, why)
        if pod.version == NEW and pod.killed_for is Kill.OTHER:
            self._around.journal.wake(self._around.now)
        self._around.world.columns.pods.draining[pod.place] = 0
        pod.signalled, pod.killed_for, pod.crash_due = False, Kill.OTHER, NEVER
        self.processes.end(pod)
        pod.started_at = pod.serving_since = NEVER
        self._around.readiness.lost(pod)
        self._around.changed()

    def _back_off(self, pod: Pod) -> Script:
        wait, pod.back_off = after_crash(pod.back_off, self._around.now, self._pace)
        pod.phase = Phase.BACKING_OFF
        if wait:
            self._around.tell(pod, f"backs off for {show_duration(wait)} (CrashLoopBackOff)")
            late = self._late(pod)
            wait, pod.back_off = wait + late, pod.back_off.later(late)
        yield from self._around.wait(pod, wait)
        pod.incarnation += 1

    def _late(self, pod: Pod) -> int:
        """How long after the back-off the kubelet looks at the container again, ns."""
        law = self._around.service.restarts.late
        if law is None:
            return 0
        drawn: float = law.quantile(draw(self._around.key, Purpose.KUBELET, pod.address, pod.incarnation)[0])
        return max(0, round(drawn))
