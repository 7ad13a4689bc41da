"""Does the engine on this machine still tell the truth? A queue whose mean response time is known in closed form."""

from __future__ import annotations

import math
from dataclasses import dataclass

SERVERS, ARRIVALS, WORK = 4, 280.0, 0.010
"""One pod with four slots, requests per second, mean seconds of exponential work: 70 % busy."""
REPLICATIONS = 3
TOLERATED = 0.03
"""Relative difference; the mean over so many requests is sure to about a hundredth."""

_QUEUE = f"""
rollrisk: 1
name: self-check
service:
  replicas: 1
  concurrency: {SERVERS}
  queue: 100000
  balancer: random
  pod: {{app: {{image: 1MB, cpu: 1, memory: 1Gi, start: 0s}}}}
nodes: {{count: 1, cpu: 8, memory: 16Gi}}
traffic:
  users: {{count: 1000}}
  profile: {{0s: 100%}}
  streams: {{all: {{peak: {ARRIVALS}/s, work: {{kind: exponential, mean: {WORK * 1000:g}ms}}}}}}
release: {{baseline_errors: 0%, change_failure_rate: 0%, version: {{}}, defects: {{}}}}
oncall: none
strategies: {{recreate: {{kind: recreate}}}}
study: {{horizon: 10m, warm_up: 1m}}
"""


@dataclass(frozen=True, kw_only=True)
class SelfCheck:
    """Mean response time in seconds, played and by theory."""

    requests: int
    played: float
    theory: float

    @property
    def passed(self) -> bool:
        """Whether they agree."""
        return abs(self.played / self.theory - 1) <= TOLERATED


def self_check(engine: str = "compiled") -> SelfCheck:
    """Play the queue, with fixed luck, so that the answer is the same each time."""
    import numpy as np

    from sim.ledger import bucket_middles
    from sim.replication import replicate
    from sim.scenario import from_text

    scenario = from_text(_QUEUE, "self-check")
    counts = np.zeros(len(bucket_middles()))
    for index in range(REPLICATIONS):
        ledger = replicate(scenario, strategy=None, case="good", index=index, engine=engine, story=True).ledger
        assert ledger is not None, "a story was asked for"
        counts += ledger.latency.sum(axis=(0, 1))
    mean = float((counts * bucket_middles()).sum() / counts.sum()) / 1e9
    return SelfCheck(requests=int(counts.sum()), played=mean, theory=mean_response(SERVERS, ARRIVALS, 1 / WORK))


def mean_response(servers: int, arrivals: float, rate: float) -> float:
    """Mean time in an M/M/c queue, seconds, by Erlang's C formula (A. K. Erlang, 1917).

    >>> round(mean_response(1, 0.5, 1.0), 6)
    2.0
    """
    load = arrivals / rate
    idle = sum(load**n / math.factorial(n) for n in range(servers))
    full = load**servers / math.factorial(servers) * servers / (servers - load)
    return full / (idle + full) / (servers * rate - arrivals) + 1 / rate
