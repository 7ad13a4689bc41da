"""The autoscaler at work: it samples what pods use, looks now and then, and changes the size of the service.

CPU is a counter per process, built from the slot time the request plane really worked; a metric is the difference of
two samples. A process that has been started anew has no metric until it was sampled twice. Pods that served long before
the play began count as old. It looks before the release and after it, in the twin too.
"""

from __future__ import annotations

from dataclasses import dataclass

from simpy.events import Event

from sim.autoscalers import Autoscaler, Spent
from sim.clock import Clock
from sim.cluster.fleet import Fleet
from sim.cluster.pod import NOT_RUNNING, Pod
from sim.cluster.sizing import Sizing
from sim.hpa.pods import LONG_AGO, Metric, PodPhase, PodSeen
from sim.hpa.reconcile import Pass
from sim.journal import Journal
from sim.scenario.resolved import Container
from sim.versions import NEVER
from sim.world import Rank, World

SAMPLES, LOOKS = 0, 2
"""Entities of its events: sampling among the scrapes, looking after the rollout's controller has acted."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A pod's CPU counter at a moment."""

    incarnation: int
    at: int
    used: int  # thousandths of a core times ns


class AutoscalerAtWork:
    """Samples, looks and resizes. While ``blind`` nothing is sampled and no metric is to be had."""

    def __init__(
        self,
        *,
        autoscaler: Autoscaler,
        containers: tuple[tuple[Container, ...], ...],
        concurrency: int,
        kubernetes: str,
        fleets: tuple[Fleet, ...],
        sizing: Sizing,
        world: World,
        clock: Clock,
        journal: Journal,
    ) -> None:
        self.blind = False
        self._autoscaler, self._concurrency, self._kubernetes = autoscaler, concurrency, kubernetes
        self._requests = tuple(sum(each.cpu for each in pod if not each.init) for pod in containers)
        self._fleets, self._sizing, self._world = fleets, sizing, world
        self._clock, self._journal, self._begun = clock, journal, int(clock.now)
        self._samples: dict[Pod, tuple[Sample, ...]] = {}  # the last one or two of the same process
        self._memory = autoscaler.first_sight(sizing.size, self._begun)
        self._sample()
        self._expect(autoscaler.scrape, Rank.SCRAPE, SAMPLES)
        self._expect(autoscaler.every, Rank.CONTROLLER, LOOKS)

    def _expect(self, after: int, rank: Rank, entity: int) -> None:
        self._clock.at(self._now + after, rank, entity).callbacks.append(self._act)

    def _act(self, event: Event) -> None:
        if event.value == SAMPLES:
            self._sample()
            self._expect(self._autoscaler.scrape, Rank.SCRAPE, SAMPLES)
        else:
            self._look()
            self._expect(self._autoscaler.every, Rank.CONTROLLER, LOOKS)

    def _sample(self) -> None:
        """Read every running process that can be reached; what is gone is forgotten."""
        known = {} if self.blind else self._samples
        self._samples = {}
        for pod in self._pods():
            if not self.blind and pod.running and can_be_reached(pod):
                newest = Sample(pod.incarnation, self._now, self._used(pod))
                last = known.get(pod, ())[-1:]
                same = tuple(sample for sample in last if sample.incarnation == pod.incarnation)
                self._samples[pod] = (*same, newest)

    def _used(self, pod: Pod) -> int:
        """The CPU counter of the pod's process, as far as differences of two of them go."""
        able = self._now if pod.serving_since == NEVER else pod.serving_since
        busy = self._world.busy_until(pod.place, self._now)
        spent = Spent(able - pod.started_at, self._now - pod.started_at, busy // self._concurrency)
        return self._autoscaler.cpu_used(self._requests[pod.revision], spent)

    def _look(self) -> None:
        current, metrics = self._sizing.size, None if self.blind else self._metrics()
        pods = [self._seen(pod) for pod in self._pods()]
        found = self._autoscaler.decide(
            self._memory, pods, metrics, current=current, now=self._now, kubernetes=self._kubernetes
        )
        self._memory = found.memory
        if found.replicas != current:
            self._tell(found, current)
            self._sizing.resize(found.replicas)

    def _metrics(self) -> dict[str, Metric]:
        """Mean use between the last two samples, by pod; none for a process sampled once."""
        pairs = {pod.name: samples for pod, samples in self._samples.items() if len(samples) == 2}
        return {
            name: Metric((newer.used - older.used) // (newer.at - older.at), newer.at, newer.at - older.at)
            for name, (older, newer) in pairs.items()
        }

    def _seen(self, pod: Pod) -> PodSeen:
        """The pod as its status says."""
        old = pod.created_at <= self._begun
        changed = pod.created_at if pod.ready_changed_at == NEVER else pod.ready_changed_at
        return PodSeen(
            name=pod.name,
            request=self._requests[pod.revision],
            phase=PodPhase.PENDING if pod.phase in NOT_RUNNING else PodPhase.RUNNING,
            deleted=pod.deleted,
            ready=pod.ready,
            started_at=LONG_AGO if old else pod.created_at,
            ready_changed_at=changed if changed > self._begun else LONG_AGO,
        )

    def _pods(self) -> list[Pod]:
        return [pod for fleet in self._fleets for pod in fleet.pods.values()]

    def _tell(self, found: Pass, current: int) -> None:
        level = {"percent": float(found.wish.level)} if found.wish else {}
        what = f"scale the service from {current} to {found.replicas}: {found.reason}"
        self._journal.tell(self._now, "autoscaler", "autoscaler", what, **level)

    @property
    def _now(self) -> int:
        return int(self._clock.now)


def can_be_reached(pod: Pod) -> bool:
    """Whether the pod's machine answers a scraper."""
    return pod.node is not None and pod.node.up
