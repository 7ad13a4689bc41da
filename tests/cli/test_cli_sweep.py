"""``rollrisk sweep`` after a run: what it found stands in the report of that very study, and in no other."""

from __future__ import annotations

import json
from pathlib import Path

import cli_files
import pytest

from sim.cli.main import ended
from sim.cli.status import Status

VARY = ["--vary", "service.queue=5,40", "--each", "2", "--workers", "1", "--quiet"]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    place = tmp_path / "small.yaml"
    place.write_text(cli_files.SMALL)
    return place


def test_a_sweep_of_a_study_that_was_run_stands_in_its_report(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(["run", str(file), "--quiet", "--workers", "1"]) == Status.DONE
    (page,) = Path("results").glob("small-service-*/report.html")
    assert "service.queue" not in page.read_text().partition('id="hangs"')[2].partition("<h2")[0]
    capsys.readouterr()
    assert ended(["sweep", str(file), *VARY]) == Status.DONE
    assert f"It stands in {page}" in capsys.readouterr().out
    section = page.read_text().partition('id="hangs"')[2].partition("<h2")[0]
    assert "service.queue" in section
    assert "5 to 40" in section
    told = json.loads((page.parent / "sweep.json").read_text())
    assert [point["values"] for point in told["points"]] == [{"service.queue": 5}, {"service.queue": 40}]


def test_a_sweep_without_a_study_writes_no_report(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(["sweep", str(file), *VARY]) == Status.DONE
    assert "It stands in" not in capsys.readouterr().out
    assert list(Path("results").glob("*/sweep.json")) == []
