"""Both models as a plain C loop, compiled on the spot: the same draws, rules and outputs as our compiled engine.

What the C loop says is compared with our engine to the last bit, by the digest over all outcomes and by every column.
"""

from __future__ import annotations

import ctypes
import functools
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import bench_ours
import numpy as np
from bench_models import Queue, Result, Rollout
from numpy.typing import NDArray
from requests_plays import SECOND, Play

from sim.draws import replication_key
from sim.laws.rules import Quantile
from sim.ledger import LATENCY_BUCKETS, Ledger, empty_ledger
from sim.outcomes import OUTCOMES
from sim.telemetry import SEEN_BUCKETS
from sim.versions import NEVER
from sim.world import Columns

FLAGS = ("-O3", "-march=native", "-ffp-contract=off", "-fno-math-errno")
"""No fused multiply-add: it would round otherwise than the rules say."""


class Model(ctypes.Structure):
    """As in ``loop.c``."""

    _fields_ = (
        *((name, ctypes.c_int64) for name in ("key_low", "key_high", "horizon", "window", "pods", "slots")),
        *((name, ctypes.c_int64) for name in ("queue_limit", "timeout", "retry_max", "retry_on", "retry_wait")),
        *((name, ctypes.c_int64) for name in ("retry_cap", "users", "cells", "steps")),
        *((name, ctypes.c_double) for name in ("rate", "jitter", "mean")),
        ("error", ctypes.c_double * 2),
        *((name, ctypes.c_void_p) for name in ("table", "step_at", "step_share")),
    )


class Outputs(ctypes.Structure):
    """As in ``loop.c``."""

    _fields_ = (
        *((name, ctypes.c_void_p) for name in ("requests", "latency", "attempts", "answered", "errors", "seen")),
        *((name, ctypes.c_void_p) for name in ("unanswered", "busy", "users_hit")),
        ("served", ctypes.c_int64 * 2),
        *((name, ctypes.c_int64) for name in ("digest", "finished", "events")),
    )


def why_not() -> str:
    """Why the C loop cannot take part; empty if it can."""
    return "" if shutil.which("cc") else "there is no C compiler (cc)"


@functools.cache
def library() -> ctypes.CDLL:
    """The loop, compiled for this very processor."""
    target = Path(tempfile.mkdtemp(prefix="rollrisk-bench-")) / "loop.so"
    source = Path(__file__).with_name("loop.c")
    subprocess.run(["cc", *FLAGS, "-shared", "-fPIC", "-o", str(target), str(source), "-lm"], check=True)
    loaded = ctypes.CDLL(str(target))
    loaded.play.argtypes, loaded.play.restype = [ctypes.c_void_p, ctypes.c_void_p], None
    shutil.rmtree(target.parent)
    return loaded


def rollout(model: Rollout, seed: int) -> Result:
    """The rollout-shaped model."""
    return run(bench_ours.rollout_play(model, seed), model.steps(), model.error)[0]


def queue(model: Queue, seed: int) -> Result:
    """M/M/10."""
    return run(bench_ours.queue_play(model, seed), [], (0.0, 0.0))[0]


def run(play: Play, steps: list[tuple[float, float]], error: tuple[float, float]) -> tuple[Result, dict[str, NDArray]]:
    """Play in C; gives the result, and every column to be compared."""
    columns, pods = bench_ours.columns_of(play), len(play.pods)
    ledger = empty_ledger(windows=play.length // SECOND, streams=1, users=play.users, records=0, never=NEVER)
    at = np.array([round(start * SECOND) for start, _ in steps], dtype=np.int64)
    share = np.array([weight for _, weight in steps])
    work = int(columns.streams.work_law[0])
    start = int(columns.laws.start[work])
    table = np.ascontiguousarray(columns.laws.values[start:])
    model = described(play, columns, error)
    model.steps, model.step_at, model.step_share = len(steps), at.ctypes.data, share.ctypes.data
    if columns.laws.rule[work] == Quantile.TABLE:
        model.table, model.cells = table.ctypes.data, int(columns.laws.a[work])
    seen = {
        "answered": np.zeros(pods, dtype=np.int64),
        "errors": np.zeros(pods, dtype=np.int64),
        "seen": np.zeros((pods, SEEN_BUCKETS), dtype=np.int64),
        "unanswered": np.zeros(3, dtype=np.int64),
        "busy": np.zeros(pods, dtype=np.int64),
    }
    outputs = Outputs()
    for name in ("requests", "latency", "attempts", "users_hit"):
        setattr(outputs, name, getattr(ledger, name).ctypes.data)
    for name, column in seen.items():
        setattr(outputs, name, column.ctypes.data)
    code = library()
    begin = time.process_time()
    code.play(ctypes.byref(model), ctypes.byref(outputs))
    seconds = time.process_time() - begin
    ledger.served[:2], ledger.digest[0], ledger.finished[0] = outputs.served[:], outputs.digest, outputs.finished
    return bench_ours.result_of(ledger, seconds, deadline=model.timeout > 0), compared(ledger, seen)


def described(play: Play, columns: Columns, error: tuple[float, float]) -> Model:
    """The play's numbers; its pods are alike, the first half of the old version where there are two."""
    key, stream = replication_key(play.seed, 0), columns.streams[0]
    versions = len({version for version, _, _ in play.pods})
    _, slots, queue_limit = play.pods[0]
    return Model(
        key_low=key.low,
        key_high=key.high,
        horizon=play.length,
        window=SECOND,
        pods=len(play.pods) // versions,
        slots=slots,
        queue_limit=queue_limit,
        timeout=int(stream.timeout),
        retry_max=int(stream.retry_max),
        retry_on=int(stream.retry_on),
        retry_wait=int(stream.retry_wait),
        retry_cap=int(stream.retry_cap),
        users=play.users,
        rate=float(columns.profile.rate[0, 0]),
        jitter=float(stream.retry_jitter),
        mean=float(columns.laws.a[int(stream.work_law)]),
        error=(ctypes.c_double * 2)(*error),
    )


def compared(ledger: Ledger, seen: dict[str, NDArray]) -> dict[str, NDArray]:
    """Every column that must be the same as our engine's."""
    names = ("requests", "latency", "attempts", "users_hit", "served", "digest", "finished")
    return {name: getattr(ledger, name) for name in names} | seen


def differences_from_ours(model: Rollout, seed: int) -> list[str]:
    """The names of the columns in which C and our compiled engine differ; there should be none."""
    _, theirs = run(bench_ours.rollout_play(model, seed), model.steps(), model.error)
    made = bench_ours.rollout_scene(model, seed)
    bench_ours.play_steps(made, model)
    pods, count = made.world.columns.pods, len(theirs["busy"])
    telemetry = made.world.telemetry
    ours = compared(
        made.ledger,
        {
            "answered": telemetry.answered[:count, 0],
            "errors": telemetry.errors[:count, 0],
            "seen": telemetry.latency[:count, 0],
            "unanswered": telemetry.unanswered[0, 0],
            "busy": pods.busy[:count],
        },
    )
    return [name for name in ours if not np.array_equal(ours[name], theirs[name])]


assert LATENCY_BUCKETS == 43 * 64
assert OUTCOMES == 8
