"""``rollrisk sweep`` after a run: what it found stands in the report of that very study, and in no other."""

from __future__ import annotations

import json
from pathlib import Path

import cli_files
import pytest

from sim.cli.main import ended
from sim.cli.status import Status

pytestmark = pytest.mark.usefixtures("undrawn")
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


@pytest.fixture
def studied(file: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The folder of a study of the file, already run."""
    assert ended(["run", str(file), "--quiet", "--workers", "1"]) == Status.DONE
    capsys.readouterr()
    (page,) = Path("results").glob("small-service-*/report.html")
    return page.parent


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_what_is_wrong_with_the_studys_folder_does_not_cost_the_answer(
    file: Path, studied: Path, form: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    table = studied / "replications.parquet"
    table.write_bytes(table.read_bytes()[:-50])
    assert ended(["sweep", str(file), *VARY, *form]) == Status.DONE
    told = capsys.readouterr()
    assert "service.queue" in told.out
    assert "It stands in" not in told.out
    assert "does not show this" in told.err
    assert "replications.parquet" in told.err
    assert not (studied / "sweep.json").exists()


def test_a_report_of_the_file_before_a_change_does_not_claim_to_show_the_sweep(
    file: Path, studied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (studied / "report.html").read_bytes()
    file.write_text(cli_files.SMALL + "prices: {currency: EUR, failed_request: 2}\n")
    assert ended(["sweep", str(file), *VARY]) == Status.DONE
    told = capsys.readouterr()
    assert "It stands in" not in told.out
    assert "(prices); run" in told.err
    assert (studied / "report.html").read_bytes() == before
    assert ended(["run", str(file), "--quiet", "--workers", "1"]) == Status.DONE
    assert "service.queue" in (studied / "report.html").read_text()


def test_a_run_afresh_forgets_the_sweep(file: Path, studied: Path) -> None:
    assert ended(["sweep", str(file), *VARY]) == Status.DONE
    assert (studied / "sweep.json").exists()
    assert ended(["run", str(file), "--quiet", "--workers", "1", "--fresh"]) == Status.DONE
    assert not (studied / "sweep.json").exists()


def test_a_table_that_can_never_be_written_is_said_before_anything_is_played(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("taken").write_text("a file")
    assert ended(["sweep", str(file), *VARY, "--csv", "taken/points.csv"]) == Status.BAD_INPUT
    told = capsys.readouterr()
    assert told.out == ""
    assert "cannot write taken/points.csv" in told.err


def test_a_table_that_the_disk_does_not_take_is_said_after_the_answer(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(["sweep", str(file), *VARY, "--csv", "/dev/full"]) == Status.BAD_INPUT
    told = capsys.readouterr()
    assert "as written" in told.out
    assert "cannot write /dev/full: No space left on device" in told.err


def test_the_name_of_a_service_does_not_lead_out_of_the_results_folder(file: Path) -> None:
    named = file.read_text().replace("small service", "../far/off")
    assert "../far/off" in named
    file.write_text(named)
    assert ended(["sweep", str(file), *VARY]) == Status.DONE
    assert sorted(path.name for path in file.parent.iterdir()) == ["results", "small.yaml"]
    assert [path.name for path in Path("results").iterdir()] == ["far-off-sweep"]
