"""A batch of files: the table at the end, the page, JUnit XML, progress as events, and what does not stop it."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import cli_files
import pytest

from sim.cli.main import ended
from sim.cli.status import Status
from sim.errors import ModelError, UsageError
from sim.study import studies

pytestmark = pytest.mark.usefixtures("undrawn")
Capture = pytest.CaptureFixture[str]
TINY = cli_files.SMALL.replace("pilot: 3, cap: 4", "pilot: 2, cap: 2")


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """One that expects nothing, one that is met, one that fails."""
    expecting = "expect:\n  - {{measure: requests, strategy: any, given: bad, mean: '< {}'}}\n"
    texts = {
        "plain": TINY.replace("small service", "plain & <simple>"),
        "met": TINY.replace("small service", "met") + expecting.format("100k"),
        "missed": TINY.replace("small service", "missed") + expecting.format("1"),
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    return [str(tmp_path / f"{name}.yaml") for name in texts]


def ran(folder: Path, *arguments: str) -> int:
    return ended(["run", "--results", str(folder / "results"), "--workers", "1", *arguments])


def test_a_batch_writes_its_criteria_as_junit_xml(tmp_path: Path, files: list[str]) -> None:
    place = tmp_path / "deep" / "risk.xml"
    assert ran(tmp_path, "-q", "--junit", str(place), *files) == Status.FAILED
    root = ElementTree.parse(place).getroot()
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("5", "1", "0")
    assert [suite.get("name") for suite in root] == ["plain & <simple>", "met", "missed"]
    (failure,) = root.iter("failure")
    assert "requests of any" in str(failure.get("message"))


def test_the_overview_tells_what_changed_since_the_last_run(tmp_path: Path, files: list[str]) -> None:
    def changes() -> dict[str, str]:
        with open(tmp_path / "results" / "overview.csv", encoding="utf-8") as file:
            return {row["name"]: row["change"] for row in csv.DictReader(file)}

    ran(tmp_path, "-q", *files)
    assert set(changes().values()) == {"new"}
    Path(files[1]).write_text(Path(files[1]).read_text().replace("100k", "1"))
    ran(tmp_path, "-q", *files)
    assert changes() == {"plain & <simple>": "same", "met": "expect was ok", "missed": "same"}


def test_the_page_of_a_batch_links_every_report_and_loads_nothing(tmp_path: Path, files: list[str]) -> None:
    ran(tmp_path, "-q", *files)
    page = (tmp_path / "results" / "index.html").read_text()
    links = [link for link in re.findall(r'href="([^"]+)"', page) if link.endswith("report.html")]
    assert len(links) == 3
    assert all((tmp_path / "results" / link).exists() for link in links)
    assert "plain &amp; &lt;simple&gt;" in page
    assert not re.search(r"https?://", page)


def test_a_batch_ends_in_one_table(tmp_path: Path, files: list[str], capsys: Capture) -> None:
    ran(tmp_path, *files)
    lines = capsys.readouterr().out.splitlines()
    head = next(number for number, line in enumerate(lines) if line.startswith("expect ") and "scenario" in line)
    assert len(lines[head:]) == 1 + 3 + 2
    assert lines[-1].endswith("index.html")


def test_progress_as_json_is_one_event_a_line_and_the_answer_stays_on_stdout(
    tmp_path: Path, files: list[str], capsys: Capture
) -> None:
    ran(tmp_path, "--json", "--progress", "json", *files[:2])
    captured = capsys.readouterr()
    events = [json.loads(line) for line in captured.err.splitlines()]
    assert events[0] == {"type": "version", "schema": "1.1"}
    assert [event["status"] for event in events if event["type"] == "study"] == ["ok", "ok"]
    last = [event for event in events if event["type"] == "progress"][-1]
    assert (last["batch"]["ended"], last["batch"]["of"]) == (1, 2)
    assert last["place"] == last["of"] == 2
    assert last["played"] + last["reused"] == last["wanted"]
    assert len(json.loads(captured.out)) == 2


def test_a_study_that_breaks_does_not_take_the_others_with_it(
    tmp_path: Path, files: list[str], capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = studies.Run._begin

    def broken(run: studies.Run, runner: Any) -> None:
        if run.scenario.name == "met":
            raise ModelError("a wheel came off")
        begin(run, runner)

    monkeypatch.setattr(studies.Run, "_begin", broken)
    place = tmp_path / "risk.xml"
    assert ran(tmp_path, "-q", "--junit", str(place), *files) == Status.UNEXPECTED
    captured = capsys.readouterr()
    assert "a wheel came off" in captured.err
    assert f"{files[1]}: broke" in captured.out
    assert f"{files[2]}: FAILED" in captured.out
    assert len(list(ElementTree.parse(place).getroot().iter("error"))) == 1


@pytest.mark.parametrize("arguments", [["--executor", "dask"], ["--scheduler", "tcp://127.0.0.1:1"]])
def test_a_cluster_needs_both_its_options(
    tmp_path: Path, files: list[str], capsys: Capture, arguments: list[str]
) -> None:
    assert ran(tmp_path, *arguments, files[0]) == Status.BAD_INPUT
    assert "--scheduler tcp://host:8786" in capsys.readouterr().err


def test_a_service_without_a_recommendation_is_still_a_line(tmp_path: Path, files: list[str]) -> None:
    single = Path(files[0])
    single.write_text(re.sub(r"  step-by-step: .*\n", "", single.read_text()))
    ran(tmp_path, "-q", *files[:2])
    with open(tmp_path / "results" / "overview.csv", encoding="utf-8") as file:
        assert {row["name"] for row in csv.DictReader(file)} == {"plain & <simple>", "met"}


def blocked(folder: Path, name: str) -> None:
    """Nobody can write a file where a folder of that name stands."""
    for place in (folder / "results").glob("met-*/"):
        (place / name).unlink(missing_ok=True)
        (place / name / "in the way").mkdir(parents=True)


@pytest.mark.parametrize("form", [[], ["--quiet"], ["--json"]])
def test_a_report_that_cannot_be_written_does_not_cost_the_answer(
    tmp_path: Path, files: list[str], form: list[str], capsys: Capture
) -> None:
    assert ran(tmp_path, "-q", files[1]) == Status.DONE
    blocked(tmp_path, "report.html")
    capsys.readouterr()
    assert ran(tmp_path, files[1], *form) == Status.BAD_INPUT
    told = capsys.readouterr()
    assert ("verdict" if "--json" in form else "VERDICT") in told.out
    assert "report.html: Is a directory; what was played is kept: rollrisk report " in told.err


def test_a_batch_goes_on_behind_a_report_that_cannot_be_written(
    tmp_path: Path, files: list[str], capsys: Capture
) -> None:
    assert ran(tmp_path, "-q", files[1]) == Status.DONE
    blocked(tmp_path, "report.html")
    capsys.readouterr()
    assert ran(tmp_path, "-q", files[1], files[0]) == Status.BAD_INPUT
    assert "VERDICT" in capsys.readouterr().out
    assert list((tmp_path / "results").glob("plain-*/report.html"))
    assert "met" in (tmp_path / "results" / "index.html").read_text()


def test_an_overview_that_cannot_be_written_costs_neither_table_nor_junit(
    tmp_path: Path, files: list[str], capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object, **named: object) -> None:
        raise UsageError("cannot write index.html: No space left on device")

    monkeypatch.setattr("sim.study.outputs.store", full)
    assert ran(tmp_path, files[0], files[1], "--junit", str(tmp_path / "risk.xml")) == Status.BAD_INPUT
    told = capsys.readouterr()
    assert "since the last run" in told.out
    assert "cannot write" in told.err
    assert ElementTree.parse(tmp_path / "risk.xml").getroot().get("tests") == "3"


def test_a_report_that_fails_when_all_have_been_played_costs_neither_table_nor_document(
    tmp_path: Path, files: list[str], capsys: Capture
) -> None:
    """With two workers and three files reports are drawn beside the playing, and waited for at the end."""
    assert ran(tmp_path, "-q", files[1]) == Status.DONE
    blocked(tmp_path, "report.html")
    capsys.readouterr()
    several = ["run", "--results", str(tmp_path / "results"), "--workers", "2", "--json", files[1], files[0], files[2]]
    assert ended(several) == Status.BAD_INPUT
    told = capsys.readouterr()
    assert [each["name"] for each in json.loads(told.out)] == ["met", "plain & <simple>", "missed"]
    assert "report.html: Is a directory" in told.err
