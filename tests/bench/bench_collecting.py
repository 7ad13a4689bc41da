"""What the collecting side of a study costs in time and memory, whatever the replications cost: they are made up here.

Each size runs in a process of its own, for the peak of a process's memory never falls.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench_sheets import Sheet

from sim.scenario import load
from sim.scenario.resolved import Scenario
from sim.study import Options, Run
from sim.study.cells import Cell, Job, cells_of
from sim.study.executors import Stop
from sim.study.play import Played, Work, play_job
from sim.study.rows import Row

SIZES = (1_000, 10_000, 100_000)
AT_ONCE = 10


class MadeUp:
    """A runner that hands out the rows of a few real replications over and over, with other figures and indexes."""

    workers = 1

    def __init__(self, scenario: Scenario) -> None:
        work = Work.on(scenario)
        self._real: dict[Cell, list[Row]] = {
            cell: [play_job(work, Job(cell, index)) for index in range(3)] for cell in cells_of(scenario)
        }

    def run(self, work: Work, jobs: Sequence[Job], stop: Stop) -> Iterator[Played]:
        """Rows at once."""
        for first in range(0, len(jobs), AT_ONCE):
            yield Played(tuple(self._row(job) for job in jobs[first : first + AT_ONCE]), 0.0)

    def close(self) -> None:
        """Nothing to let go of."""

    def _row(self, job: Job) -> Row:
        real = self._real[job.cell][job.index % 3]
        return replace(real, index=job.index, figures=real.figures * (1 + 1e-6 * job.index), down=dict(real.down))


def collecting(file: str) -> list[dict[str, float]]:
    """Time and memory by number of replications."""
    command = [sys.executable, __file__, file]
    return [
        json.loads(subprocess.run([*command, str(size)], check=True, capture_output=True, text=True).stdout)
        for size in SIZES
    ]


def collected(file: str, size: int) -> dict[str, float]:
    """One study of about so many made-up replications, to its findings."""
    scenario = load(Path(file))
    each = size // (1 + len(scenario.strategies))
    scenario = replace(scenario, study=replace(scenario.study, pilot=each, cap=each))
    runner = MadeUp(scenario)
    with tempfile.TemporaryDirectory() as folder:
        _small(scenario, runner, Path(folder) / "before")  # what the libraries need by themselves
        memory, began = _peak(), time.process_time()
        run = Run(scenario, Path(folder), Options(runner=runner))
        for _ in run:
            pass
        stored, rows = time.process_time(), len(run.table)
        kept = sum(path.stat().st_size for path in run.folder.rglob("*.parquet"))
        run.findings()
        told = time.process_time()
    return {
        "rows": rows,
        "collecting": (stored - began) / rows,
        "findings": (told - stored) / rows,
        "memory": _peak() - memory,
        "disk": kept / rows,
    }


def _small(scenario: Scenario, runner: MadeUp, results: Path) -> None:
    run = Run(replace(scenario, study=replace(scenario.study, pilot=20, cap=20)), results, Options(runner=runner))
    for _ in run:
        pass
    run.findings()


def _peak() -> int:
    """Most memory this process has had, bytes. Where the system says so it is this program's own: the figure that all
    systems give begins, on Linux, with what the process that started this one had."""
    status = Path("/proc/self/status")
    if status.exists():
        return 1024 * int(status.read_text().partition("VmHWM:")[2].split()[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def sheets_of(found: dict[str, Any]) -> list[Sheet]:
    """The figures as tables."""
    rows = [
        [
            f"{run['rows']:,.0f}", f"{1e3 * run['collecting']:.3f} ms", f"{1e3 * run['findings']:.3f} ms",
            f"{run['memory'] / 1e6:,.0f} MB", f"{run['memory'] / run['rows']:,.0f} B", f"{run['disk']:,.0f} B",
        ]
        for run in found["collecting"]
    ]  # fmt: skip
    head = ["replications of one study", "collecting, each", "findings, each", "memory", "memory, each", "disk, each"]
    travel = found["travel"]
    note = (
        f"Processor time and growth of the peak of memory, with made-up replications. On its way a task is "
        f"{travel['task'] / 1000:.1f} kB, a replication's answer {travel['answer'] / 1000:.1f} kB."
    )
    return [Sheet("What collecting costs", head, rows, note)]


if __name__ == "__main__":
    print(json.dumps(collected(sys.argv[1], int(sys.argv[2]))))  # noqa: T201
