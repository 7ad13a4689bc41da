from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import pytest

from sim.errors import UsageError
from sim.scenario import Scenario, load
from sim.study import Options, Run, frame, plan, read, run
from sim.study.executors import InProcess, Pooled
from sim.study.processes import spawn_pool

SCENARIOS = Path(__file__).parents[2] / "scenarios"


@pytest.fixture(scope="module")
def textbook() -> Scenario:
    scenario = load(SCENARIOS / "textbook.yaml")
    return replace(scenario, study=replace(scenario.study, pilot=3, cap=3))


def python(script: str) -> str:
    """What a script prints, read from standard input, however it ends."""
    command, given = [sys.executable, "-"], textwrap.dedent(script)
    return subprocess.run(command, input=given, check=False, capture_output=True, text=True, timeout=600).stdout


def imported(statement: str) -> set[str]:
    """The packages that a statement loads into a fresh Python."""
    code = f"import sys; {statement}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    return set(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split())


def test_two_workers_and_one_process_write_the_same_bytes_of_a_real_study(tmp_path: Path, textbook: Scenario) -> None:
    tables = []
    for runner in (InProcess(), Pooled(lambda: spawn_pool(2), 2)):
        study = Run(textbook, tmp_path / type(runner).__name__, Options(runner=runner))
        list(study)
        tables.append((study.folder / "replications.parquet").read_bytes())
    assert tables[0] == tables[1]


def test_a_results_folder_tells_what_the_run_told(tmp_path: Path, textbook: Scenario) -> None:
    told = run(textbook, results=tmp_path, workers=1)
    again = read(Path(told.folder))
    assert again.identity == told.identity
    assert again.estimates.keys() == told.estimates.keys()
    assert (
        again.estimates["failed_requests", "canary-80-20", "bad"]
        == (told.estimates["failed_requests", "canary-80-20", "bad"])
    )


def test_a_results_folder_keeps_what_was_assumed_and_what_was_given_as_a_range(tmp_path: Path) -> None:
    scenario = load(SCENARIOS / "tiny-service.yaml")
    short = replace(scenario, study=replace(scenario.study, pilot=2, cap=2))
    again = read(Path(run(short, results=tmp_path, workers=1).folder))
    assert again.scenario.defaults == scenario.defaults != ()
    assert again.scenario.ranges == scenario.ranges != ()


def test_results_of_an_older_program_that_read_less_into_the_text_still_open(
    tmp_path: Path, textbook: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = run(textbook, results=tmp_path, workers=1)
    monkeypatch.setattr("sim.study.studies.identity", lambda scenario: "of-a-newer-program")
    with pytest.raises(UsageError, match="belongs to"):
        read(Path(told.folder))
    monkeypatch.setattr("sim.study.studies.model_digest", lambda: "newer")
    again = read(Path(told.folder))
    assert (again.identity, again.ruling) == (told.identity, told.ruling)


def test_the_frame_has_a_row_per_replication_and_net_figures(tmp_path: Path, textbook: Scenario) -> None:
    told = run(textbook, results=tmp_path, workers=1)
    rows = frame(told)
    assert len(rows) == sum(told.replications.values())
    good = rows[rows["case"] == "good"]
    assert good["failed_requests"].mean() == told.estimates["failed_requests", "blue-green", "good"].value


def test_a_plan_says_what_will_be_reused(tmp_path: Path, textbook: Scenario) -> None:
    before = plan(textbook, results=tmp_path)
    run(textbook, results=tmp_path, workers=1)
    after = plan(textbook, results=tmp_path)
    assert (before.reused, after.reused) == (0, before.most)
    assert after.from_earlier_run
    assert after.seconds[1] < before.seconds[1] + 1


def test_an_empty_folder_is_no_study(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no study"):
        read(tmp_path)


def test_a_plan_imports_nothing_heavy() -> None:
    heavy = {"numba", "scipy", "pandas", "pyarrow", "matplotlib"}
    assert not heavy & imported("from sim.study import plan")


def test_a_worker_imports_no_more_than_it_needs() -> None:
    code = (
        "import sys; import sim.study.play, sim.replication; print(sorted({m.partition('.')[0] for m in sys.modules}))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert not {"pandas", "pyarrow", "matplotlib"} & set(eval(loaded))


def test_a_script_without_a_main_guard_may_use_workers(tmp_path: Path) -> None:
    script = f"""
        import sys; sys.path[:0] = {sys.path!r}
        from sim.scenario import load
        from sim.study import Options, Run
        from sim.study.executors import Pooled
        from sim.study.processes import spawn_pool
        scenario = load({str(SCENARIOS / "hand-computable.yaml")!r})
        options = Options(runner=Pooled(lambda: spawn_pool(2), 2))
        run = Run(scenario, __import__("pathlib").Path({str(tmp_path)!r}), options)
        print([progress.stage.value for progress in run][-1])
    """
    assert python(script).strip() == "precision reached"


def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    script = f"""
        import os, sys, time; sys.path[:0] = {sys.path!r}
        from sim.study.processes import spawn_pool
        pool = spawn_pool(2)
        print(*[pool.submit(os.getpid).result() for _ in range(8)], flush=True)
        os.kill(os.getpid(), 9)
    """
    workers = {int(number) for number in python(script).split()}
    assert workers
    until = time.monotonic() + 600
    while any(map(alive, workers)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(map(alive, workers))


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
