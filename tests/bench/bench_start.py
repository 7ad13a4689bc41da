"""What is paid once: compiling on a new machine, loading from disk later, and the memory a request leaves behind."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOTS = [str(HERE), str(HERE.parent / "requests")]

FIRST_CALL = """
import time
began = time.perf_counter()
import bench_ours
from bench_models import Rollout
made = bench_ours.rollout_scene(Rollout(), 1)
imported = time.perf_counter()
made.engine.advance(10**6)
print(imported - began, time.perf_counter() - imported)
"""

PEAK = """
import importlib, json, sys
from bench_start import peak
from dataclasses import replace
from bench_models import Queue, Rollout
module, what, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
model = replace(Rollout(), cycles=times) if what.endswith("rollout") else Queue(length=Queue().length * times)
result = getattr(importlib.import_module(module), what)(model, 1)
print(json.dumps([result.requests, peak()]))
"""


def peak() -> int:
    """The most memory this process ever held, in bytes.

    Linux's ``ru_maxrss`` is inherited from the parent across fork and exec; the high-water mark in ``/proc`` is not.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text(encoding="ascii", errors="replace").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def child(script: str, *arguments: str, **environment: str) -> str:
    """What a fresh Python prints that runs this script.

    Raises :class:`RuntimeError` with what it said on stderr when it failed.
    """
    path = os.pathsep.join([*ROOTS, *filter(None, [os.environ.get("PYTHONPATH")])])
    ran = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=os.environ | {"PYTHONPATH": path} | environment,
        check=False,
        capture_output=True,
        text=True,
    )
    if ran.returncode != 0:
        raise RuntimeError(f"a fresh Python failed:\n{ran.stderr}")
    return ran.stdout


def compile_and_load() -> dict[str, float]:
    """Seconds until the first requests are played: with an empty cache, and with what that run left there."""
    with tempfile.TemporaryDirectory(prefix="rollrisk-bench-") as cache:
        _, compile_time = map(float, child(FIRST_CALL, XDG_CACHE_HOME=cache).split())
        loads = [float(child(FIRST_CALL, XDG_CACHE_HOME=cache).split()[1]) for _ in range(3)]
        size = sum(path.stat().st_size for path in Path(cache).rglob("*.nb*"))
    return {"compile": compile_time, "load": sorted(loads)[1], "cache": float(size)}


def bytes_per_request(module: str, what: str, few: int, many: int) -> dict[str, Any]:
    """How the peak of a process grows with the requests it plays: a longer run against a shorter one."""
    (n, low), (m, high) = (json.loads(child(PEAK, module, what, str(times))) for times in (few, many))
    return {"bytes": max(0.0, (high - low) / (m - n)), "requests": m, "peak": high}
