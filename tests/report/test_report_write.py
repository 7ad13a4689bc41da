"""What writing a report does beside the report."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
import sample

from sim.report import write


def test_a_report_that_fails_leaves_the_collector_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def failing(*_: object) -> None:
        seen.append(gc.isenabled())
        raise OSError("no room")

    monkeypatch.setattr(write, "fleet_arithmetic", lambda scenario: None)  # the sample's service has no kinds
    monkeypatch.setattr(write, "sentence", lambda arithmetic, scenario: "A fleet.")
    monkeypatch.setattr(write, "plots", failing)
    with pytest.raises(OSError, match="no room"):
        write.write_report(sample.findings(), sample.frame(), [], tmp_path)
    assert (seen, gc.isenabled()) == ([False], True)
