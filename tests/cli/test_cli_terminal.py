"""What reaches a terminal: no control character of a name, and no more done than was asked for."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from sim.cli.console import say
from sim.cli.progress import Watch, progress_bar, seconds_left
from sim.cli.whole import Whole
from sim.study.collect import Progress, Stage

Capture = pytest.CaptureFixture[str]


def progress(**changed: object) -> Progress:
    usual = {
        "stage": Stage.PILOT, "played": 0, "reused": 284, "wanted": 150, "most": 9000, "requests": 0, "seconds": 0.0,
        "each": 0.0, "asked": "±10 %", "reached": "", "ratio": float("inf"),
    }  # fmt: skip
    return Progress(**{**usual, **changed})  # type: ignore[arg-type]


def test_a_study_that_was_larger_before_is_not_told_as_more_than_all(capsys: Capture) -> None:
    with Watch("checkout") as watch:
        watch(progress())
    assert "150 of 150 replications (284 reused)" in capsys.readouterr().err


def test_of_several_studies_a_line_also_tells_how_far_all_of_them_are(capsys: Capture) -> None:
    whole = Whole(studies=3)
    with Watch("first", whole=whole) as watch:
        watch(progress(played=100, reused=0, seconds=10.0, pace=10.0))
    with Watch("second", whole=whole) as watch:
        watch(progress(played=50, reused=0, seconds=5.0, pace=10.0))
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("1 of 3: first: pilot, 100 of 150 replications;")
    assert "all studies: 100 played" in first
    assert "all studies: 150 played" in second
    assert "left" not in first.partition("all studies")[2], "nobody can know before one has ended"
    assert "left" in second.partition("all studies")[2]


def test_time_left_for_all_lies_between_the_shortest_and_the_longest_study_so_far() -> None:
    whole = Whole(studies=5, took=[20.0, 60.0])
    assert whole.left((10.0, 100.0)) == (10.0 + 2 * 20.0, 100.0 + 2 * 60.0)
    assert Whole(studies=1).left((10.0, 100.0)) == (10.0, 100.0)


def test_half_a_minute_of_compiling_is_not_taken_for_the_pace() -> None:
    """One replication in the first 30 s, 20 in the next two: what is left takes seconds and not an hour."""
    assert seconds_left(progress(played=1, reused=0, seconds=30.0)) is None
    assert seconds_left(progress(played=21, reused=0, seconds=32.0, pace=10.0, most=1021)) == (12.9, 100.0)


@pytest.mark.parametrize("stage", [Stage.MET, Stage.CAPPED])
def test_nothing_is_left_of_a_study_that_has_ended(stage: Stage) -> None:
    assert seconds_left(progress(stage=stage, played=100, seconds=5.0, pace=20.0)) == (0.0, 0.0)


def test_a_bar_on_a_narrow_terminal_stays_on_its_line() -> None:
    screen = Console(width=80, force_terminal=True, file=StringIO(), legacy_windows=False)
    with progress_bar(screen) as bar:
        bar.add_task("all studies", total=20, counted="7/20", what="12,345 played, 41.2/s, 3m10s to 1h12m left")
        bar.add_task("a study with a long name a…", total=9, counted="1,234/9,000", what="±2.4 x asked, 40/s, 2m left")
        lines = screen.render_lines(bar.get_renderable())
    assert len(lines) == 2


def test_control_characters_of_whatever_is_said_never_reach_the_terminal(capsys: Capture) -> None:
    say("calm\x1b[2J\x9b31m service\nnext\tline")
    assert (
        capsys.readouterr().out == "calm\N{REPLACEMENT CHARACTER}[2J\N{REPLACEMENT CHARACTER}31m service\nnext\tline\n"
    )
