"""Known incidents and their cures, each played a few times: what the file expects must come true, all of it."""

from pathlib import Path

import pytest

import sim

INCIDENTS = sorted((Path(__file__).parents[2] / "scenarios" / "incidents").glob("*.yaml"))


def test_the_incidents_are_there() -> None:
    assert len(INCIDENTS) >= 24


@pytest.mark.parametrize("file", INCIDENTS, ids=lambda file: file.stem)
def test_the_incident_happens_as_its_file_expects(file: Path, tmp_path: Path) -> None:
    study = sim.run(file, results=tmp_path, workers=1)
    told = [(each.text, each.status, each.value) for each in study.findings.criteria]
    assert told
    assert [line for line in told if line[1] != "ok"] == []
