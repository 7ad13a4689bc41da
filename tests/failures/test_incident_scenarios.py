"""Known incidents, each played a few times: what the file expects must come true, for the disease and for its cure."""

from pathlib import Path

import pytest

import sim

FOLDER = Path(__file__).parents[2] / "scenarios" / "incidents"
INCIDENTS = (
    "f06-stuck-rollout",
    "f07-bad-but-ready",
    "f08-small-canary",
    "f15-autoscaler-runaway",
    "f18-node-loss",
    "f19-out-of-memory",
    "f22-retries-mask",
)


@pytest.mark.parametrize("name", INCIDENTS)
def test_the_incident_happens_as_its_file_expects(name: str, tmp_path: Path) -> None:
    study = sim.run(FOLDER / f"{name}.yaml", results=tmp_path, workers=1)
    told = [(each.text, each.status, each.value) for each in study.findings.criteria]
    assert told
    assert [line for line in told if line[1] != "ok"] == []
