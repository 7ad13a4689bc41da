"""`check` says so when one replication is long, before anybody waits for it."""

from __future__ import annotations

import pytest

from sim.report import fleet
from sim.scenario import from_text
from sim.scenario.arithmetic import fleet_arithmetic

ONE_HOUR = """
rollrisk: 1
service: {replicas: 4, concurrency: 5, pod: {app: {start: 5s}}}
traffic: {streams: {web: {peak: RATE, work: 100ms}}}
nodes: {count: 2, cpu: 4, memory: 16Gi}
release: {baseline_errors: 0.1%, change_failure_rate: 8%, defects: {errors: {share: 100%, kind: error_rate, rate: 5%}}}
oncall: {notices_at: 2%, reacts: 10m}
strategies: {all-at-once: {kind: recreate}}
study: {horizon: 1h}
"""


@pytest.mark.parametrize(
    ("rate", "told"), [("100/s", ""), ("20000/s", "about 25 s of a core"), ("1000000/s", "about 22 min of a core")]
)
def test_a_replication_of_more_than_some_seconds_says_how_long_it_takes(rate: str, told: str) -> None:
    scenario = from_text(ONE_HOUR.replace("RATE", rate))
    line = list(fleet.lines(fleet_arithmetic(scenario), scenario))[-1]
    assert told in line
    assert ("of a core" in line) == bool(told)


@pytest.mark.parametrize(
    ("asks", "told"),
    [("cpu: 0, memory: 0, ", "any number fits on a node"), ("cpu: 1, memory: 1Gi, ", "4 pods fit on a node")],
)
def test_how_many_pods_fit_is_told_where_they_ask_for_something(asks: str, told: str) -> None:
    scenario = from_text(ONE_HOUR.replace("RATE", "100/s").replace("app: {", f"app: {{{asks}"))
    said = " ".join(fleet.lines(fleet_arithmetic(scenario), scenario))
    assert told in said
    assert "1000000" not in said
