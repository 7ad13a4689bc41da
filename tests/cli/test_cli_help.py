"""``rollrisk --help`` says in one whole line what each verb is for."""

from __future__ import annotations

import pytest

from sim.cli.main import VERBS, ended

NARROW = 80


def test_every_verb_stands_on_one_whole_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(["--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for verb, purpose in VERBS.items():
        assert any(line.split() == [verb, *purpose.split()] for line in lines), verb
    assert max(len(line) for line in lines) <= NARROW
