"""The cases of Kubernetes' own tests, where they are at hand, and how they are told to our functions."""

import json
from pathlib import Path
from typing import Any

import pytest

from sim.hpa.limits import DOWN, UP, Change, Policy, Rules, Select
from sim.hpa.pods import LONG_AGO, Metric, Patience, PodPhase, PodSeen

SECOND = 10**9
NOW = 10_000 * SECOND
"""The moment at which a case is judged; ages count back from here."""
FOLDER = Path(__file__).parents[2].parent / "shared" / "peer_cases"
TESTED_PATIENCE = Patience(cpu_initialisation=120 * SECOND, initial_readiness=10 * SECOND)
"""What Kubernetes' own tests set."""


def cases(name: str) -> Any:
    """A parametrisation by the cases of a file; one skipped case where the file is absent."""
    file = FOLDER / f"{name}.json"
    if not file.exists():
        missing = pytest.param(None, marks=pytest.mark.skip(reason=f"{file} is not here"))
        return pytest.mark.parametrize("case", [missing])
    found = json.loads(file.read_text())["cases"]
    names = [f"{place}-{case.get('test') or case.get('name') or ''}" for place, case in enumerate(found)]
    return pytest.mark.parametrize("case", found, ids=names)


def ago(seconds: float | None) -> int | None:
    return None if seconds is None else NOW - round(seconds * SECOND)


def rules(written: dict[str, Any] | None, default: Rules) -> Rules:
    """Rules as the files write them: policies as [type, value, period], or one field for each type."""
    if written is None:
        return default
    listed = written.get("policies")
    if listed is None:
        pairs = (("Pods", written.get("pods")), ("Percent", written.get("percent")))
        listed = [(kind, *pair) for kind, pair in pairs if pair and all(pair)]
    policies = tuple(Policy(value, period * SECOND, percent=kind == "Percent") for kind, value, period in listed)
    window = written.get("window_s")
    chosen = Select(written.get("select") or "Max")
    return Rules(policies, default.window if window is None else window * SECOND, chosen)


def up_rules(written: dict[str, Any] | None) -> Rules:
    return rules(written, UP)


def down_rules(written: dict[str, Any] | None) -> Rules:
    return rules(written, DOWN)


def changes(written: list[list[float]] | None) -> tuple[Change, ...]:
    """Scale events given as [age, change]."""
    return tuple(Change(int(change), NOW - round(age * SECOND)) for age, change in written or ())


def pod(
    name: str,
    *,
    request: int | None,
    hot: bool = False,
    ready: bool | None = True,
    phase: str = "Running",
    deleted: bool = False,
) -> PodSeen:
    """A pod of the replica calculator's tests: hot pods have started just now, the others long ago."""
    started = NOW if hot else LONG_AGO
    return PodSeen(name, request, PodPhase(phase), deleted, ready, started, started)


def metrics(values: list[int]) -> dict[str, Metric]:
    """Fresh metrics of the first pods."""
    return {f"pod-{place}": Metric(value, NOW, 60 * SECOND) for place, value in enumerate(values)}
