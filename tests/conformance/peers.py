"""Cases of the real controllers' own test suites, read where they lie beside this repository."""

import json
from pathlib import Path
from typing import Any

import pytest

PEER_CASES = Path(__file__).parents[3] / "shared" / "peer_cases"
SECOND = 10**9


def cases(name: str, *functions: str) -> list[Any]:
    """The cases of a topic, of some functions or all; one that is skipped, saying so, where there are none."""
    path = PEER_CASES / f"{name}.json"
    if not path.exists():
        missing = pytest.mark.skip("the cases of the real controllers are not beside this repository")
        return [pytest.param({}, marks=missing)]
    found = json.loads(path.read_text(encoding="utf-8"))["cases"]
    return [case for case in found if not functions or case["fn"] in functions]


def nanoseconds(seconds: float | None) -> int | None:
    """Seconds as written in a case."""
    return None if seconds is None else round(seconds * SECOND)
