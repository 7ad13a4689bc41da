"""A whole replication of a four-hour rollout of forty pods, its time split between the planes."""

from __future__ import annotations

import statistics
import time
from typing import Any

import sim.replication
import sim.requests.compiled.engine as compiled_engine
from sim.ledger import Ledger
from sim.replication import replicate
from sim.scenario import from_data
from sim.world import World

REPEATS = 3
STORY: dict[str, Any] = {
    "rollrisk": 1,
    "name": "four hours of forty pods",
    "question": "Where does the time of a replication go?",
    "service": {
        "replicas": 40,
        "concurrency": 8,
        "queue": 20,
        "balancer": "two_choices",
        "pod": {"app": {"image": "180MB", "cpu": "500m", "memory": "512Mi", "start": {"p50": "12s", "p95": "30s"}}},
        "readiness": {"every": "5s", "failures": 2},
        "shutdown": {"pre_stop": "5s", "grace": "30s"},
    },
    "nodes": {"count": 12, "cpu": 8, "memory": "32Gi", "pull": "100MB/s"},
    "traffic": {
        "users": {"count": 100_000, "skew": 0.3, "sticky": True},
        "profile": {"0h": "70%", "1h": "80%", "3h": "100%", "4h": "90%"},
        "streams": {
            "all": {
                "peak": "1200/s",
                "work": {"p50": "70ms", "p95": "280ms"},
                "timeout": "1s",
                "retries": {"kind": "backoff", "max": 1, "on": ["connect", "503", "timeout"], "wait": "25ms"},
            }
        },
    },
    "release": {
        "baseline_errors": "0.1%",
        "change_failure_rate": "8%",
        "defects": {"errors": {"share": "100%", "kind": "error_rate", "rate": "0.5%"}},
    },
    "oncall": {"notices_at": "2%", "reacts": {"p50": "8m", "p95": "25m"}},
    "telemetry": {"scrape": "15s", "delay": "5s"},
    "gates": {
        "ours": {"kind": "threshold", "per": "version", "success": "99%", "every": "1m", "window": "1m",
                 "fails": 3, "min_requests": 50, "no_data": "wait"},
    },
    "strategies": {
        "canary": {
            "kind": "canary",
            "gate": "ours",
            "steps": [{"weight": weight, "hold": "1h"} for weight in ("5%", "20%", "50%")],
        }
    },
    "study": {"horizon": "4h", "warm_up": "2m", "pilot": 2, "cap": 2, "seed": 1},
}  # fmt: skip


class Stopwatch:
    """Processor time spent in the kernel, and in the engine around it."""

    def __init__(self) -> None:
        self.kernel = self.engine = 0
        self.hops = 0

    def kernel_of(self, kernel: Any) -> Any:
        """The kernel, with its time taken."""

        def timed(*arguments: Any) -> Any:
            begin = time.perf_counter_ns()
            answer = kernel(*arguments)
            self.kernel += time.perf_counter_ns() - begin
            self.hops += 1
            return answer

        return timed

    def make(self, world: World, ledger: Ledger) -> Any:
        """A compiled engine, with its time taken."""
        engine = compiled_engine.CompiledEngine(world, ledger)
        for name in ("advance", "reset"):
            setattr(engine, name, self.engine_of(getattr(engine, name)))
        return engine

    def engine_of(self, method: Any) -> Any:
        """A method of the engine, with its time taken."""

        def timed(*arguments: Any) -> Any:
            begin = time.perf_counter_ns()
            answer = method(*arguments)
            self.engine += time.perf_counter_ns() - begin
            return answer

        return timed


def whole_release() -> dict[str, float]:
    """Where the time of one replication goes, in seconds; medians over repeated replications."""
    scenario = from_data(STORY)
    replicate(scenario, strategy=None, case="good", index=0)  # compile before the clock runs
    runs = [one_release(scenario, index) for index in range(REPEATS)]
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def one_release(scenario: Any, index: int) -> dict[str, float]:
    """One replication under a stopwatch."""
    watch, plain_compiled, plain_make = Stopwatch(), compiled_engine.compiled, sim.replication._compiled
    compiled_engine.compiled = lambda kernel, **how: watch.kernel_of(plain_compiled(kernel, **how))  # type: ignore[assignment]
    sim.replication._compiled = watch.make
    try:
        begin = time.perf_counter_ns()
        record = replicate(scenario, strategy="canary", case="errors", index=index, story=True)
        total = time.perf_counter_ns() - begin
    finally:
        compiled_engine.compiled, sim.replication._compiled = plain_compiled, plain_make
    assert record.ledger is not None
    return {
        "requests": float(record.ledger.finished[0]),
        "hops": float(watch.hops),
        "total": total / 1e9,
        "kernel": watch.kernel / 1e9,
        "hopping": (watch.engine - watch.kernel) / 1e9,
        "cluster and the rest": (total - watch.engine) / 1e9,
    }
