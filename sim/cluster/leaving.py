"""How a pod ends, or a container that a probe has given up on: preStop, SIGTERM, grace, SIGKILL, then the sidecars.

SIGTERM comes after preStop: new connections are refused, work in flight goes on, and the app has exited when the last
request has left or the grace is over, whichever comes first.
"""

from __future__ import annotations

from contextlib import suppress

from simpy import Interrupt

from sim.clock import Script
from sim.cluster.arriving import Arrival
from sim.cluster.containers import first_sidecar_end, request_of, sidecars_end
from sim.cluster.grace import after_pre_stop, grace_of
from sim.cluster.pod import STOPS, News, Phase, Pod
from sim.cluster.processes import Processes
from sim.cluster.surroundings import Surroundings
from sim.versions import NEVER
from sim.world import Answers


class Leaving:
    """Ends containers and pods in the kubelet's order."""

    def __init__(self, around: Surroundings, processes: Processes, arrival: Arrival) -> None:
        self._around, self._processes, self._arrival = around, processes, arrival

    def stop(self, pod: Pod) -> Script:
        """A probe has given up: the container has its preStop, its SIGTERM and its grace, and the pod stays."""
        shutdown, probes = self._around.service.shutdown, self._around.service
        grace = grace_of(
            pod.killed_for,
            shutdown.grace,
            liveness=probes.liveness.grace if probes.liveness else None,
            startup=probes.startup.grace if probes.startup else None,
        )
        pod.crash_reason = f"its {pod.killed_for} probe failed"
        self._around.tell(pod, f"is killed: {pod.crash_reason}")
        try:
            yield from self._around.wait(pod, min(shutdown.pre_stop, grace))
            yield from self._signal(pod, after_pre_stop(grace, shutdown.pre_stop))
        except Interrupt as news:
            if news.cause not in (*STOPS, News.DRAINED):
                raise

    def end(self, pod: Pod) -> Script:
        """Told to go: shut down in order if something runs, then leave."""
        if pod.running:
            with suppress(Interrupt):  # drained, or crashed on the way: nothing is left to wait for
                yield from self._shut_down(pod)
            with suppress(Interrupt):  # its machine is lost
                yield from self._end_sidecars(pod)
        self._leave(pod)

    def _shut_down(self, pod: Pod) -> Script:
        around, shutdown, cut_at = self._around, self._around.service.shutdown, self._cut_off_at(pod)
        signal_at = pod.deleted_at + min(shutdown.pre_stop, shutdown.grace)
        yield from around.wait(pod, min(signal_at, cut_at) - around.now)
        if cut_at < signal_at:
            self._cut_off(pod)
            yield from around.wait(pod, signal_at - around.now)
        killed_at = around.now + (after_pre_stop(shutdown.grace, shutdown.pre_stop) if shutdown.grace else 0)
        yield from self._signal(pod, (min(killed_at, cut_at) if cut_at > around.now else killed_at) - around.now)
        if pod.running and around.now == cut_at < killed_at and self._goes_on(pod):
            self._cut_off(pod)
            yield from around.wait(pod, killed_at - around.now if self._goes_on(pod) else 0)
        if pod.running and self._goes_on(pod):
            around.tell(pod, "SIGKILL: the grace is over", requests=float(self._processes.work_in(pod)))

    def _goes_on(self, pod: Pod) -> bool:
        """Whether the app would run on after its SIGTERM: it has work, or does not listen."""
        return self._processes.work_in(pod) > 0 or self._around.service.shutdown.on_sigterm == "ignore"

    def _cut_off_at(self, pod: Pod) -> int:
        """When the way in and out of the app ends, in 1.28: its sidecars get their SIGTERM as preStop begins."""
        if self._around.native_sidecars:
            return NEVER
        sidecar = first_sidecar_end(self._around.containers[pod.revision])
        return NEVER if sidecar is None else pod.deleted_at + sidecar

    def _cut_off(self, pod: Pod) -> None:
        """A sidecar has ended before the app: nobody reaches it any more, and what it works on is lost."""
        self._around.tell(pod, "cut off: a sidecar has ended", requests=float(self._processes.work_in(pod)))
        self._processes.answer(pod, Answers.REFUSES)
        self._around.requests.reset(pod.place, self._around.now)

    def _signal(self, pod: Pod, left: int) -> Script:
        """SIGTERM, until the app has exited or the time left for it is over.

        A server that drains takes no new connection; the request plane says when the last request has left.
        """
        self._around.tell(pod, "SIGTERM")
        match self._around.service.shutdown.on_sigterm:
            case "exit":
                self._processes.end(pod)
            case "ignore":
                yield from self._around.wait(pod, left)
            case _:
                self._processes.answer(pod, Answers.REFUSES)
                self._around.world.columns.pods.draining[pod.place] = 1
                pod.signalled = True
                if self._processes.work_in(pod):
                    self._around.readiness.look(pod)
                    yield from self._around.wait(pod, left)

    def _end_sidecars(self, pod: Pod) -> Script:
        """Native sidecars end after the apps, in what is left of the grace; the pod keeps its room so long."""
        around = self._around
        deadline = pod.deleted_at + around.service.shutdown.grace
        if around.native_sidecars:
            ended = sidecars_end(around.containers[pod.revision], self._around.now, deadline)
            if ended > self._around.now:
                self._processes.end(pod)
                self._around.tell(pod, "its sidecars end")
                yield from self._around.wait(pod, ended - self._around.now)

    def _leave(self, pod: Pod) -> None:
        """Gone for good: what is still in flight fails, the node has room again."""
        around = self._around
        if pod.running:
            self._processes.end(pod)
        around.world.columns.pods.draining[pod.place] = 0
        around.observer.pod_gone(pod.place)
        pod.phase, pod.crash_due = Phase.GONE, NEVER
        around.readiness.unwatched(pod)
        around.endpoints.announce(pod)
        self._around.tell(pod, Phase.GONE)
        if pod.node is not None:
            around.nodes.give_back(pod.node, request_of(around.containers[pod.revision]))
            self._arrival.room_appears()
        around.changed()
