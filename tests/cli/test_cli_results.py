"""``rollrisk results``: what runs have left can be listed, shown, compared and removed, and nothing else is touched."""

from __future__ import annotations

import json
from pathlib import Path

import cli_files
import pytest

from sim.cli.main import ended
from sim.cli.status import Status

pytestmark = pytest.mark.usefixtures("undrawn")
Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two studies that differ in one number."""
    folder = tmp_path_factory.mktemp("results")
    for name, text in (("one", cli_files.SMALL), ("two", cli_files.SMALL.replace("rate: 20%", "rate: 90%"))):
        (folder / f"{name}.yaml").write_text(text.replace("small service", name))
        assert ended(["run", "-q", str(folder / f"{name}.yaml"), "--results", str(folder), "--workers", "1"]) == 0
    return folder


def results(*arguments: str, of: Path) -> int:
    return ended(["results", *arguments, "--results", str(of)])


def test_all_studies_are_listed_with_what_they_hold(played: Path, capsys: Capture) -> None:
    assert results("list", "--json", of=played) == Status.DONE
    listed = json.loads(capsys.readouterr().out)
    assert {each["name"] for each in listed} == {"one", "two"}
    assert all(each["replications"] >= 15 and each["bytes"] > 10_000 and each["ended"] for each in listed)


def test_a_list_in_words_names_every_folder(played: Path, capsys: Capture) -> None:
    assert results("list", of=played) == Status.DONE
    out = capsys.readouterr().out
    assert all(folder.name in out for folder in played.glob("*/"))


def test_a_study_is_shown_by_the_beginning_of_its_name(played: Path, capsys: Capture) -> None:
    assert results("show", "one", of=played) == Status.DONE
    out = capsys.readouterr().out
    assert "VERDICT" in out
    assert "command" in out


def test_a_comparison_says_what_was_asked_differently_and_what_came_of_it(played: Path, capsys: Capture) -> None:
    assert results("compare", "one", "two", of=played) == Status.DONE
    out = capsys.readouterr().out
    assert "release.defects.errors.rate: 20% -> 90%" in out
    assert "failed_requests if bad" in out
    assert "at-once" in out
    assert all(len(line) <= 80 for line in out.splitlines() if "/" not in line)
    assert "replicas" not in out


def test_a_comparison_writes_values_as_a_scenario_has_them(tmp_path: Path, capsys: Capture) -> None:
    for name, users in (("one", "{count: 100}"), ("two", "{count: 100, sticky: true}")):
        text = cli_files.SMALL.replace("small service", name).replace("users: {count: 100}", f"users: {users}")
        (tmp_path / f"{name}.yaml").write_text(text)
        assert ended(["run", "-q", str(tmp_path / f"{name}.yaml"), "--results", str(tmp_path), "--workers", "1"]) == 0
    assert results("compare", "one", "two", of=tmp_path) == Status.DONE
    assert "traffic.users.sticky: false -> true" in capsys.readouterr().out


def test_a_comparison_as_json_says_where_scenarios_differ(played: Path, capsys: Capture) -> None:
    assert results("compare", "one", "two", "--json", of=played) == Status.DONE
    told = json.loads(capsys.readouterr().out)
    assert {"where": "release.defects.errors.rate", "first": "20%", "second": "90%"} in told["scenario"]
    assert {each["given"] for each in told["figures"]} == {"release", "bad"}


@pytest.mark.parametrize("name", ["nowhere", ""])
def test_an_unknown_or_ambiguous_name_is_answered_with_those_there_are(
    played: Path, capsys: Capture, name: str
) -> None:
    assert results("show", name, of=played) == Status.BAD_INPUT
    told = capsys.readouterr().err
    assert "one-" in told
    assert "two-" in told


def test_removing_takes_what_runs_wrote_and_nothing_else(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "small.yaml").write_text(cli_files.SMALL)
    ended(["run", "-q", str(tmp_path / "small.yaml"), "--results", str(tmp_path), "--workers", "1"])
    folder = next(tmp_path.glob("*/"))
    (folder / "notes.txt").write_text("mine")
    assert results("remove", "small", "--yes", of=tmp_path) == Status.DONE
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]
    assert "notes.txt" in capsys.readouterr().err


def test_a_folder_without_a_study_is_never_removed(tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "replications.parquet").touch()
    assert results("remove", str(tmp_path / "precious"), "--yes", of=tmp_path) == Status.BAD_INPUT
    assert (tmp_path / "precious" / "replications.parquet").exists()


def test_nothing_is_removed_unasked(played: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    before = sorted(played.rglob("*"))
    assert results("remove", "one", of=played) == Status.BAD_INPUT
    assert "--yes" in capsys.readouterr().err
    assert sorted(played.rglob("*")) == before


def test_an_empty_results_folder_is_no_error(tmp_path: Path, capsys: Capture) -> None:
    assert results("list", of=tmp_path / "none") == Status.DONE
    assert "no study" in capsys.readouterr().out
