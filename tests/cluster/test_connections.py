"""Connections to dependencies run out: who finds none left waits unready or crashes, and who ends gives them back."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sim.cli.pods import watched
from sim.cluster.pod import Phase
from sim.errors import ScenarioError
from sim.failures.more_connections import MoreConnections
from sim.journal import Gauge
from sim.scenario import from_text
from sim.scenario.resolved import Dependency, Nodes, Probe, Shutdown
from sim.steps import Decision
from sim.strategies.rolling import Rolling
from sim.versions import NEW, STABLE
from sim.world import Answers

sys.path.insert(0, str(Path(__file__).parent))
from scenes import MINUTE, SECOND, Scene, after, container, scenario, service

written = """
rollrisk: 1
service: {replicas: 4, concurrency: 2, pod: {app: {start: 5s}}}
nodes: {count: 2, cpu: 4, memory: 8Gi}
dependencies: {db: {connections: 99, per_pod: 9}}
traffic: {streams: {web: {peak: 10/s, work: {p50: 5ms, p95: 9ms}}}}
release: {baseline_errors: 0%, change_failure_rate: 5%, defects: {pools: DEFECT}}
oncall: none
strategies: {rolling: rolling}
"""


def leaning(
    connections: int, strategy: Any = None, *, beyond: str = "unready", per_pod: int = 10, **words: Any
) -> Scene:
    """Four pods, ten connections each, on a database that has so many."""
    database = Dependency(name="db", connections=connections, per_pod=per_pod, beyond=beyond)
    return Scene(replace(scenario(running=service(4, **words)), dependencies=(database,)), strategy=strategy)


def rolling(surge: int | str, unavailable: int | str) -> Rolling:
    return Rolling.model_validate({"surge": surge, "unavailable": unavailable})


def grown(scene: Scene, pods: int) -> Scene:
    scene.play(0)
    scene.cluster.fleets[NEW].scale(pods)
    return scene


@pytest.mark.parametrize(("more", "failing"), [(0, 0.0), (1, 1 - 45 / 50), (5, 1 - 45 / 90)])
def test_where_everyone_shares_the_want_calls_of_old_and_new_pods_fail_in_proportion(more: int, failing: float) -> None:
    scene = grown(leaning(45, beyond="everyone"), more)
    scene.play(MINUTE)
    assert all(pod.ready for pod in scene.pods(NEW))
    chance = scene.world.columns.versions.error_chance[:, 0]
    assert chance.tolist() == [pytest.approx(failing), pytest.approx(failing)]
    scene.cluster.fleets[NEW].scale(0)
    scene.play(2 * MINUTE)
    assert chance.tolist() == [0.0, 0.0]


def test_a_pod_beyond_the_limit_listens_and_is_not_ready() -> None:
    scene = grown(leaning(45), 1)
    scene.play(MINUTE)
    (pod,) = scene.pods(NEW)
    assert (pod.phase, pod.running, pod.ready) == (Phase.CONNECTING, True, False)
    assert scene.world.columns.pods.answers[pod.place] == Answers.REFUSES
    assert (5.0, "waits for connections: db has 5 of 45 left, a pod needs 10") in scene.story("new/0")


def test_exactly_as_many_connections_as_are_needed_are_enough() -> None:
    scene = grown(leaning(50), 1)
    scene.play(MINUTE)
    assert scene.pods(NEW)[0].ready


def test_without_connections_of_its_own_a_pod_needs_none() -> None:
    scene = grown(leaning(1, per_pod=0), 1)
    scene.play(MINUTE)
    assert scene.pods(NEW)[0].ready


def test_a_pod_tries_again_at_its_readiness_probe_once_some_are_free() -> None:
    scene = grown(leaning(40), 1)
    scene.play(23 * SECOND)
    scene.cluster.fleets[STABLE].scale(3)  # its process ends at once: nothing is in it
    scene.play(29 * SECOND)
    assert scene.pods(NEW)[0].phase is Phase.CONNECTING
    scene.play(30 * SECOND)  # started at 0, probed every 10 s
    assert scene.pods(NEW)[0].ready


def test_a_pod_that_terminates_keeps_its_connections_until_its_process_ends() -> None:
    scene = grown(leaning(40, shutdown=Shutdown(pre_stop=20 * SECOND, grace=30 * SECOND)), 1)
    scene.play(6 * SECOND)
    scene.cluster.fleets[STABLE].scale(3)
    scene.play(25 * SECOND)
    assert scene.pods(NEW)[0].phase is Phase.CONNECTING
    scene.play(30 * SECOND)  # preStop ended at 26 s
    assert scene.pods(NEW)[0].ready


def test_two_that_wait_share_what_one_gives_back_by_turns() -> None:
    scene = grown(leaning(40), 2)
    scene.play(6 * SECOND)
    scene.cluster.fleets[STABLE].scale(3)
    scene.play(MINUTE)
    assert [pod.ready for pod in scene.pods(NEW)] == [True, False]
    scene.cluster.fleets[STABLE].scale(2)
    scene.play(2 * MINUTE)
    assert [pod.ready for pod in scene.pods(NEW)] == [True, True]


def test_a_process_that_will_not_wait_crashes_and_backs_off() -> None:
    scene = grown(leaning(40, beyond="crash"), 1)
    scene.play(2 * MINUTE)
    crashes = [at for at, what in scene.story("new/0") if what.startswith("crashed: no connections, db has 0 of 40")]
    assert crashes == [5.0, 10.0, 25.0, 50.0, 95.0]  # 5 s to start each time, then 0, 10, 20, 40 s of back-off


def test_what_is_free_before_the_next_restart_ends_the_crash_loop() -> None:
    scene = grown(leaning(40, beyond="crash"), 1)
    scene.play(30 * SECOND)
    scene.cluster.fleets[STABLE].scale(3)
    scene.play(2 * MINUTE)
    assert scene.pods(NEW)[0].ready
    assert scene.pods(NEW)[0].incarnation == 3


def test_a_waiting_pod_stays_alive_under_a_liveness_probe() -> None:
    probe = Probe(every=5 * SECOND, failures=3, successes=1)
    scene = grown(leaning(40, liveness=probe, startup=probe), 1)
    scene.play(5 * MINUTE)
    assert scene.pods(NEW)[0].incarnation == 0


def test_a_waiting_pod_that_is_told_to_go_goes_unready() -> None:
    scene = grown(leaning(40, shutdown=Shutdown(pre_stop=20 * SECOND, grace=30 * SECOND)), 1)
    scene.play(12 * SECOND)
    (pod,) = scene.pods(NEW)
    scene.cluster.fleets[NEW].scale(0)
    scene.play(31 * SECOND)
    assert not pod.ready
    scene.play(33 * SECOND)
    assert not scene.pods(NEW)


def test_a_crashed_process_gives_its_connections_back() -> None:
    scene = grown(leaning(40), 1)
    scene.play(6 * SECOND)
    scene.cluster._lifecycle.processes.die(scene.pods(STABLE)[0], "for the test")
    scene.play(10 * SECOND)
    assert scene.pods(NEW)[0].ready
    scene.play(MINUTE)
    assert scene.pods(STABLE)[0].phase is Phase.CONNECTING  # it came back second


def test_a_fleet_that_never_found_enough_starts_with_what_there_is() -> None:
    scene = leaning(35)
    scene.play(0)
    assert [pod.ready for pod in scene.pods(STABLE)] == [True, True, True, False]


def test_a_surge_that_needs_more_than_is_left_stops_the_rollout_at_its_first_pod() -> None:
    scene = leaning(45, rolling(1, 0))
    scene.play(30 * MINUTE)
    assert scene.journal.decision is Decision.STUCK
    assert [len(scene.pods(version)) for version in (STABLE, NEW)] == [4, 1]


def test_going_down_before_going_up_needs_no_more_than_the_fleet() -> None:
    scene = leaning(40, rolling(0, 1))
    scene.play(30 * MINUTE)
    assert scene.journal.decision is Decision.PROMOTED
    assert scene.cluster.fleets[NEW].available == 4


def test_what_is_asked_for_beyond_the_limit_shows_in_the_gauge() -> None:
    scene = grown(leaning(40), 2)
    scene.play(MINUTE)
    assert scene.gauge(Gauge.CONNECTIONS)[-1][1] == 60


def test_the_dependency_that_runs_out_first_refuses() -> None:
    wide = Dependency(name="wide", connections=1000, per_pod=20)
    narrow = Dependency(name="narrow", connections=4, per_pod=1)
    scene = grown(Scene(replace(scenario(running=service(4)), dependencies=(wide, narrow))), 1)
    scene.play(MINUTE)
    assert scene.story("new/0")[-1][1] == "waits for connections: narrow has 0 of 4 left, a pod needs 1"


def test_a_lost_machine_frees_what_its_pods_held() -> None:
    small = Nodes(count=5, cpu=100, memory=10**9, os="linux", pull=1e8)
    database = Dependency(name="db", connections=40, per_pod=10)
    scene = grown(Scene(replace(scenario(running=service(4), nodes=small), dependencies=(database,))), 1)
    scene.play(6 * SECOND)
    scene.cluster._lifecycle.lose_machine(scene.pods(STABLE)[0])
    scene.play(10 * SECOND)
    assert scene.pods(NEW)[0].ready


def test_whoever_watches_sees_a_pod_that_runs_and_is_not_ready() -> None:
    scene = grown(leaning(40), 1)
    scene.play(MINUTE)
    rows = [cells for _, cells in watched(scene.journal.events) if cells[0] == "new/0"]
    assert rows[-1][1:3] == ("0/1", "Running")


def larger(connections: int, **words: Any) -> Scene:
    """A new version whose pods open so many more."""
    more = MoreConnections.model_validate({"extra": 10} | words)
    databases = (
        Dependency(name="db", connections=connections, per_pod=10),
        Dependency(name="log", connections=99, per_pod=1),
    )
    return grown(Scene(replace(scenario(running=service(4)), dependencies=databases), failure=more), 2)


def test_a_new_version_with_larger_pools_takes_more_of_what_is_left() -> None:
    scene = larger(79)
    scene.play(MINUTE)
    assert [pod.ready for pod in scene.pods(NEW)] == [True, False]  # 4 x 10 and 20 are held
    assert scene.story("new/1")[-1][1] == "waits for connections: db has 19 of 79 left, a pod needs 20"
    assert scene.gauge(Gauge.CONNECTIONS)[-1][1] == 80


def test_larger_pools_may_be_of_one_dependency_alone() -> None:
    scene = larger(60, dependency="log")
    scene.play(MINUTE)
    assert [pod.ready for pod in scene.pods(NEW)] == [True, True]
    assert [scene.cluster.pools.held(each) for each in scene.scenario.dependencies] == [60, 4 + 2 * 11]


def test_a_process_that_runs_keeps_the_pool_it_has_opened() -> None:
    scene = larger(200, lasts="20s")
    scene.play(MINUTE)
    assert scene.cluster.pools.held(scene.scenario.dependencies[0]) == 80
    scene.cluster._lifecycle.processes.die(scene.pods(NEW)[0], "for the test")
    scene.play(2 * MINUTE)
    assert scene.cluster.pools.held(scene.scenario.dependencies[0]) == 70


def test_larger_pools_of_nothing_are_refused() -> None:
    text = written.replace("DEFECT", "{share: 100%, kind: more_connections, extra: 5, dependency: bd}")
    with pytest.raises(ScenarioError, match="there is no dependency with per_pod 'bd'"):
        from_text(text)
    with pytest.raises(ScenarioError, match="pods hold connections of nothing"):
        from_text(text.replace(", dependency: bd", "").replace("dependencies: {db: {connections: 99, per_pod: 9}}", ""))


@pytest.mark.parametrize("beyond", ["unready", "crash"])
def test_slow_and_quick_starters_never_hold_more_than_there_is(beyond: str) -> None:
    database = Dependency(name="db", connections=55, per_pod=10, beyond=beyond)
    running = service(4, containers=(container(start=after("7s")),))
    scene = Scene(replace(scenario(running=running), dependencies=(database,)), strategy=rolling("50%", "25%"))
    for second in range(0, 600):
        scene.play(second * SECOND)
        holders = [
            pod
            for version in (STABLE, NEW)
            for pod in scene.pods(version)
            if pod.running and pod.serving_since <= scene.clock.now
        ]
        assert len(holders) <= 5
        assert scene.cluster.pools.held(database) >= 10 * len(holders)
        assert scene.cluster.pools.held(database) <= 55
    assert scene.journal.decision is Decision.PROMOTED
