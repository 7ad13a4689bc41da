"""Incidents of pods, endpoints and switches, each played a few times: the disease shows, and so does its cure."""

from pathlib import Path

import pytest

import sim

FOLDER = Path(__file__).parents[2] / "scenarios" / "incidents"
INCIDENTS = (
    "connections-exhausted",
    "connections-exhausted-cured",
    "f01-endpoint-lag",
    "f01-endpoint-lag-cured",
    "f02-switch-before-known",
    "f03-old-fleet-gone-too-soon",
    "f16-autoscaler-overshoot",
    "f17-no-room",
    "f27-cold-rollback",
    "f28-warm-up-bias",
)


@pytest.mark.parametrize("name", INCIDENTS)
def test_the_incident_of_pods_happens_as_its_file_expects(name: str, tmp_path: Path) -> None:
    study = sim.run(FOLDER / f"{name}.yaml", results=tmp_path, workers=1)
    told = [(each.text, each.status, each.value) for each in study.findings.criteria]
    assert told
    assert [line for line in told if line[1] != "ok"] == []
