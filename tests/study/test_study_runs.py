from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections import Counter
from pathlib import Path
from typing import Any

import imagined_studies as imagined
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from sim.errors import ModelError
from sim.study import Options, Run
from sim.study.cells import TWIN, Cell
from sim.study.collect import Stage
from sim.study.executors import Pooled
from sim.study.findings import Standing
from sim.study.model import model_digest
from sim.study.processes import spawn_pool
from sim.study.store import PARTS, TABLE

HERE = Path(__file__).parent

SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def study(results: Path, scenario: Any = None, **options: Any) -> Run:
    options = {"workers": 1, "replicate": imagined.WORK, **options}
    return Run(scenario or imagined.scenario(), results, Options(**options))


def played_out(run: Run) -> Run:
    for _ in run:
        pass
    return run


def table_bytes(run: Run) -> bytes:
    return (run.folder / TABLE).read_bytes()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return table_bytes(played_out(study(tmp_path_factory.mktemp("undisturbed"))))


def test_two_workers_write_the_bytes_that_one_process_writes(tmp_path: Path, undisturbed: bytes) -> None:
    runner = Pooled(lambda: spawn_pool(2), 2)
    assert table_bytes(played_out(study(tmp_path, runner=runner))) == undisturbed


def test_a_second_run_plays_nothing_and_finds_the_same(tmp_path: Path) -> None:
    first, second = played_out(study(tmp_path)), played_out(study(tmp_path))
    assert second.last is not None
    assert second.last.played == 0
    assert first.findings().estimates == second.findings().estimates


def test_a_worker_killed_mid_study_changes_no_byte(tmp_path: Path, undisturbed: bytes) -> None:
    log = tmp_path / "log"
    log.mkdir()
    (log / "kill-canary-errors-7").touch()
    runner = Pooled(lambda: spawn_pool(2), 2)
    run = played_out(study(tmp_path, imagined.scenario(question=str(log)), runner=runner))
    assert table_bytes(run) == undisturbed


def test_a_killed_program_goes_on_where_it_was_and_ends_with_the_same_bytes(tmp_path: Path, undisturbed: bytes) -> None:
    log = tmp_path / "log"
    log.mkdir()
    (log / "kill-canary-slow-9").touch()
    script = f"""
        import sys; sys.path[:0] = {sys.path!r}
        import sim.study.store as store
        store.FLUSH_ROWS, store.model_digest = 4, lambda: {model_digest()!r}
        import imagined_studies as imagined
        from sim.study import Options, Run
        options = Options(workers=1, replicate=imagined.WORK)
        list(Run(imagined.scenario(question={str(log)!r}), __import__("pathlib").Path({str(tmp_path)!r}), options))
    """
    ended = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False, timeout=600)
    assert ended.returncode == -signal.SIGKILL
    before = set(imagined.played(log))
    run = played_out(study(tmp_path, imagined.scenario(question=str(log))))
    assert table_bytes(run) == undisturbed
    twice = [job for job, times in Counter(imagined.played(log)).items() if times > 1]
    assert before
    assert len(twice) <= 5  # what waited to be written, and the one that killed


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(kept=some.integers(1, 60))
def test_a_study_stopped_anywhere_and_resumed_is_the_undisturbed_one(
    kept: int, tmp_path_factory: pytest.TempPathFactory, undisturbed: bytes
) -> None:
    results, left = tmp_path_factory.mktemp("stopped"), [kept]

    def stop() -> bool:
        left[0] -= 1
        return left[0] < 0

    stopped = played_out(study(results, stop=stop))
    assert stopped.last is not None
    assert stopped.last.stage == Stage.INTERRUPTED
    assert table_bytes(played_out(study(results))) == undisturbed


def test_an_interrupted_study_counts_only_the_prefix_without_gaps(tmp_path: Path) -> None:
    left = [5 + 5 * 6]  # two strategies, three cases, one twin: seven jobs an index

    def stop() -> bool:
        left[0] -= 1
        return left[0] < 0

    run = played_out(study(tmp_path, stop=stop))
    assert run.last is not None
    assert dict(run.last.counts) == {"good": 5, "errors": 5, "slow": 5} or set(run.last.counts.values()) <= {4, 5}
    assert run.findings().interrupted


