"""``rollrisk init`` writes a scenario that can be run at once, from questions or from options."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from sim.cli.main import ended
from sim.cli.status import Status
from sim.scenario import from_text, load
from sim.scenario.arithmetic import fleet_arithmetic
from sim.scenario.starter import QUESTIONS, Answers, starter

pytestmark = pytest.mark.usefixtures("undrawn")
TOLD = {"replicas": "8", "peak": "100", "median": "80ms", "slow": "300ms", "errors": "0.05", "bad": "4-15%"}
OPTIONS = [part for name, value in TOLD.items() for part in (f"--{name}", value)]


def test_options_alone_give_a_scenario_that_says_what_was_told(tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    assert ended(["init", str(file), "--name", "shop", *OPTIONS]) == Status.DONE
    found = load(file)
    assert (found.name, found.service.replicas, found.traffic.streams[0].peak) == ("shop", 8, 100.0)
    assert found.release.baseline_errors == pytest.approx(0.0005)
    (ranged,) = found.ranges
    assert (ranged.low, ranged.likely, ranged.high) == ("4%", "9.5%", "15%")


def test_a_service_without_a_name_is_called_like_its_file(tmp_path: Path) -> None:
    file = tmp_path / "basket.yaml"
    assert ended(["init", str(file), *OPTIONS]) == Status.DONE
    assert load(file).name == "basket"


def test_what_only_the_author_knows_is_never_guessed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "shop.yaml"
    assert ended(["init", str(file), "--peak", "100/s"]) == Status.BAD_INPUT
    told = capsys.readouterr().err
    assert "--replicas 8" in told
    assert "--bad 8%" in told
    assert "--peak" not in told
    assert not file.exists()


def test_a_file_that_is_there_is_kept_unless_told_otherwise(tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text("mine")
    assert ended(["init", str(file), *OPTIONS]) == Status.BAD_INPUT
    assert file.read_text() == "mine"
    assert ended(["init", str(file), "--force", *OPTIONS]) == Status.DONE


@pytest.mark.parametrize(("name", "value"), [("replicas", "0"), ("median", "soon"), ("bad", "120%"), ("bad", "a-b")])
def test_an_answer_that_no_scenario_allows_is_told_and_nothing_is_written(
    name: str, value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "shop.yaml"
    assert ended(["init", str(file), *OPTIONS, f"--{name}", value]) == Status.BAD_INPUT
    assert "nothing was written" in capsys.readouterr().err
    assert not file.exists()


@pytest.mark.parametrize("peak", ["2/s", "100", "30k/min", "800/s"])
def test_the_first_run_takes_about_a_minute_whatever_the_traffic(peak: str) -> None:
    told = TOLD | {each.field: each.guess for each in QUESTIONS if each.guess} | {"peak": peak}
    scenario = from_text(starter(Answers(**told)))
    each = fleet_arithmetic(scenario).requests_played
    cells = 1 + len(scenario.strategies) * (1 + len(scenario.release.defects))
    assert each * cells * scenario.study.cap < 600e6, "two cores play some 5 million requests a second"
    assert scenario.study.pilot >= 10


@settings(deadline=None)
@given(some.text(min_size=1, max_size=30).filter(lambda name: name.strip() and name.isprintable()))
def test_any_name_comes_through_unharmed(name: str) -> None:
    guesses = {each.field: each.guess for each in QUESTIONS if each.guess}
    assert from_text(starter(Answers(**{**guesses, **TOLD, "name": name}))).name == name


def test_in_a_terminal_it_asks_and_writes(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    file = tmp_path / "asked.yaml"
    command = [sys.executable, "-m", "sim", "init", str(file)]
    with subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        os.close(theirs)
        os.write(ours, "\n".join(["shop", "8", "100", "80ms", "300ms", "0.05%", "8%", "", "", ""]).encode())
        out, _ = run.communicate(timeout=600)
    os.close(ours)
    assert run.returncode == 0
    assert b"is written" in out
    assert load(file).release.change_failure_rate == pytest.approx(0.08)


@pytest.mark.parametrize(
    ("place", "wrong", "told"),
    [
        (1, "eight", "cannot read 'eight'"),
        (2, "fast", "as a rate"),
        (3, "80", "has no unit of time"),
        (4, "20 ms", "p95 must be greater than p50"),
        (5, "99.95%", "Write the share that fails"),
        (6, "15-4%", "low"),
    ],
)
def test_a_wrong_answer_is_told_at_once_and_asked_for_again(tmp_path: Path, place: int, wrong: str, told: str) -> None:
    """Nobody answers nine questions to learn that the second answer was wrong."""
    right = ["shop", "8", "100 rps", "80 ms", "0.3 s", "0.05%", "8%", "", "", ""]
    file = tmp_path / "asked.yaml"
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "sim", "init", str(file)]
    with subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        os.close(theirs)
        os.write(ours, "\n".join([*right[:place], wrong, *right[place:]]).encode())
        _, said = run.communicate(timeout=600)
    os.close(ours)
    assert run.returncode == 0
    assert told in said.decode()
    assert said.decode().count("e.g. 8)") == (2 if place == 1 else 1)
    assert load(file).traffic.streams[0].peak == 100


@pytest.mark.parametrize(
    ("given", "right", "told"),
    [
        (["--errors", "99.95%"], ["shop", "8", "100", "80ms", "0.3s", "0.05%", "8%", "", ""], "--errors 99.95%: "),
        (["--slow", "50ms"], ["shop", "8", "100", "80ms", "0.3s", "0.05%", "8%", "", ""], "--slow 50ms: p95 must be"),
        (["--replicas", "eight"], ["shop", "8", "100", "80ms", "0.3s", "0.05%", "8%", "", ""], "--replicas eight: "),
    ],
)
def test_a_wrong_option_is_asked_for_again_in_a_terminal(
    tmp_path: Path, given: list[str], right: list[str], told: str
) -> None:
    """Not told after the last question, with every answer lost."""
    file = tmp_path / "asked.yaml"
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "sim", "init", str(file), *given]
    with subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        os.close(theirs)
        os.write(ours, "".join(f"{each}\n" for each in right).encode())
        _, said = run.communicate(timeout=600)
    os.close(ours)
    assert told in said.decode()
    assert run.returncode == 0
    assert load(file).release.baseline_errors == pytest.approx(0.0005)


def test_a_success_rate_is_not_taken_for_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["99.95%" if option == "0.05" else option for option in OPTIONS]
    assert ended(["init", str(tmp_path / "shop.yaml"), *options]) == Status.BAD_INPUT
    assert "write the share that fails" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
