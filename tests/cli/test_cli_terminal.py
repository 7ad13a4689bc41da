"""What reaches a terminal: no control character of a name, and no more done than was asked for."""

from __future__ import annotations

import pytest

from sim.cli.console import say
from sim.cli.progress import Watch
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


def test_control_characters_of_whatever_is_said_never_reach_the_terminal(capsys: Capture) -> None:
    say("calm\x1b[2J\x9b31m service\nnext\tline")
    assert (
        capsys.readouterr().out == "calm\N{REPLACEMENT CHARACTER}[2J\N{REPLACEMENT CHARACTER}31m service\nnext\tline\n"
    )
