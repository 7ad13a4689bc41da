"""``rollrisk import`` writes valid scenarios, never over a file in silence, and says what it could not."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import own_manifests as own
import pytest

from sim.cli.main import ended
from sim.cli.status import Status
from sim.replication import replicate
from sim.scenario import from_text, load


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    other = own.DEPLOYMENT.replace("name: shop}", "name: other}", 1)
    return own.written(tmp_path, shop_yaml=own.DEPLOYMENT + "---" + own.FLAGGER, other_yaml=other)


def test_one_target_goes_to_stdout_and_passes_check(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(["import", "other.yaml"]) == Status.DONE
    captured = capsys.readouterr()
    assert from_text(captured.out).service.replicas == 6
    assert "guesses to correct" in captured.err


def test_what_was_written_passes_check(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(["import", ".", "-o", "new/"]) == Status.DONE
    assert sorted(each.name for each in (folder / "new").iterdir()) == ["other.yaml", "shop.yaml"]
    assert ended(["check", "new/other.yaml", "new/shop.yaml"]) == Status.DONE


def test_a_file_that_is_there_is_not_written_over(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "new.yaml").write_text("mine")
    assert ended(["import", "other.yaml", "-o", "new.yaml"]) == Status.BAD_INPUT
    assert (folder / "new.yaml").read_text() == "mine"
    assert "--force" in capsys.readouterr().err
    assert ended(["import", "other.yaml", "-o", "new.yaml", "--force"]) == Status.DONE
    assert load("new.yaml").name == "other"


def test_a_folder_with_one_file_that_is_there_is_left_as_it_is(folder: Path) -> None:
    (folder / "new").mkdir()
    (folder / "new" / "shop.yaml").write_text("mine")
    assert ended(["import", ".", "-o", "new"]) == Status.BAD_INPUT
    assert [each.name for each in (folder / "new").iterdir()] == ["shop.yaml"]


def test_several_targets_need_a_name_or_a_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(["import", "."]) == Status.BAD_INPUT
    assert "other, shop" in capsys.readouterr().err
    assert ended(["import", ".", "-o", "one.yaml"]) == Status.BAD_INPUT
    assert ended(["import", ".", "--target", "shop", "-o", "one.yaml"]) == Status.DONE
    assert load("one.yaml").name == "shop"
    assert ended(["import", ".", "--target", "nobody"]) == Status.BAD_INPUT


def test_two_of_one_name_get_two_files(folder: Path) -> None:
    (folder / "again.yaml").write_text((folder / "other.yaml").read_text())
    assert ended(["import", "other.yaml", "again.yaml", "-o", "new/"]) == Status.DONE
    assert sorted(each.name for each in (folder / "new").iterdir()) == ["other-2.yaml", "other.yaml"]


def test_standard_input_is_a_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdin:
        buffer = io.BytesIO(own.DEPLOYMENT.encode())

    monkeypatch.setattr(sys, "stdin", Stdin())
    assert ended(["import", "-", "-o", "new.yaml"]) == Status.DONE
    assert "# stdin spec.replicas, line 6" in (folder / "new.yaml").read_text()


@pytest.mark.parametrize(
    "text", ["", "kind: Service\n", "[1, 2]\n", "just text\n", own.FLAGGER.replace("Canary", "Rollout")]
)
def test_files_without_a_target_are_refused_with_what_is_wanted(
    text: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "none.yaml").write_text(text)
    assert ended(["import", "none.yaml"]) == Status.BAD_INPUT
    assert "wanted: a Deployment" in capsys.readouterr().err


def test_json_has_texts_and_what_is_not_played(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(["import", ".", "--json"]) == Status.DONE
    found = json.loads(capsys.readouterr().out)
    assert [each["target"] for each in found["scenarios"]] == ["other", "shop"]
    assert all(each["matter"] in ("high", "medium", "low") for one in found["scenarios"] for each in one["missed"])


def test_an_imported_canary_plays() -> None:
    text = own.draft_of(own.rollout(own.ANALYSED) + own.template(own.metric(own.RATIO))).text
    scenario = from_text(text.replace("peak: 100/s", "peak: 2/s"))
    record = replicate(scenario, strategy="canary", case="good", index=0, engine="reference")
    assert record.values["failed_requests"] >= 0


def test_init_starts_from_manifests_and_takes_answers_in_the_place_of_guesses(folder: Path) -> None:
    given = [
        "--peak",
        "40 rps",
        "--median",
        "30ms",
        "--slow",
        "90ms",
        "--bad",
        "4-8%",
        "--concurrency",
        "16",
        "--start",
        "9s",
    ]
    assert ended(["init", "new.yaml", "--from", "other.yaml", *given]) == Status.DONE
    text = (folder / "new.yaml").read_text()
    scenario = load("new.yaml")
    assert scenario.service.replicas == 6
    assert scenario.service.concurrency == 16
    assert text.count("# your answer") == 5
    assert "baseline_errors: 0.05%                    # GUESS" in text.replace("  baseline", "baseline")
    assert "likely: 6%" in text


def test_init_writes_nothing_where_an_answer_is_wrong(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(["init", "new.yaml", "--from", "other.yaml", "--concurrency", "many"]) == Status.BAD_INPUT
    assert ended(["init", "new.yaml", "--from", "other.yaml", "--errors", "99.9%"]) == Status.BAD_INPUT
    assert not (folder / "new.yaml").exists()


def test_init_asks_which_of_several_targets(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(["init", "new.yaml", "--from", "."]) == Status.BAD_INPUT
    assert "there are: other, shop" in capsys.readouterr().err
    assert ended(["init", "new.yaml", "--from", ".", "--target", "shop"]) == Status.DONE
    assert load("new.yaml").name == "shop"


def test_init_asks_in_a_terminal_only_what_manifests_do_not_know(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def prompt(question: str, default: str | None = None, err: bool = False) -> str | None:
        asked.append(question)
        return "7/s" if "peak" in question else default

    monkeypatch.setattr("sim.cli.init.click.prompt", prompt)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    assert ended(["init", "new.yaml", "--from", "other.yaml"]) == Status.DONE
    text = (folder / "new.yaml").read_text()
    assert not any("pods does it run" in each or "called" in each for each in asked)
    assert len(asked) == 7
    assert "peak: 7/s" in text
    assert text.count("# your answer") == 1
