"""Starting the page: what is refused before anything listens, and what it says then."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from asking import small_folder

from sim.cli.main import ended
from sim.cli.status import Status
from sim.serve import running


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.org"])
def test_an_address_that_others_reach_must_be_meant(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(["serve", ".", "--host", host, "--port", "0"]) == Status.BAD_INPUT
    assert "--expose" in capsys.readouterr().err


def test_a_port_that_is_taken_is_told_with_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    taken = running.bound("127.0.0.1", 0)
    try:
        port = str(taken.getsockname()[1])
        assert ended(["serve", str(small_folder(tmp_path)), "--port", port]) == Status.BAD_INPUT
    finally:
        taken.close()
    assert "choose another with --port" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(["serve", str(tmp_path / "nothing")]) == Status.BAD_INPUT
    assert "no such file or folder" in capsys.readouterr().err


def test_without_its_extra_it_says_the_one_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert ended(["serve", str(small_folder(tmp_path))]) == Status.BAD_INPUT
    assert "pip install 'rollrisk[web]'" in capsys.readouterr().err
