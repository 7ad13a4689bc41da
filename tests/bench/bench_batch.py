"""A batch of twenty small studies, and one long study, beside a bare pool over the same replications.

Every run is a process of its own. Processor time counts all its children, so that it means something on a machine that
does other work too; wall time is the best of the rounds and means something on an idle one.
"""

from __future__ import annotations

import cProfile
import itertools
import json
import os
import pickle
import pstats
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import bench_collecting
import pyarrow.dataset
from bench_sheets import Sheet

STORY: dict[str, Any] = {
    "rollrisk": 1,
    "question": "What does a batch of studies cost beyond its replications?",
    "nodes": {"count": 3, "cpu": 4, "memory": "16Gi"},
    "release": {
        "baseline_errors": "0.05%",
        "change_failure_rate": "10%",
        "defects": {"errors": {"share": "100%", "kind": "error_rate", "rate": {"p50": "3%", "p95": "20%"}}},
    },
    "oncall": {"notices_at": "2%", "reacts": {"p50": "10m", "p95": "30m"}},
    "gates": {
        "success": {"kind": "threshold", "per": "version", "success": "99%", "every": "1m", "window": "1m",
                    "fails": 2}
    },
    "strategies": {
        "blue-green": {"kind": "blue_green", "gate": "success", "keep_old": "15m"},
        "canary-80-20": {"kind": "canary", "gate": "success", "steps": [{"weight": "20%", "hold": "15m"}]},
    },
    "study": {"horizon": "40m", "indifferent": 10, "precision": "15%", "pilot": 20, "cap": 40},
}  # fmt: skip
LONG = {**STORY["study"], "indifferent": 1, "precision": "0.1%", "pilot": 1000, "cap": 1000}
"""Makes a study long: so small a half-width is never reached, and all is played to the cap."""
BESIDE = (
    "`rollrisk run` also decides how many to play, joins, stores, finds and draws the reports. Efficiency by wall time "
    "is that of one process over twice that of two, and says something on an idle machine only; by processor time it "
    "is what one process takes over what both take together. Of each, the best of the rounds."
)
PROFILED = 4
SIZES = [(replicas, peak) for replicas in (4, 5, 6, 7, 8) for peak in (20, 25, 30, 35)]
PARTS = {
    "request plane (the compiled loop)": [("sim/requests/compiled/engine.py", "advance")],
    "replications as a whole": [("sim/study/play.py", "_recorded")],
    "drawing reports": [("sim/report/write.py", "write_report"), ("sim/report/story.py", "bad_stories")],
    "findings": [("sim/study/analysis.py", "findings")],
    "looking how precise it is": [("sim/study/collect.py", "_look")],
    "writing rows": [("sim/study/store.py", "flush")],
    "writing tables": [("sim/study/store.py", "settle")],
    "reading and checking the files": [("sim/scenario/__init__.py", "load_all")],
}
"""What is spent in some functions and all they call. Of functions that the compiled loop is first called from, the
profiler loses the frame; these are those just below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """One run."""

    what: str
    processes: int
    replications: int
    processor: float  # seconds, children included
    wall: float


def files_in(folder: Path, studies: int, study: Mapping[str, Any] = STORY["study"]) -> list[str]:
    """Scenario files of services of several sizes."""
    folder.mkdir(exist_ok=True)
    paths = []
    for number, (replicas, peak) in enumerate(SIZES[:studies], start=1):
        service = {"replicas": replicas, "concurrency": 4, "queue": 50, "balancer": "random",
                   "pod": {"app": {"image": "150MB", "cpu": "500m", "memory": "512Mi", "start": "10s"}}}  # fmt: skip
        stream = {"peak": f"{peak}/s", "work": {"p50": "60ms", "p95": "200ms"}}
        traffic = {"users": {"count": 20_000}, "profile": {"0m": "100%"}, "streams": {"web": stream}}
        story = {**STORY, "study": study, "name": f"service {number:02d}", "service": service, "traffic": traffic}
        path = folder / f"{number:02d}.yaml"
        path.write_text(json.dumps(story), encoding="utf-8")  # JSON is YAML
        paths.append(str(path))
    return paths


def measured(rounds: int, studies: int) -> dict[str, Any]:
    """Everything of this page."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files, long = files_in(folder / "small", studies), files_in(folder / "long", 1, LONG)
        rollrisk(files[:1], folder / "warm", 1)  # compile before the clock runs
        return {
            "small": [asdict(run) for run in beside(files, folder / "of-small", rounds)],
            "long": [asdict(run) for run in beside(long, folder / "of-long", rounds)],
            "profile": profiled(files[:PROFILED], folder / "profile"),
            "travel": travelling(files[0]),
            "collecting": bench_collecting.collecting(files[0]),
        }


def beside(files: list[str], results: Path, rounds: int) -> Iterator[Took]:
    """The command and the bare pool, with one process and with two, so many times over."""
    for number, processes in itertools.product(range(rounds), (1, 2)):
        place = results / f"{number}-{processes}"
        yield timed("rollrisk run", place, processes, lambda r, p: rollrisk(files, r, p))
        yield timed("bare pool", place, processes, bare)


