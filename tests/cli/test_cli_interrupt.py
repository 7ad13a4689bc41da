"""Ctrl-C keeps what is done and says how to go on."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import cli_files
from pyarrow import parquet

PATIENCE = 60.0
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
    assert "Interrupted: the figures rest on what was done" in " ".join(out.split())
    assert "the same command goes on from there" in err
    assert "Traceback" not in err
    assert list((tmp_path / "results").glob("*/replications.parquet"))


def _rows(results: Path) -> int:
    return sum(parquet.read_metadata(part).num_rows for part in results.glob("*/parts/*.parquet"))


def _wait_for_rows(results: Path, process: subprocess.Popen[str]) -> None:
    """Until the pilot is on disk, so that there is something to keep and to tell."""
    deadline = time.monotonic() + PATIENCE
    while _rows(results) < PILOT and process.poll() is None:
        assert time.monotonic() < deadline, "nothing was played"
        time.sleep(0.05)
