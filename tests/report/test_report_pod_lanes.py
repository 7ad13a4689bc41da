"""Pods as lanes: as many stand in the picture as the cluster counted, at every moment."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.journal import Event, Gauge, Journal
from sim.measures.stairs import stairs
from sim.replication import replicate
from sim.report.pod_lanes import State, lanes, summary
from sim.scenario import load
from sim.scenario.resolved import Scenario
from sim.versions import NEW, STABLE

SECOND = 10**9
FILE = Path(__file__).parents[2] / "scenarios" / "crash-loop.yaml"


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load(FILE)


def journal(*told: tuple[float, str], who: str = "new/0") -> Journal:
    found = Journal()
    found.events += [Event(at=round(at * SECOND), kind="pod", who=who, what=what) for at, what in told]
    return found


def states(of: Journal, end: float = 100.0) -> list[tuple[float, float, str]]:
    return [(span.start, span.end, span.state.value) for span in lanes(of, end)[0].spans]


def test_there_are_as_many_lanes_at_every_moment_as_the_cluster_counted_pods(scenario: Scenario) -> None:
    end = scenario.study.horizon / SECOND
    for strategy in scenario.strategies:
        for case in ("good", scenario.release.defects[0].name):
            played = replicate(scenario, strategy=strategy.name, case=case, index=0, story=True).journal
            assert played is not None, "a story was asked for"
            found = lanes(played, end)
            for version, gauge in ((STABLE, Gauge.PODS_STABLE), (NEW, Gauge.PODS_NEW)):
                counted = stairs(played, gauge, scenario.study.horizon)
                for moment in np.linspace(0.5, end - 0.5, 97):
                    own = [lane for lane in found if lane.version == version]
                    shown = sum(any(span.start <= moment < span.end for span in lane.spans) for lane in own)
                    place = int(np.searchsorted(counted.at, moment * SECOND, side="right")) - 1
                    assert shown == counted.value[place], f"{strategy.name}, {case}, {version} at {moment} s"


def test_pods_of_a_fix_have_lanes_of_their_own() -> None:
    found = lanes(journal((1, "scheduled to node 2"), (9, "starting"), (20, "ready"), who="fixed/0"), 100.0)
    assert [(lane.name, lane.version, lane.spans[-1].state) for lane in found] == [("fixed/0", STABLE, State.READY)]


def test_a_pod_that_waits_for_connections_is_not_ready() -> None:
    life = journal((1, "scheduled to node 2"), (9, "starting"), (20, "waits for connections: db has 0 of 9 left"))
    assert states(life)[-1] == (20.0, 100.0, "not ready")


def test_a_life_is_told_state_by_state() -> None:
    life = journal((1, "pending: no room"), (4, "scheduled to node 2"), (9, "starting"), (20, "ready"), (50, "SIGTERM"),
                   (52, "not ready"), (60, "gone"))  # fmt: skip
    assert states(life) == [
        (1.0, 4.0, "pending"), (4.0, 9.0, "pulling images"), (9.0, 20.0, "starting"), (20.0, 50.0, "ready"),
        (50.0, 60.0, "terminating"),
    ]  # fmt: skip


def test_a_pod_first_heard_of_late_has_stood_ready_until_then() -> None:
    assert states(journal((30, "told to go"), (35, "gone"), who="stable/3"))[0] == (0.0, 30.0, State.READY.value)


def test_a_container_that_ends_is_marked_even_if_it_starts_again_at_once() -> None:
    lane = lanes(journal((0, "pulling images"), (5, "ready"), (8, "crashed: leak"), (8, "starting")), 20.0)[0]
    assert lane.crashes == [8.0]
    assert summary([lane]) == "1 pod, of which 1 crashed"


def test_nothing_lies_beyond_the_end_of_the_axis() -> None:
    assert states(journal((0, "pulling images"), (5, "ready"), (30, "not ready")), end=20.0)[-1] == (5.0, 20.0, "ready")
