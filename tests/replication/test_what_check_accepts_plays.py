"""What check accepts plays to the end, at every edge of the schema, in both engines, inside the kernel's tables."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from edges import BASE, edged, is_light, placed
from hypothesis import HealthCheck, Phase, given, settings

from sim.errors import ScenarioError
from sim.replication import replicate
from sim.scenario import from_data

HERE = Path(__file__).parent
COMPILED, REFERENCE = 1e6, 2e4
"""Requests that are played by each engine."""
SLOW = {"share": "100%", "kind": "latency", "factor": 1000}
PLAIN = {
    **BASE,
    "strategies": {"now": {"kind": "rolling"}},
    "release": {**BASE["release"], "defects": {"slow": SLOW}},
    "study": {"horizon": "4m"},
}


def plays(data: dict[str, Any]) -> bool:
    """Whether it is accepted and was played; both engines must agree where both play."""
    try:
        scenario = from_data(data)
    except ScenarioError:
        return False
    if not is_light(scenario, COMPILED):
        return False
    case = [each for each, _ in scenario.cases()][-1]
    engines = ["compiled", "reference"] if is_light(scenario, REFERENCE) else ["compiled"]
    found = [replicate(scenario, strategy="now", case=case, index=0, engine=engine) for engine in engines]
    assert len({each.digest for each in found}) == 1, "both engines had every request end alike"
    return True


@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
@given(edged())
def test_what_is_accepted_at_an_edge_plays_to_the_end(data: dict[str, Any]) -> None:
    plays(data)


@pytest.mark.verify
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(edged())
def test_what_is_accepted_at_many_edges_plays_to_the_end(data: dict[str, Any]) -> None:
    plays(data)


@pytest.mark.parametrize(
    "changes",
    [
        {("service", "proxies"): 60},
        {("service", "pod", "app", "image"): "1000TB", ("nodes", "pull"): "1kB/s"},
        {("service", "concurrency"): 1_000_000, ("service", "queue"): 10_000_000},
        {("service", "outliers"): {"after": 1, "eject_for": "3650d", "most": "100%", "panic": "0%"}},
    ],
    ids=["many proxies", "an image without end", "slots", "ejection"],
)
def test_ends_of_ranges_that_meet_play_to_the_end(changes: dict[tuple[str, ...], Any]) -> None:
    data: Any = PLAIN
    for trail, value in changes.items():
        data = placed(data, trail, value)
    assert plays(data)


@pytest.mark.parametrize(
    "changes",
    [
        {("traffic", "streams", "web", "work"): "3650d"},
        {("traffic", "streams", "web", "work"): {"p50": "1ms", "p95": "3650d"}},
        {("dependencies", "db", "work"): "3650d", ("traffic", "streams", "web", "calls", "db"): 200},
    ],
    ids=["always", "now and then", "of calls"],
)
def test_work_beyond_what_the_clock_can_count_is_refused(changes: dict[tuple[str, ...], Any]) -> None:
    data: Any = PLAIN
    for trail, value in changes.items():
        data = placed(data, trail, value)
    with pytest.raises(ScenarioError, match=r"one after the other; allowed|too far apart for a lognormal law"):
        from_data(data)


@pytest.mark.verify
def test_a_thousand_proxies_play() -> None:
    assert plays(placed(PLAIN, ("service", "proxies"), 1000))


@pytest.mark.verify
def test_the_kernel_stays_inside_its_tables_in_shipped_scenarios_and_at_edges(tmp_path: Path) -> None:
    variables = {**os.environ, "NUMBA_BOUNDSCHECK": "1", "XDG_CACHE_HOME": str(tmp_path)}
    command = [sys.executable, str(HERE / "bounds_checked.py"), "100", "1"]
    done = subprocess.run(command, capture_output=True, text=True, env=variables, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert all(int(each) > 0 for each in done.stdout.split())
