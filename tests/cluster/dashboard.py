"""A service reduced to its counters, for those who only look at metrics."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from sim.clock import Clock
from sim.cluster.observer import Observer
from sim.telemetry import empty_telemetry, grown_telemetry
from sim.versions import NEVER, NEW, NO_VERSION, STABLE

S = 10**9


def scenario(
    *, every: int = 15, horizon: int = 4 * 3600, delay: int = 0, oncall: Any = None, baseline: float = 0.001
) -> Any:
    """A scenario of which only streams, scraping, horizon and the on-call rule matter; times in seconds."""
    return SimpleNamespace(
        scraping=SimpleNamespace(every=every * S, delay=delay * S),
        study=SimpleNamespace(horizon=horizon * S),
        traffic=SimpleNamespace(
            streams=(SimpleNamespace(name="browse"), SimpleNamespace(name="pay")), booked_at=(0, 1)
        ),
        oncall=oncall,
        release=SimpleNamespace(baseline_errors=baseline),
    )


class Service:
    """Pods whose counters a test turns by hand."""

    def __init__(self, scene: Any, *, stable: int = 1, new: int = 1, start: int = 0, fresh: bool = False) -> None:
        """Unless ``fresh``, the new pods have answered before, well and badly: all their series are there."""
        self.clock = Clock(initial_time=start * S)
        self.world: Any = SimpleNamespace(
            columns=SimpleNamespace(pods=SimpleNamespace(version=np.array([], dtype=np.int64))),
            telemetry=empty_telemetry(pods=0, streams=2, proxies=1),
            pod_count=0,
        )
        for version in [STABLE] * stable + [NEW] * new:
            pod = self.add_pod(version)
            for stream in (0, 1) if version == NEW and not fresh else ():
                self.answer(pod, 2, 1, stream=stream)
        self.observer = Observer(scenario=scene, world=self.world, clock=self.clock)

    def add_pod(self, version: int) -> int:
        pods = self.world.columns.pods
        pods.version = np.append(pods.version, version)
        self.world.pod_count += 1
        self.world.telemetry = grown_telemetry(self.world.telemetry, self.world.pod_count)
        return self.world.pod_count - 1

    def answer(self, pod: int, requests: int, errors: int = 0, *, stream: int = 0, bucket: int = 0) -> None:
        self.world.telemetry.answered[pod, stream] += requests
        self.world.telemetry.errors[pod, stream] += errors
        self.world.telemetry.latency[pod, stream, bucket] += requests

    def leave_unanswered(self, requests: int, *, version: int = NO_VERSION, stream: int = 0) -> None:
        self.world.telemetry.unanswered[0, stream, version] += requests

    def each_second(self, turn: Any, until: int) -> None:
        """Turn the counters once a second, right after the events of that second."""
        for second in range(int(self.clock.now) // S, until):
            self.play(second)
            turn(second)
        self.play(until)

    def play(self, until: int) -> None:
        """Let everything due up to a second, that second included, happen."""
        while self.clock.next_at() <= min(until * S, NEVER - 1):
            self.clock.step()
        self.clock.move_to(until * S)
