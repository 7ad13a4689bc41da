"""``rollrisk prior`` and ``rollrisk calibrate``, as they are typed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from test_release_history import HEADER, SHOP, bad

from sim.cli.main import ended
from sim.cli.status import Status
from sim.scenario import load

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop.yaml").write_text(SHOP)
    rows = [bad("bug" if n % 3 else "oom", end=str(10 + 3 * n), errors=f"{1 + n}%") for n in range(9)]
    (tmp_path / "releases.csv").write_text("\n".join([HEADER, *rows, *["2026-02-01,good"] * 51]) + "\n")
    return tmp_path


def test_the_published_rate_is_shown_with_its_source(capsys: Capture) -> None:
    assert ended(["prior"]) == Status.DONE
    out = capsys.readouterr().out
    assert "19 %" in out
    assert "DORA quick check 2025" in out


def test_prior_list_and_both_stand_beside_what_the_scenario_says(folder: Path, capsys: Capture) -> None:
    assert ended(["prior", str(folder / "shop.yaml"), "--from", str(folder / "releases.csv")]) == Status.DONE
    out = " ".join(capsys.readouterr().out.split())
    assert "your list 15 % 9 of 60 releases were bad" in out
    assert "your scenario 20%" in out
    assert "one in twenty above" in out


def test_the_json_holds_the_same(folder: Path, capsys: Capture) -> None:
    assert ended(["prior", "--from", str(folder / "releases.csv"), "--json"]) == Status.DONE
    found = json.loads(capsys.readouterr().out)
    assert (found["releases"], found["bad"]) == (60, 9)
    assert found["posterior"]["mean"] == pytest.approx(9.47 / 62.49)


def test_a_scenario_is_written_anew_and_plays(folder: Path, capsys: Capture) -> None:
    new = folder / "new.yaml"
    asked = ["calibrate", str(folder / "shop.yaml"), "--from", str(folder / "releases.csv"), "-o", str(new)]
    assert ended(asked) == Status.DONE
    assert "What the list cannot say:" in capsys.readouterr().out
    assert load(new).release.change_failure_rate == pytest.approx(0.15, abs=0.005)
    assert [each.name for each in load(new).release.defects] == ["bug", "oom"]
    assert (folder / "shop.yaml").read_text() == SHOP
    assert ended(asked) == Status.BAD_INPUT  # it is there already


def test_without_a_file_to_write_the_answer_is_the_scenario_alone(folder: Path, capsys: Capture) -> None:
    assert ended(["calibrate", str(folder / "shop.yaml"), "--from", str(folder / "releases.csv")]) == Status.DONE
    told = capsys.readouterr()
    assert told.out.startswith("rollrisk: 1\n")
    assert "What the list cannot say:" in told.err


def test_defects_that_other_parts_name_stay_and_it_says_why(folder: Path, capsys: Capture) -> None:
    named = SHOP.replace("{kind: blue_green}", "{kind: blue_green, smoke_test: {lasts: 1m, catches: {errors: 30%}}}")
    (folder / "shop.yaml").write_text(named)
    assert ended(["calibrate", str(folder / "shop.yaml"), "--from", str(folder / "releases.csv")]) == Status.DONE
    told = capsys.readouterr()
    assert "errors: {share: 100%, kind: error_rate, rate: 20%}" in told.out
    assert "The scenario's own defects stay" in told.err


def test_a_scenario_that_is_handed_over_is_read_once(folder: Path) -> None:
    reads, writes = os.pipe()
    os.write(writes, SHOP.encode())
    os.close(writes)
    asked = ["calibrate", f"/dev/fd/{reads}", "--from", str(folder / "releases.csv"), "-o", str(folder / "new.yaml")]
    try:
        assert ended(asked) == Status.DONE
    finally:
        os.close(reads)
    assert (folder / "new.yaml").read_text().startswith("rollrisk: 1\n")


def test_what_would_not_be_found_from_the_new_place_is_told_and_nothing_is_written(
    folder: Path, capsys: Capture
) -> None:
    (folder / "base.yaml").write_text("slo: {success: 99%}\n")
    (folder / "shop.yaml").write_text(SHOP + "extends: base.yaml\n")
    (folder / "other").mkdir()
    new = folder / "other" / "new.yaml"
    asked = ["calibrate", str(folder / "shop.yaml"), "--from", str(folder / "releases.csv"), "-o", str(new)]
    assert ended(asked) == Status.BAD_INPUT
    assert "extends" in capsys.readouterr().err
    assert not new.exists()


def test_nobody_is_put_on_call_where_nobody_is(folder: Path, capsys: Capture) -> None:
    line = next(line for line in SHOP.splitlines() if line.startswith("oncall"))
    (folder / "shop.yaml").write_text(SHOP.replace(line, "oncall: none"))
    assert ended(["calibrate", str(folder / "shop.yaml"), "--from", str(folder / "releases.csv")]) == Status.DONE
    assert "oncall: none" in capsys.readouterr().out


def test_a_list_with_faults_names_their_lines(folder: Path, capsys: Capture) -> None:
    (folder / "releases.csv").write_text("result\ngood\nmaybe\n")
    assert ended(["prior", "--from", str(folder / "releases.csv")]) == Status.BAD_INPUT
    assert "releases.csv:3:1: result: 'maybe'" in capsys.readouterr().err


def test_bounds_that_cross_are_refused(folder: Path, capsys: Capture) -> None:
    asked = ["prior", "--from", str(folder / "releases.csv"), "--noticed-above", "30%", "--stopped-above", "20%"]
    assert ended(asked) == Status.BAD_INPUT
    assert "must be less than" in capsys.readouterr().err
