"""One of a pod's probes at work: when its verdict turns, computed for the probe's grid.

The kubelet probes a container from its start, every so often. Between changes all results agree, so only the probe that
turns the verdict is an event; those before it are counted when something changes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simpy.events import Event

from sim.clock import Clock
from sim.cluster.pod import Pod, Watched
from sim.cluster.probing import Purpose, Thresholds, before_the_first, probes_until
from sim.scenario.resolved import Probe
from sim.versions import NEVER
from sim.world import Rank


@dataclass(frozen=True, slots=True, kw_only=True)
class Prober:
    """Keeps ``pod.probes[purpose]`` what the kubelet would report; ``turned`` is called when that changes."""

    purpose: Purpose
    probe: Probe
    clock: Clock
    passes: Callable[[Pod], bool]
    turned: Callable[[Pod], None]

    def begin(self, pod: Pod, since: int) -> None:
        """A container has started, or what gates this probe has happened: nothing is known of it yet."""
        pod.probes[self.purpose] = Watched(before_the_first(self.purpose), origin=since, counted_until=since)
        self.look(pod)

    def end(self, pod: Pod) -> None:
        """The container is gone, and so is everything known of it."""
        pod.probes.pop(self.purpose, None)

    def look(self, pod: Pod) -> None:
        """Something changed that the probe may see: expect the probe that turns the verdict, or none."""
        watched = pod.probes.get(self.purpose)
        if watched is None:
            return
        now, passing = int(self.clock.now), self.passes(pod)
        if passing == watched.passing and watched.due != NEVER:
            return
        self._count(watched, now)
        watched.passing = passing
        needed = watched.reported.turns_after(passing, self.thresholds)
        due = self._probe_after(watched, now, needed) if needed else NEVER
        if due != watched.due:
            watched.due = due
            if due != NEVER:
                event = self.clock.at(due, Rank.PROBE, pod.address)
                event.callbacks.append(lambda event: self._turn(event, pod, watched))

    def good(self, pod: Pod) -> bool:
        """Whether success is reported."""
        watched = pod.probes.get(self.purpose)
        return watched is not None and watched.reported.good

    def _turn(self, _: Event, pod: Pod, watched: Watched) -> None:
        now = int(self.clock.now)
        if watched.due != now or pod.probes.get(self.purpose) is not watched:
            return
        needed = watched.reported.turns_after(watched.passing, self.thresholds)
        watched.reported = watched.reported.after(watched.passing, self.thresholds, needed)
        watched.counted_until, watched.due = now + 1, NEVER
        self.turned(pod)

    def _count(self, watched: Watched, now: int) -> None:
        """The probes that have fired since the last look all saw the same."""
        if now > watched.counted_until:
            fired = self._fired(watched, now) - self._fired(watched, watched.counted_until)
            watched.reported = watched.reported.after(watched.passing, self.thresholds, fired)
            watched.counted_until = now

    def _fired(self, watched: Watched, until: int) -> int:
        """Probes before a moment, those of the initial delay not among them."""
        first = self._first(watched)
        return max(0, probes_until(watched.origin, self.probe.every, until) - first)

    def _probe_after(self, watched: Watched, now: int, needed: int) -> int:
        """The moment of the n-th probe at or after now that has not been counted, ns."""
        if self.probe.every <= 0:
            return now
        start = max(now, watched.counted_until)
        place = max(probes_until(watched.origin, self.probe.every, start), self._first(watched))
        return watched.origin + (place + needed - 1) * self.probe.every

    def _first(self, watched: Watched) -> int:
        """The place on the grid of the first probe after the initial delay."""
        return probes_until(watched.origin, self.probe.every, watched.origin + self.probe.initial_delay)

    @property
    def thresholds(self) -> Thresholds:
        """What is believed after how many results."""
        return Thresholds(self.probe.failures, self.probe.successes)
