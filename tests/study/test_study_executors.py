from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import imagined_studies as imagined
import pytest

from sim.errors import ModelError
from sim.scenario import load
from sim.scenario.demand import REQUESTS_PER_SECOND
from sim.study.cells import TWIN, Cell, Job
from sim.study.executors import InProcess, Pooled, Shared
from sim.study.play import Work
from sim.study.processes import LocalProcesses, spawn_pool
from sim.study.rows import Row
from sim.study.supply import Supply

JOBS = [
    Job(cell, index) for index in range(12) for cell in (TWIN, Cell("canary", "errors"), Cell("blue-green", "good"))
]


@pytest.fixture
def two_workers() -> Iterator[Pooled]:
    pooled = Pooled(lambda: spawn_pool(2), 2)
    yield pooled
    pooled.close()


def rows_of(runner: InProcess | Pooled | LocalProcesses, folder: Path, jobs: list[Job] = JOBS) -> list[Row]:
    work = imagined.work(imagined.scenario(question=str(folder)))
    return [row for played in runner.run(work, jobs, lambda: False) for row in played.rows]


def key(row: Row) -> Job:
    return Job(row.cell, row.index)


def test_two_workers_give_the_rows_that_one_process_gives(two_workers: Pooled, tmp_path: Path) -> None:
    here = {key(row): row.values for row in rows_of(InProcess(), tmp_path)}
    there = {key(row): row.values for row in rows_of(two_workers, tmp_path)}
    assert here == there


def test_a_worker_killed_mid_study_loses_nothing_and_counts_nothing_twice(two_workers: Pooled, tmp_path: Path) -> None:
    (tmp_path / "kill-canary-errors-5").touch()
    assert Counter(map(key, rows_of(two_workers, tmp_path))) == Counter(JOBS)


def test_a_replication_that_always_kills_its_worker_is_named_after_all_others_were_played(
    two_workers: Pooled, tmp_path: Path
) -> None:
    (tmp_path / "kill-canary-errors-5").write_text("always")
    work, rows = imagined.work(imagined.scenario(question=str(tmp_path))), []
    playing = (rows.extend(played.rows) for played in two_workers.run(work, JOBS, lambda: False))
    with pytest.raises(ModelError, match="canary, case errors, index 5"):
        list(playing)
    assert {key(row) for row in rows} == set(JOBS) - {Job(Cell("canary", "errors"), 5)}


def test_an_error_in_a_replication_says_which_one(tmp_path: Path) -> None:
    work = imagined.work(imagined.scenario(question=str(tmp_path)))
    with pytest.raises(ModelError, match="canary, case unheard-of, index 3: KeyError"):
        list(InProcess().run(work, [Job(Cell("canary", "unheard-of"), 3)], lambda: False))


def test_a_stop_lets_what_is_under_way_finish(two_workers: Pooled, tmp_path: Path) -> None:
    work, stopped = imagined.work(imagined.scenario(question=str(tmp_path))), []
    rows = [row for played in two_workers.run(work, JOBS, lambda: bool(stopped)) if not stopped.append(1)
            for row in played.rows]  # fmt: skip
    assert {(row.cell.strategy.replace("(no release)", "-"), row.cell.case, row.index) for row in rows} == set(
        imagined.played(tmp_path)
    )
    assert len(rows) < len(JOBS)


def test_little_work_starts_no_workers(tmp_path: Path) -> None:
    runner = LocalProcesses(2)
    rows_of(runner, tmp_path)
    assert len({line.split()[3] for line in (tmp_path / "plays").read_text().splitlines()}) == 1


@pytest.mark.parametrize(("each", "compiled", "here"), [(1.0, True, False), (1.0, False, True), (0.001, True, True)])
def test_workers_start_at_once_where_there_is_much_to_play_and_nothing_to_compile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, each: float, compiled: bool, here: bool
) -> None:
    monkeypatch.setattr("sim.study.processes.is_cached", lambda: compiled)
    runner = LocalProcesses(1)
    work = replace(imagined.work(imagined.scenario(question=str(tmp_path))), each=each)
    try:
        next(iter(runner.run(work, JOBS, lambda: False)))
    finally:
        runner.close()
    first = (tmp_path / "plays").read_text().splitlines()[0].split()[3]
    assert (int(first) == os.getpid()) is here


def test_tasks_grow_to_the_target_duration_and_shrink_towards_the_end() -> None:
    supply = Supply(workers=2)
    supply.load(Job(TWIN, index) for index in range(100))
    supply.note(jobs=1, seconds=0.07)
    sizes = []
    while supply.left:
        sizes.append(len(supply.cut()))
    assert sizes[0] == 10
    assert sizes[-1] == 1
    assert sum(sizes) == 100


def test_how_long_a_replication_takes_is_guessed_by_the_requests_it_plays() -> None:
    scenario = load(Path(__file__).parents[2] / "scenarios" / "textbook.yaml")
    assert Work.on(scenario).each == pytest.approx(40 * 3600 / REQUESTS_PER_SECOND, rel=0.01)


def test_workers_that_are_dismissed_leave_beside_what_is_still_done_and_are_waited_for_at_the_end() -> None:
    may_leave, left = threading.Event(), []

    class Slow(InProcess):
        def close(self) -> None:
            left.append(may_leave.wait(600))

    shared = Shared(Slow())
    shared.dismiss()
    assert left == []
    may_leave.set()
    shared.end()
    assert left
    assert all(left)
