"""``rollrisk report`` gives back the page that the run wrote, from the folder alone."""

from __future__ import annotations

from pathlib import Path

import cli_files
import pytest

from sim.cli.main import ended
from sim.cli.status import Status
from sim.study.digests import put

pytestmark = pytest.mark.usefixtures("undrawn")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    file = tmp_path / "small.yaml"
    file.write_text(cli_files.SMALL)
    assert ended(["run", "-q", "--workers", "1", "--results", str(tmp_path / "results"), str(file)]) == Status.DONE
    (found,) = (tmp_path / "results").iterdir()
    return found


def test_the_page_is_the_same_as_the_runs(folder: Path) -> None:
    before = (folder / "report.html").read_text()
    (folder / "report.html").unlink()
    assert ended(["report", str(folder)]) == Status.DONE
    assert (folder / "report.html").read_text() == before


def test_any_file_of_the_folder_names_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert ended(["report", str(folder / "replications.parquet")]) == Status.DONE
    assert capsys.readouterr().out.strip().endswith("report.html")


def test_rows_of_another_program_are_told_without_timelines(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = (folder / "manifest.json").read_text().replace('"model": "', '"model": "older-')
    put(folder, {"manifest.json": told.encode()})
    assert ended(["report", str(folder)]) == Status.DONE
    assert "timelines are left out" in capsys.readouterr().err
    assert "A typical bad release" not in (folder / "report.html").read_text()


@pytest.mark.parametrize("missing", ["nowhere", "."])
def test_a_folder_without_a_study_is_told_in_words(
    missing: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(["report", str(tmp_path / missing)]) == Status.BAD_INPUT
    assert "Traceback" not in capsys.readouterr().err
