"""A full disk ends a run with one sentence and loses nothing of what was stored."""

from __future__ import annotations

from pathlib import Path

import pytest
import soak_disk
import soak_flips

from sim.cli.main import ended
from sim.cli.status import Status
from sim.study import soundness


def test_a_disk_full_at_some_writes_loses_no_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hits = soak_disk.full_at_every_write(tmp_path, monkeypatch, every=23)
    assert all(hits.values()), hits


@pytest.mark.verify
def test_a_disk_full_at_any_write_loses_no_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hits = soak_disk.full_at_every_write(tmp_path, monkeypatch)
    assert all(hits.values()), hits


@pytest.mark.verify
def test_a_small_file_system_that_is_really_full_loses_no_byte(tmp_path: Path) -> None:
    assert any("exit 2" in each for each in soak_disk.really_full(tmp_path))


def test_a_report_that_the_disk_does_not_take_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = soak_flips.finished(tmp_path / "results")
    before = (folder / "report.html").read_bytes()
    full = soak_disk.Full(monkeypatch)
    for steps in (1, 14):
        full.after(steps)
        assert ended(["report", str(folder)]) == Status.BAD_INPUT
        assert "No space left on device" in capsys.readouterr().err
        full.emptied()
        assert (folder / "report.html").read_bytes() == before
        assert not [each for each in soundness.verified(folder) if each.is_wrong]
        assert not list(folder.glob(".*.tmp"))
