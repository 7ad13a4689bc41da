"""The app processes in the pods: which run, what they answer, and when they die of themselves."""

from __future__ import annotations

from sim.cluster.hazards import KERNEL_PANIC, next_death
from sim.cluster.pod import News, Phase, Pod
from sim.cluster.surroundings import Surroundings
from sim.versions import NEVER
from sim.world import Answers, Rank


class Processes:
    """A process that dies loses every request in it, and its connections to dependencies."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around

    def set_running(self, pod: Pod, *, running: bool) -> None:
        """The app's process exists, or no more."""
        pod.running = running
        if running:
            self._around.pools.ask(pod)
        else:
            self._around.pools.give_back(pod)

    def serve(self, pod: Pod, since: int) -> None:
        """The app's process can answer from now on."""
        pod.phase, pod.serving_since = Phase.SERVING, since
        self.answer(pod, Answers.ACCEPTS)
        self._around.world.columns.pods.memory[pod.place] = 0.0
        self._around.speeds.look(pod)
        self.expect_death(pod)
        self._around.readiness.look(pod)

    def answer(self, pod: Pod, answers: Answers) -> None:
        """What new connections to the pod meet from now on."""
        self._around.world.columns.pods.answers[pod.place] = answers

    def end(self, pod: Pod) -> None:
        """The process has ended: its connections are reset."""
        self.set_running(pod, running=False)
        self._around.observer.process_ended(pod.place)
        self.answer(pod, Answers.REFUSES)
        self._around.requests.reset(pod.place, self._around.now)

    def fall_silent(self, pod: Pod) -> None:
        """The process is gone with its machine: nobody answers, and nobody refuses either."""
        self.set_running(pod, running=False)
        self._around.observer.process_ended(pod.place)
        self.answer(pod, Answers.SILENT)
        self._around.requests.silence(pod.place, self._around.now)

    def work_in(self, pod: Pod) -> int:
        """Requests in the pod's slots and queue."""
        pods = self._around.world.columns.pods
        return int(pods.in_flight[pod.place] + pods.queued[pod.place])

    def expect_death(self, pod: Pod) -> None:
        """Look up when the process will die of itself, if it will."""
        around = self._around
        pod.crash_due, pod.crash_reason = next_death(pod, around.effects, around.key)
        if pod.crash_due < NEVER:
            due = around.clock.at(pod.crash_due, Rank.CONTAINER, pod.address)
            due.callbacks.append(lambda _: self._die_if_due(pod))

    def die(self, pod: Pod, reason: str) -> None:
        """The process dies of what its requests did to it."""
        if pod.running:
            pod.crash_due, pod.crash_reason = self._around.now, reason
            self._die_if_due(pod)

    def _die_if_due(self, pod: Pod) -> None:
        if pod.running and pod.crash_due == self._around.now:
            pod.crash_due = NEVER
            if pod.crash_reason == KERNEL_PANIC:
                self._around.panics(pod)
            else:
                pod.life.interrupt(News.CRASHED)
