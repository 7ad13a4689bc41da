"""Each verb answers on stdout, in words and in JSON, from one small scenario."""

from __future__ import annotations

import json
from pathlib import Path

import cli_files
import pytest

from sim.cli.main import ended
from sim.cli.selfcheck import mean_response, self_check
from sim.cli.status import Status, gravest

pytestmark = pytest.mark.usefixtures("undrawn")
Capture = pytest.CaptureFixture[str]


def written(folder: Path, text: str, name: str = "small.yaml") -> str:
    file = folder / name
    file.write_text(text)
    return str(file)


def ran(folder: Path, *arguments: str) -> int:
    return ended(["run", "--results", str(folder / "results"), "--workers", "1", *arguments])


def test_check_says_what_the_fleet_carries(tmp_path: Path, capsys: Capture) -> None:
    assert ended(["check", written(tmp_path, cli_files.SMALL)]) == Status.DONE
    out = capsys.readouterr().out
    assert "OK, small service" in out
    assert "one pod carries 200 rps" in out


def test_check_tells_all_problems_of_all_files_on_stderr(tmp_path: Path, capsys: Capture) -> None:
    good, bad = written(tmp_path, cli_files.SMALL), written(tmp_path, cli_files.BROKEN, "bad.yaml")
    assert ended(["check", good, bad]) == Status.BAD_INPUT
    captured = capsys.readouterr()
    assert "service.replicas" in captured.err
    assert "rondom" in captured.err
    assert "random" in captured.err
    assert "bad.yaml: 2 problems" in captured.err
    assert "OK" in captured.out


def test_check_gives_problems_as_json_with_line_and_path(tmp_path: Path, capsys: Capture) -> None:
    assert ended(["check", "--json", written(tmp_path, cli_files.BROKEN)]) == Status.BAD_INPUT
    (outcome,) = json.loads(capsys.readouterr().out)
    assert not outcome["ok"]
    assert {"service.replicas", "service.balancer"} == {each["path"] for each in outcome["problems"]}
    assert all(each["line"] > 0 for each in outcome["problems"])


def test_plan_marks_every_default_and_counts_what_would_be_played(tmp_path: Path, capsys: Capture) -> None:
    assert ended(["plan", written(tmp_path, cli_files.SMALL), "--results", str(tmp_path)]) == Status.DONE
    out = capsys.readouterr().out
    assert "  proxies: 3  # (default)" in out
    assert "  replicas: 2\n" in out
    told = " ".join(out.split())
    assert "Plan: 5 cells (2 strategies x 2 release cases, and no release), 17 to 22 replications" in told
    assert "Reused: 0 replications" in out


@pytest.mark.parametrize(("asked", "family"), [("gate", "gates"), ("strategy", "strategies"), ("canary", "strategies")])
def test_kinds_takes_a_family_in_the_singular_and_the_word_of_one_kind(
    asked: str, family: str, capsys: Capture
) -> None:
    assert ended(["kinds", asked, "--json"]) == Status.DONE
    found = json.loads(capsys.readouterr().out)
    assert list(found) == [family]
    assert asked != "canary" or list(found[family]) == ["canary"]


def test_kinds_suggests_the_nearest_word_and_speaks_no_python(capsys: Capture) -> None:
    assert ended(["kinds", "canry"]) == Status.BAD_INPUT
    assert "did you mean 'canary'?" in capsys.readouterr().err
    assert ended(["kinds", "strategies"]) == Status.DONE
    assert "None" not in capsys.readouterr().out


def test_kinds_shows_a_sentence_per_kind_from_its_docstring(capsys: Capture) -> None:
    assert ended(["kinds", "strategies", "--json"]) == Status.DONE
    found = json.loads(capsys.readouterr().out)["strategies"]
    assert found["canary"]["sentence"].startswith("Canary:")
    assert found["canary"]["fields"]["steps"] == "required"


def test_schema_is_a_json_schema(capsys: Capture) -> None:
    assert ended(["schema"]) == Status.DONE
    assert json.loads(capsys.readouterr().out)["$schema"].startswith("https://json-schema.org/")


def test_trace_tells_the_same_story_each_time_and_as_json_lines(tmp_path: Path, capsys: Capture) -> None:
    asked = ["trace", written(tmp_path, cli_files.SMALL), "-s", "step-by-step", "-c", "errors", "-i", "1"]
    assert ended(asked) == Status.DONE
    first = capsys.readouterr().out
    ended(asked)
    assert capsys.readouterr().out == first
    ended([*asked, "--json"])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[-1]["decision"] == "aborted"
    assert {"at", "kind", "who", "what"} <= set(lines[0])


def test_trace_names_what_exists_when_asked_for_what_does_not(tmp_path: Path, capsys: Capture) -> None:
    assert ended(["trace", written(tmp_path, cli_files.SMALL), "-s", "nope"]) == Status.BAD_INPUT
    assert "at-once, step-by-step" in capsys.readouterr().err


