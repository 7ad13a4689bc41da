"""Incidents of metrics and of those who read them, each played a few times: the disease shows, and so does its cure."""

from pathlib import Path

import pytest

import sim

FOLDER = Path(__file__).parents[2] / "scenarios" / "incidents"
INCIDENTS = (
    "f12-monitoring-outage",
    "f18-node-loss-cured",
    "f26-correlated-noise",
    "f26-correlated-noise-cured",
    "f34-wrong-series",
)


@pytest.mark.parametrize("name", INCIDENTS)
def test_the_incident_of_metrics_happens_as_its_file_expects(name: str, tmp_path: Path) -> None:
    study = sim.run(FOLDER / f"{name}.yaml", results=tmp_path, workers=1)
    told = [(each.text, each.status, each.value) for each in study.findings.criteria]
    assert told
    assert [line for line in told if line[1] != "ok"] == []
