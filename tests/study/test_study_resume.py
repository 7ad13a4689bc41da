"""What is done is never done again, and the table at the end is that of an undisturbed run, whatever happened."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import imagined_studies as imagined
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from sim.errors import UsageError
from sim.study import Options, Run
from sim.study import store as storing
from sim.study.alone import alone
from sim.study.cells import Job
from sim.study.disk import QUARANTINED, staged
from sim.study.executors import InProcess
from sim.study.model import model_digest
from sim.study.rows import Table
from sim.study.store import PARTS, TABLE, Store

SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
SLOW_AND_PRECISE = """
import sys, time; sys.path[:0] = {path!r}
import sim.study.store as store
store.FLUSH_ROWS, store.model_digest = 3, lambda: {model!r}
import imagined_studies as imagined
from pathlib import Path
from sim.study import Options, Run

def slowly(*arguments, **named):
    time.sleep({nap})
    return imagined.replicate(*arguments, **named)

imagined.slowly = slowly
options = Options(workers=1, replicate="imagined_studies:slowly")
run = Run(imagined.scenario(question={log!r}), Path({results!r}), options)
print("begins", flush=True)
list(run)
"""


def study(results: Path, scenario: Any = None, **options: Any) -> Run:
    return Run(scenario or imagined.scenario(), results, Options(workers=1, replicate=imagined.WORK, **options))


def played_out(run: Run) -> Run:
    for _ in run:
        pass
    return run


def table_bytes(run: Run) -> bytes:
    return (run.folder / TABLE).read_bytes()


def begun(results: Path, log: Path, nap: float = 0.0005) -> subprocess.Popen[str]:
    """A run in a process of its own, which has imported everything and now plays."""
    script = SLOW_AND_PRECISE.format(path=sys.path, log=str(log), results=str(results), nap=nap, model=model_digest())
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout as told:
        assert told.readline() == "begins\n"
    return process


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return table_bytes(played_out(study(tmp_path_factory.mktemp("undisturbed"))))


def test_killed_again_and_again_at_any_instant_a_study_ends_with_the_same_bytes(
    tmp_path: Path, undisturbed: bytes
) -> None:
    log, kills = tmp_path / "log", 0
    log.mkdir()
    for moment in range(1, 9):
        process = begun(tmp_path, log)
        try:
            process.wait(timeout=0.012 * moment)
        except subprocess.TimeoutExpired:
            process.kill()
            kills += process.wait(timeout=600) == -signal.SIGKILL
    last = played_out(study(tmp_path, imagined.scenario(question=str(log))))
    assert kills >= 3
    assert table_bytes(last) == undisturbed
    assert not last.quarantined
    twice = sum(times - 1 for times in Counter(imagined.played(log)).values())
    assert twice <= 4 * kills  # what waited to be written, and the one under way


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(some.data())
def test_parts_truncated_anywhere_are_named_kept_aside_and_played_again(
    tmp_path_factory: pytest.TempPathFactory, undisturbed: bytes, data: some.DataObject
) -> None:
    results, left = tmp_path_factory.mktemp("torn"), [data.draw(some.integers(5, 60))]
    monkey = pytest.MonkeyPatch()
    monkey.setattr(storing, "FLUSH_ROWS", 4)
    monkey.setattr(Store, "settle", Store.flush)
    try:
        torn = study(results)
        for progress in torn:
            if progress.played >= left[0]:
                break
    finally:
        monkey.undo()
    torn._store.flush()
    parts = sorted((torn.folder / PARTS).glob("*.parquet"), key=lambda path: path.stat().st_mtime_ns)
    content = parts[-1].read_bytes()
    parts[-1].write_bytes(content[: data.draw(some.integers(0, len(content) - 1))])
    again = played_out(study(results))
    assert table_bytes(again) == undisturbed
    assert parts[-1].name in again.quarantined[0]
    assert parts[-1].with_name(parts[-1].name + QUARANTINED).exists()


def test_two_runs_on_one_folder_at_once_both_end_with_all_rows(tmp_path: Path, undisturbed: bytes) -> None:
    log = tmp_path / "log"
    log.mkdir()
    both = [begun(tmp_path, log, nap=0.0001 * (1 + number)) for number in range(2)]
    assert [process.wait(timeout=600) for process in both] == [0, 0]
    assert table_bytes(study(tmp_path)) == undisturbed


def test_settling_at_once_from_many_threads_loses_no_row(tmp_path: Path) -> None:
    run = played_out(study(tmp_path / "all"))
    rows = list(run.table.canonical())[:64]
    shares = [rows[number::8] for number in range(8)]

    def settle(share: list[Any]) -> None:
        table, own = type(run.table)(run.table._join), Store(tmp_path / "shared", "me")
        for row in share:
            table.add([row])
            own.keep([row])
            own.settle(table)

    threads = [threading.Thread(target=settle, args=(share,)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {Job(row.cell, row.index) for row in imagined.rows_in(Store(tmp_path / "shared", "me"))} == {
        Job(row.cell, row.index) for row in rows
    }


def test_a_full_disk_ends_the_run_with_one_sentence_and_the_next_run_goes_on(
    tmp_path: Path, undisturbed: bytes
) -> None:
    script = f"""
        import resource, signal, sys; sys.path[:0] = {sys.path!r}
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        import sim.study.store as store
        store.FLUSH_ROWS, store.model_digest = 4, lambda: {model_digest()!r}
        import imagined_studies as imagined
        from pathlib import Path
        from sim.errors import UsageError
        from sim.study import Options, Run
        run = Run(imagined.scenario(), Path({str(tmp_path)!r}), Options(workers=1, replicate=imagined.WORK))
        try:
            for progress in run:
                if progress.played == 30:
                    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        except UsageError as error:
            print(error)
    """
    told = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], check=True, capture_output=True, text=True, timeout=600
    )
    assert told.stdout.startswith("cannot write ")
    assert len(told.stdout.splitlines()) == 1
    assert told.stderr == ""
    after = played_out(study(tmp_path))
    assert after.last is not None
    assert after.last.reused >= 26
    assert table_bytes(after) == undisturbed


class Watched(InProcess):
    """Plays here, and notes that it was closed."""

    closed = False

    def close(self) -> None:
        self.closed = True


def test_a_full_disk_lets_the_workers_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> None:
        raise UsageError("cannot write: no space left on device")

    runner = Watched()
    run = study(tmp_path, runner=runner)
    begun = iter(run)
    next(begun)
    monkeypatch.setattr(storing, "write_whole", full)
    monkeypatch.setattr(storing, "put", full)
    with pytest.raises(UsageError, match="no space"):
        list(begun)
    assert runner.closed


def test_what_was_set_aside_before_is_not_overwritten(tmp_path: Path) -> None:
    run = played_out(study(tmp_path))
    for damage in (b"first", b"second"):
        (run.folder / TABLE).write_bytes(damage)
        played_out(study(tmp_path))
    kept = {path.read_bytes() for path in run.folder.glob(f"*{QUARANTINED}")}
    assert kept == {b"first", b"second"}


def test_a_run_of_many_parts_takes_them_into_the_table_as_it_goes(
    tmp_path: Path, undisturbed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing, "FLUSH_ROWS", 1)
    monkeypatch.setattr(storing, "MOST_PARTS", 10)
    run = study(tmp_path)
    most = max(len(list((run.folder / PARTS).glob("*.parquet"))) for _ in run)
    assert most <= 10
    assert table_bytes(run) == undisturbed


def test_a_run_that_has_nothing_to_add_leaves_the_table_alone(tmp_path: Path) -> None:
    before = (played_out(study(tmp_path)).folder / TABLE).stat()
    after = (played_out(study(tmp_path)).folder / TABLE).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_looking_while_a_run_takes_its_parts_in_looks_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = played_out(study(tmp_path))
    gone = run.folder / PARTS / "gone.parquet"
    store, asked = Store(run.folder, run.identity), []
    files = store._files

    def once_too_many() -> list[Path]:
        asked.append(1)
        return [*files(), gone] if len(asked) == 1 else files()

    monkeypatch.setattr(store, "_files", once_too_many)
    table = Table(run.table._join)
    store.look_into(table)
    assert len(table) == len(run.table)


def test_a_folder_that_cannot_be_locked_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot write"), alone(tmp_path / "file"):
        pass


def test_what_a_dead_run_had_begun_is_removed_when_the_next_begins_and_what_is_being_written_is_left(
    tmp_path: Path,
) -> None:
    run = study(tmp_path)
    ours = (
        ".manifest.json.0a1b2c3d.tmp",
        "parts/.a.parquet.0a1b2c3d.tmp",
        ".spill.x_y.tmp",
        "../.index.html.0a1b2c3d.tmp",
    )
    theirs = ("../.notes.0a1b2c3d.tmp", ".notes.tmp")
    for left in (*ours, *theirs):
        path = run.folder / left
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    writing = staged(run.folder / "manifest.json", lambda file: file.write(b"{}"))
    next(iter(run))
    assert {path.name for path in tmp_path.rglob("*.tmp")} == {writing.beside.name, ".notes.0a1b2c3d.tmp", ".notes.tmp"}
    writing.drop()
