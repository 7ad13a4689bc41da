"""Cases from the rollout tools' own test suites, where they are present beside the repository."""

import json
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2].parent / "shared" / "peer_cases"


def cases(name: str) -> Any:
    """Parameters of a test: the cases of a file, or one that is skipped and says why."""
    path = FOLDER / f"{name}.json"
    if not path.exists():
        return [pytest.param({}, marks=pytest.mark.skip(reason=f"{path} is not there"))]
    found = json.loads(path.read_text())["cases"]
    return [pytest.param(case, id=f"{name}-{place}") for place, case in enumerate(found)]