def test_a_study_interrupted_before_it_can_tell_anything_says_so_and_keeps_its_rows(tmp_path: Path) -> None:
    left = [4]

    def stop() -> bool:
        left[0] -= 1
        return left[0] < 0

    run = played_out(study(tmp_path, stop=stop))
    with pytest.raises(KeyboardInterrupt):
        run.findings()
    assert len(run.table) == 4
    assert run.folder.joinpath(TABLE).exists()


def test_a_damaged_part_is_played_again_and_named(tmp_path: Path, undisturbed: bytes) -> None:
    run = played_out(study(tmp_path))
    (run.folder / TABLE).write_bytes(undisturbed[:-100])
    again = played_out(study(tmp_path))
    assert table_bytes(again) == undisturbed
    assert TABLE in again.findings().set_aside[0]


def test_parts_are_gone_when_a_run_has_ended(tmp_path: Path) -> None:
    run = played_out(study(tmp_path))
    assert list((run.folder / PARTS).iterdir()) == []


def test_more_precision_plays_only_what_is_missing(tmp_path: Path) -> None:
    coarse = played_out(study(tmp_path, imagined.scenario(precision=0.2, indifferent=0.0)))
    fine = played_out(study(tmp_path, imagined.scenario(precision=0.05, indifferent=0.0)))
    assert coarse.last is not None
    assert fine.last is not None
    assert fine.last.reused == coarse.last.wanted
    assert fine.last.played == fine.last.wanted - coarse.last.wanted


def test_replications_go_where_the_variance_asks_for_them(tmp_path: Path) -> None:
    run = played_out(study(tmp_path, imagined.scenario(precision=0.05, indifferent=0.0)))
    assert run.last is not None
    assert run.last.stage == Stage.MET
    assert run.last.counts["errors"] > run.last.counts["good"]


def test_the_cap_ends_a_study_that_cannot_be_precise_enough(tmp_path: Path) -> None:
    run = played_out(study(tmp_path, imagined.scenario(precision=0.001, indifferent=0.0, cap=15)))
    assert run.last is not None
    assert run.last.stage == Stage.CAPPED
    assert not run.findings().precision_met


def test_the_twin_of_an_index_is_played_once_for_all(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.mkdir()
    played_out(study(tmp_path, imagined.scenario(question=str(log))))
    twins = [index for strategy, _, index in imagined.played(log) if strategy == "-"]
    assert sorted(twins) == list(range(len(twins)))


def test_a_good_costless_release_has_a_net_of_exactly_zero(tmp_path: Path) -> None:
    findings = played_out(study(tmp_path)).findings()
    good = findings.estimates["failed_requests", "blue-green", "good"]
    assert (good.value, good.low, good.high) == (0.0, 0.0, 0.0)


def test_two_names_for_one_strategy_are_equal_and_neither_wins(tmp_path: Path) -> None:
    twins = imagined.scenario({"one": "weight:0.2", "other": "weight:0.2"}, indifferent=0.0)
    ruling = played_out(study(tmp_path, twins)).findings().ruling
    assert ruling.recommended is None
    assert set(ruling.standings.values()) == {Standing.EQUAL}
    assert ruling.differences[0].estimate.half_width == 0


def test_a_replication_that_always_kills_ends_the_study_with_its_name_and_all_else_kept(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.mkdir()
    (log / "kill-canary-errors-3").write_text("always")
    run = study(tmp_path, imagined.scenario(question=str(log)), runner=Pooled(lambda: spawn_pool(2), 2))
    with pytest.raises(ModelError, match="canary, case errors, index 3"):
        played_out(run)
    kept = study(tmp_path)
    assert len(imagined.rows_in(kept._store)) == 7 * 10 - 1
    assert TWIN.is_twin
    assert not Cell("canary", "good").is_twin


def test_ctrl_c_once_finishes_and_keeps_what_is_under_way(tmp_path: Path) -> None:
    run = study(tmp_path)
    for progress in run:
        if progress.played == 20 and progress.stage == Stage.PILOT:
            os.kill(os.getpid(), signal.SIGINT)
    assert run.last is not None
    assert run.last.stage == Stage.INTERRUPTED
    assert len(run.table) == 20