def timed(what: str, results: Path, processes: int, run: Callable[[Path, int], None]) -> Took:
    """Run and take the time."""
    before, began = _children(), time.perf_counter()
    run(results, processes)
    wall, processor = time.perf_counter() - began, _children() - before
    return Took(what=what, processes=processes, replications=len(_jobs(results)), processor=processor, wall=wall)


def rollrisk(files: list[str], results: Path, processes: int) -> None:
    """The command, as a person types it."""
    command = [sys.executable, "-m", "sim", "run", *files, "--results", str(results), "-q", "--progress", "none"]
    subprocess.run([*command, "--workers", str(processes)], check=True, stdout=subprocess.DEVNULL)


def bare(results: Path, processes: int) -> None:
    """The same replications in a bare pool, and nothing else: no table, no answer, no report."""
    subprocess.run([sys.executable, __file__, str(results), str(processes)], check=True)


def _play(job: tuple[str, str, str, int]) -> float:
    from sim.replication import replicate

    file, strategy, case, index = job
    name = None if strategy == "(no release)" else strategy
    return replicate(_scenario(file), strategy=name, case=case, index=index).values["failed_requests"]


_KNOWN: dict[str, Any] = {}


def _scenario(file: str) -> Any:
    from sim.scenario import load

    if file not in _KNOWN:
        _KNOWN[file] = load(Path(file))
    return _KNOWN[file]


def _jobs(results: Path) -> list[tuple[str, str, str, int]]:
    jobs = []
    for table in sorted(results.glob("*/replications.parquet")):
        rows = pyarrow.dataset.dataset(table).to_table(columns=["strategy", "case", "index"]).to_pylist()
        jobs += [(str(table.parent / "scenario.yaml"), row["strategy"], row["case"], row["index"]) for row in rows]
    return jobs


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def profiled(files: list[str], results: Path) -> dict[str, float]:
    """Shares of the time of a batch in one process, by part; replications hold the request plane."""
    from sim.cli.main import ended

    profile = cProfile.Profile()
    silent, told = os.open(os.devnull, os.O_WRONLY), os.dup(1)
    os.dup2(silent, 1)
    try:
        profile.runcall(ended, ["run", *files, "--results", str(results), "-q", "--workers", "1"])
        sys.stdout.flush()
    finally:
        os.dup2(told, 1)
    stats: Any = pstats.Stats(profile)
    return {part: sum(_share(stats, *place) for place in places) for part, places in PARTS.items()}


def _share(stats: Any, file: str, function: str) -> float:
    """Of all time, what was spent in a function and all it called."""
    within = [found[3] for (path, _, name), found in stats.stats.items() if path.endswith(file) and name == function]
    return float(sum(within) / stats.total_tt)


def travelling(file: str) -> dict[str, float]:
    """Bytes of a task of ten replications, and of its answer, per replication."""
    from sim.scenario import load
    from sim.study.cells import Cell, Job
    from sim.study.play import Task, Work, play

    jobs = tuple(Job(Cell("blue-green", "errors"), index) for index in range(10))
    task = Task(Work.on(load(Path(file))), jobs)
    return {"task": len(pickle.dumps(task)), "answer": len(pickle.dumps(play(task))) / len(jobs)}


def sheets_of(found: dict[str, Any]) -> list[Sheet]:
    """The figures as tables."""
    small = "Small studies in a batch, beside a bare pool over the same replications"
    long = "One long study, beside a bare pool over the same replications"
    runs = [runs_sheet(small, found["small"], BESIDE), runs_sheet(long, found["long"])]
    return [*runs, profile_sheet(found["profile"]), *bench_collecting.sheets_of(found)]


def runs_sheet(title: str, runs: list[dict[str, Any]], note: str = "") -> Sheet:
    """Beside a bare pool; the best round of each, the bare pool first."""
    rows, best = [], {}
    for what in ("bare pool", "rollrisk run"):
        for processes in (1, 2):
            same = [run for run in runs if (run["what"], run["processes"]) == (what, processes)]
            cpu, wall = min(run["processor"] for run in same), min(run["wall"] for run in same)
            best[what, processes] = (cpu, wall)
            one, bare_one = best[what, 1], best["bare pool", processes]
            rows.append([
                what, str(processes), f"{same[0]['replications']:,}", f"{cpu:.1f} s",
                f"{1000 * cpu / same[0]['replications']:.1f} ms", f"{wall:.1f} s",
                f"{100 * (cpu / bare_one[0] - 1):+.0f} %", f"{100 * (wall / bare_one[1] - 1):+.0f} %",
                f"{one[1] / wall / processes:.2f}", f"{one[0] / cpu:.2f}",
            ])  # fmt: skip
    head = ["", "processes", "replications", "processor", "each", "wall", "beyond bare, processor", "wall",
            "efficiency, wall", "processor"]  # fmt: skip
    return Sheet(title, head, rows, note)


def profile_sheet(profile: dict[str, float]) -> Sheet:
    """Where the time goes."""
    rows = [[part, f"{100 * share:.1f} %"] for part, share in sorted(profile.items(), key=lambda pair: -pair[1])]
    return Sheet(
        "Where the time of a batch goes", ["", "share"], rows, f"{PROFILED} of them in one process, under a profiler."
    )


if __name__ == "__main__":
    with ProcessPoolExecutor(int(sys.argv[2])) as pool:
        sum(pool.map(_play, _jobs(Path(sys.argv[1]))))
