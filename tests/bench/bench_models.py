"""The two models that every contender plays: the shape of a rollout, and the plain queue M/M/10.

*Rollout*: a Poisson stream, two versions of twenty pods with eight slots and a short queue each, the less busy of two
pods, lognormal work, a deadline of one second, one retry after a jittered wait, and a weight that steps through 5, 20,
50 and 100 %. An attempt whose client has gone keeps its slot. Outcomes are counted per second and version, latencies in
a histogram.

*Queue*: Poisson arrivals, exponential work of mean 1 s, ten slots, one queue without an end.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

SUCCEEDED, ERROR, REJECTED, TIMEOUT = 0, 1, 3, 7
"""As in ``sim.outcomes``; contenders that are not ours import nothing of ours."""


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """The rollout-shaped model; times in seconds."""

    rate: float = 1200.0
    pods: int = 20  # of each version
    slots: int = 8
    queue: int = 4
    median: float = 0.1 / math.sqrt(2.0)
    sigma: float = math.sqrt(math.log(2.0))  # with this median: mean 100 ms, standard deviation 100 ms
    error: tuple[float, float] = (0.001, 0.05)
    deadline: float = 1.0
    retries: int = 1
    wait: float = 0.025
    jitter: float = 0.5
    weights: tuple[float, ...] = (0.05, 0.2, 0.5, 1.0)
    hold: float = 10.0  # of each weight; the steps begin anew after the last
    cycles: int = 1
    users: int = 100_000

    @property
    def length(self) -> int:
        """Seconds of arrivals."""
        return round(self.cycles * len(self.weights) * self.hold)

    def steps(self) -> list[tuple[float, float]]:
        """(start, weight) of every step."""
        count = self.cycles * len(self.weights)
        return [(k * self.hold, self.weights[k % len(self.weights)]) for k in range(count)]


@dataclass(frozen=True, kw_only=True)
class Queue:
    """M/M/10; times in mean service times, which are seconds."""

    rate: float = 8.0
    slots: int = 10
    length: int = 6_000  # seconds of arrivals


def bucket(latency: float) -> int:
    """A latency's place in a histogram with eight buckets per doubling."""
    return max(0, int(8.0 * math.log2(max(latency, 1e-9) * 1e6)))


@dataclass(slots=True)
class Tally:
    """What every contender has to count."""

    seconds: int
    finished: int = 0
    attempts: int = 0
    latency_sum: float = 0.0  # of successes
    outcomes: list[list[list[int]]] = field(default_factory=list)  # [second][version][outcome]
    histogram: list[int] = field(default_factory=lambda: [0] * 512)

    def __post_init__(self) -> None:
        self.outcomes = [[[0] * 8, [0] * 8] for _ in range(self.seconds)]

    def book(self, arrived: float, now: float, version: int, outcome: int, attempts: int) -> None:
        """Count one request's outcome at its arrival."""
        self.finished += 1
        self.attempts += attempts
        self.outcomes[int(arrived)][version][outcome] += 1
        if outcome == SUCCEEDED:
            latency = now - arrived
            self.latency_sum += latency
            self.histogram[bucket(latency)] += 1


@dataclass(frozen=True, kw_only=True)
class Result:
    """One run of one contender."""

    requests: int
    seconds: float  # of processor time: the machine may be shared
    events: int  # put on an agenda and taken off it, arrivals among them
    figures: dict[str, float]  # what must agree between contenders


def result_of(tally: Tally, seconds: float, events: int) -> Result:
    """The figures of a tally."""
    counts = np.array(tally.outcomes).sum(axis=0)
    return Result(requests=tally.finished, seconds=seconds, events=events, figures=figures(counts, tally))


def figures(counts: np.ndarray, tally: Tally) -> dict[str, float]:
    """Shares of requests, and the mean response of those that succeeded, in seconds."""
    return figures_of(
        counts,
        requests=tally.finished,
        attempts=tally.attempts,
        mean=tally.latency_sum / max(1, int(counts[:, SUCCEEDED].sum())),
    )


def figures_of(counts: np.ndarray, *, requests: int, attempts: int, mean: float) -> dict[str, float]:
    """The figures by which contenders are compared; ``counts`` is [version, outcome]."""
    succeeded = counts[:, SUCCEEDED].sum()
    return {
        "mean response, s": mean,
        "failed share": 1.0 - float(succeeded) / requests,
        "timed-out share": float(counts[:, TIMEOUT].sum()) / requests,
        "attempts per request": attempts / requests,
        "share on the new version": float(counts[1].sum()) / requests,
    }
