"""How fast this machine plays: one small release, played once and remembered beside the compiled request engine.

Only times that are told rest on it, never a result.
"""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path

from sim.errors import UsageError
from sim.jit import cache_folder
from sim.requests.parts import is_compiled
from sim.scenario import from_text
from sim.study.disk import write_whole

USUAL = 0.14
"""Seconds of a processor that the trial takes on an ordinary machine."""
COMPILING = 30.0
"""… and that compiling the request engine takes there, once."""
FASTEST, SLOWEST = 0.1, 30.0
"""Beyond these a measured slowness is taken for an accident."""
TRIAL = """
rollrisk: 1
name: trial
service: {replicas: 5, concurrency: 4, pod: {app: {image: 150MB, cpu: 500m, memory: 512Mi, start: 10s}}}
nodes: {count: 3, cpu: 4, memory: 16Gi}
traffic:
  users: {count: 20000}
  profile: {0m: 100%}
  streams: {web: {peak: 40/s, work: {p50: 60ms, p95: 200ms}}}
release:
  baseline_errors: 0.05%
  change_failure_rate: 10%
  defects: {errors: {share: 100%, kind: error_rate, rate: 5%}}
oncall: {notices_at: 2%, reacts: {p50: 10m, p95: 30m}}
gates: {success: {kind: threshold, per: version, success: 90%, every: 1m, window: 1m}}
strategies: {canary: {kind: canary, gate: success, steps: [{weight: 20%, hold: 15m}]}}
study: {horizon: 1h, decide_by: failed_requests, indifferent: 10}
"""


def slowness(*, measure: bool = True) -> float:
    """How many times as long as an ordinary machine this one takes; measured once, 1 where nothing could be measured.

    Measuring takes about a second. Where the request engine is not compiled yet, nothing is measured.
    """
    place = cache_folder() / "speed.json"
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        return _sensible(float(json.loads(place.read_text(encoding="utf-8"))["seconds"]) / USUAL)
    if not measure or not is_compiled(from_text(TRIAL)):
        return 1.0
    seconds = trial()
    _keep(place, seconds)
    return _sensible(seconds / USUAL)


def trial() -> float:
    """Seconds of a processor for the small release, the fastest of a few."""
    from sim.replication import GOOD, replicate

    scenario, taken = from_text(TRIAL), []
    for index in range(4):  # the first also loads the engine
        began = time.thread_time()
        replicate(scenario, strategy="canary", case=GOOD, index=index)
        taken.append(time.thread_time() - began)
    return min(taken[1:])


def _sensible(slowness: float) -> float:
    return slowness if FASTEST <= slowness <= SLOWEST else 1.0


def _keep(place: Path, seconds: float) -> None:
    with contextlib.suppress(UsageError):
        write_whole(place, json.dumps({"seconds": seconds}).encode())