def test_run_answers_on_stdout_and_writes_page_summary_and_json(tmp_path: Path, capsys: Capture) -> None:
    assert ran(tmp_path, written(tmp_path, cli_files.SMALL)) == Status.DONE
    captured = capsys.readouterr()
    assert "VERDICT" in captured.out
    assert "small service: pilot" in captured.err
    (folder,) = (tmp_path / "results").iterdir()
    assert str(folder / "report.html") in captured.out
    document = json.loads((folder / "report.json").read_text())
    assert document["verdict"]["sentence"] in (folder / "report.html").read_text().replace("&#39;", "'")
    assert (folder / "report.md").read_text().startswith("## Release risk: small service")


def test_quiet_hides_progress_and_never_the_verdict(tmp_path: Path, capsys: Capture) -> None:
    ran(tmp_path, "--quiet", written(tmp_path, cli_files.SMALL))
    captured = capsys.readouterr()
    assert captured.err == ""
    assert captured.out.startswith("VERDICT")


def test_run_gives_one_json_document(tmp_path: Path, capsys: Capture) -> None:
    ran(tmp_path, "--json", written(tmp_path, cli_files.SMALL))
    document = json.loads(capsys.readouterr().out)
    assert set(document["strategies"]) == {"at-once", "step-by-step"}


def test_a_second_run_plays_nothing_again_and_says_the_same(tmp_path: Path, capsys: Capture) -> None:
    file = written(tmp_path, cli_files.SMALL)
    ran(tmp_path, "--json", file)
    first = json.loads(capsys.readouterr().out)
    ran(tmp_path, "--json", file)
    second = json.loads(capsys.readouterr().out)
    assert second["provenance"]["played"] == "0"
    assert second["strategies"] == first["strategies"]


@pytest.mark.parametrize(("bound", "status"), [("100k", Status.DONE), ("0.001", Status.FAILED)])
def test_the_exit_status_says_what_became_of_the_criteria(tmp_path: Path, bound: str, status: Status) -> None:
    assert ran(tmp_path, "-q", written(tmp_path, cli_files.expecting(bound))) == status


def test_a_quiet_batch_ends_with_a_line_per_file_and_the_gravest_status(tmp_path: Path, capsys: Capture) -> None:
    one = written(tmp_path, cli_files.SMALL)
    other = written(tmp_path, cli_files.expecting("0.001").replace("small service", "other"), "other.yaml")
    assert ran(tmp_path, "--quiet", one, other) == Status.FAILED
    first, second = capsys.readouterr().out.splitlines()[-2:]
    assert first.startswith(f"{one}: ok; ")
    assert second.startswith(f"{other}: FAILED; ")


def test_a_batch_with_a_broken_file_plays_nothing(tmp_path: Path) -> None:
    good, bad = written(tmp_path, cli_files.SMALL), written(tmp_path, cli_files.BROKEN, "bad.yaml")
    assert ran(tmp_path, good, bad) == Status.BAD_INPUT
    assert not (tmp_path / "results").exists()


def test_options_stand_in_place_of_what_the_file_says(tmp_path: Path, capsys: Capture) -> None:
    file = written(tmp_path, cli_files.SMALL)
    ended(["plan", "--json", "--results", str(tmp_path), file])
    before = json.loads(capsys.readouterr().out)
    ended(["plan", "--json", "--results", str(tmp_path), "--seed", "7", "--cap", "9", file])
    after = json.loads(capsys.readouterr().out)
    assert after["scenario"]["study"]["seed"] == 7
    whole, until_its_fate = 5 * 9, 2 * (9 - 3)
    assert after["replications"][1] == whole + until_its_fate
    assert after["identity"] != before["identity"]


def test_a_longer_study_keeps_its_identity_so_that_it_goes_on_where_the_shorter_ended(
    tmp_path: Path, capsys: Capture
) -> None:
    file = written(tmp_path, cli_files.SMALL)
    identities = set()
    for options in ([], ["--cap", "50"], ["--precision", "2%"]):
        ended(["plan", "--json", "--results", str(tmp_path), *options, file])
        identities.add(json.loads(capsys.readouterr().out)["identity"])
    assert len(identities) == 1


def test_a_precision_that_is_no_share_is_refused(tmp_path: Path, capsys: Capture) -> None:
    assert ended(["plan", "--precision", "much", written(tmp_path, cli_files.SMALL)]) == Status.BAD_INPUT
    assert "study.precision" in capsys.readouterr().err


def test_doctor_finds_the_engine_in_agreement_with_theory(tmp_path: Path, capsys: Capture) -> None:
    assert ended(["doctor", "--results", str(tmp_path)]) == Status.DONE
    out = capsys.readouterr().out
    assert "theory" in out
    assert "WRONG" not in out


def test_the_self_check_knows_the_queue_it_plays() -> None:
    assert mean_response(2, 1.0, 1.0) == pytest.approx(4 / 3)
    assert self_check().passed


def test_the_gravest_of_several_statuses_is_the_batchs() -> None:
    assert gravest([Status.DONE, Status.UNDECIDED]) == Status.UNDECIDED
    assert gravest([Status.FAILED, Status.UNDECIDED, Status.INTERRUPTED]) == Status.INTERRUPTED
    assert gravest([]) == Status.DONE
