"""Ctrl-C keeps what is done and says how to go on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import cli_files
import pytest
from pyarrow import parquet

from sim.cli.main import ended
from sim.study.interrupt import TooEarlyError

PATIENCE = 1800.0
PILOT = 5 * 3
"""Five cells of three replications: before them there is nothing to tell."""


def test_an_interrupted_run_exits_130_keeps_its_rows_and_says_how_to_go_on(tmp_path: Path) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(cli_files.SMALL.replace("cap: 4", "cap: 100000, precision: 0.01%, indifferent: 0.0001"))
    process = subprocess.Popen(
        [sys.executable, "-m", "sim", "run", str(file), "--results", str(tmp_path / "results"), "--workers", "1"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    _wait_for_rows(tmp_path / "results", process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "Interrupted: the figures rest on what was simulated so far" in " ".join(out.split())
    assert "the same command goes on from there" in err
    assert "Traceback" not in err
    assert list((tmp_path / "results").glob("*/replications.parquet"))


def test_a_job_whose_time_is_up_tells_what_it_has(tmp_path: Path) -> None:
    """A scheduler sends SIGTERM to the command and to its workers alike."""
    process = begun(tmp_path, session=True)
    _wait_for_rows(tmp_path / "results", process)
    os.killpg(process.pid, signal.SIGTERM)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "Interrupted: the figures rest on what was simulated so far" in " ".join(out.split())
    assert "Traceback" not in err
    assert list((tmp_path / "results").glob("*/replications.parquet"))


def test_sigterm_ends_any_verb_as_an_interrupt_does() -> None:
    """Also while a report is drawn, or a question is waited for."""
    script = """
        import os, signal, sim.cli.main as command
        command.rollrisk.main = lambda **named: os.kill(os.getpid(), signal.SIGTERM)
        command.main()
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=600, check=False
    )
    assert (done.returncode, done.stderr.strip()) == (
        130, "interrupted: what was done is kept; the same command goes on from there",
    )  # fmt: skip


def begun(folder: Path, *arguments: str, session: bool = False) -> subprocess.Popen[str]:
    """An endless study under way on two workers."""
    file = folder / "endless.yaml"
    file.write_text(cli_files.SMALL.replace("cap: 4", "cap: 100000, precision: 0.01%, indifferent: 0.0001"))
    command = [sys.executable, "-m", "sim", "run", str(file), "--results", str(folder / "results"), "--workers", "2"]
    return subprocess.Popen(
        [*command, *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=session,
    )  # fmt: skip


def test_interrupted_twice_a_run_exits_130_and_the_same_command_goes_on(tmp_path: Path) -> None:
    process = begun(tmp_path)
    _wait_for_rows(tmp_path / "results", process)
    process.send_signal(signal.SIGINT)
    time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "Traceback" not in err
    kept = _rows(tmp_path / "results") + _tabled(tmp_path / "results")
    again = begun(tmp_path, "--cap", "5", "--progress", "json")
    _, err = again.communicate(timeout=PATIENCE)
    last = [json.loads(line) for line in err.splitlines() if '"progress"' in line][-1]
    assert again.returncode == 0
    assert last["reused"] >= min(kept, PILOT), err


def test_a_batch_interrupted_before_anything_can_be_told_still_writes_its_overview_and_criteria(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*arguments: object, **named: object) -> None:
        raise TooEarlyError

    monkeypatch.setattr("sim.study.run", interrupted)
    for number in range(2):
        (tmp_path / f"{number}.yaml").write_text(cli_files.SMALL.replace("small service", f"service {number}"))
    names = [str(tmp_path / f"{number}.yaml") for number in range(2)]
    results, risk = tmp_path / "out", tmp_path / "risk.xml"
    assert ended(["run", *names, "--results", str(results), "--workers", "1", "--junit", str(risk)]) == 130
    out, err = capfd.readouterr()
    assert "interrupted before there was anything to tell" in err
    assert [word for word in ("interrupted", "not played") if word in out] == ["interrupted", "not played"]
    assert (results / "index.html").exists()
    assert risk.read_text().count("<skipped") == 2


def _tabled(results: Path) -> int:
    return sum(parquet.read_metadata(table).num_rows for table in results.glob("*/replications.parquet"))


def _rows(results: Path) -> int:
    return sum(parquet.read_metadata(part).num_rows for part in results.glob("*/parts/*.parquet"))


def _wait_for_rows(results: Path, process: subprocess.Popen[str]) -> None:
    """Until the pilot is on disk, so that there is something to keep and to tell."""
    deadline = time.monotonic() + PATIENCE
    while _rows(results) < PILOT and process.poll() is None:
        assert time.monotonic() < deadline, "nothing was played"
        time.sleep(0.05)
