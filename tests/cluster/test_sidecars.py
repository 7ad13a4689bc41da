"""Sidecars start before the apps and end after them; servers meet their SIGTERM in several ways."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from sim.cluster.containers import request_of
from sim.cluster.pod import Phase, Pod
from sim.failures.crash import Crash
from sim.scenario.resolved import Condition, Container, Nodes, Restarts, Scenario, Shutdown
from sim.versions import NEW, STABLE
from sim.world import Answers

sys.path.insert(0, str(Path(__file__).parent))
from scenes import MINUTE, SECOND, Scene, after, container, scenario, service

APP = container(start=after("5s"))
MESH = container("mesh", start=after("3s"), sidecar=True, stop=4 * SECOND)
LOGS = container("logs", start=after("2s"), sidecar=True, stop=6 * SECOND)
MIGRATE = container("migrate", cpu=50, start=after("7s"), init=True)


def with_pod(*containers: Container, kubernetes: str = "newest", **shutdown: object) -> Scenario:
    ends = Shutdown(**({"pre_stop": 0, "grace": 30 * SECOND} | shutdown))  # type: ignore[arg-type]
    nodes = Nodes(count=3, cpu=4000, memory=10**9, os="linux", pull=1e8, kubernetes=kubernetes)
    return scenario(running=service(2, containers=containers, shutdown=ends), nodes=nodes)


def serves_at(scene: Scenario) -> float:
    played = Scene(scene)
    played.play(0)
    played.cluster.fleets[NEW].scale(1)
    played.play(MINUTE)
    return next(at for at, what in played.story("new/0") if what == Phase.SERVING)


def told_to_go(scene: Scenario, requests: int = 1) -> tuple[Scene, Pod]:
    played = Scene(scene)
    played.play(0)
    pod = played.pods(STABLE)[1]
    played.hold(pod, requests)
    played.cluster.fleets[STABLE].scale(1)
    played.settle()
    return played, pod


def gone_at(scene: Scene, pod: Pod) -> float:
    return next(at for at, what in scene.story(pod.name) if what == Phase.GONE)


def test_init_containers_and_sidecars_come_one_after_another_and_the_app_after_them() -> None:
    assert serves_at(with_pod(MIGRATE, MESH, LOGS, APP)) == 7 + 3 + 2 + 5


def test_a_sidecar_without_a_startup_probe_holds_up_nobody_and_must_be_up_before_anything_serves() -> None:
    unprobed = replace(MESH, probed=False)
    assert serves_at(with_pod(MIGRATE, unprobed, APP)) == 7 + 5
    assert serves_at(with_pod(MIGRATE, replace(unprobed, start=after("9s")), APP)) == 7 + 9


def test_in_1_28_sidecars_start_with_the_apps() -> None:
    assert serves_at(with_pod(MIGRATE, MESH, LOGS, APP, kubernetes="1.28")) == 7 + 5


def test_a_sidecar_before_an_init_container_runs_beside_it_and_is_counted_with_it() -> None:
    big = replace(MIGRATE, cpu=900)
    assert request_of([MESH, big, APP]).cpu == 1000
    assert request_of([big, MESH, APP]).cpu == 900


def test_sidecars_end_after_the_app_one_after_another() -> None:
    scene, pod = told_to_go(with_pod(MESH, LOGS, APP))
    scene.play(8 * SECOND)
    scene.let_go(pod)
    scene.play(MINUTE)
    assert gone_at(scene, pod) == 8 + 6 + 4


def test_sidecars_share_the_grace_with_the_app_and_get_two_seconds_beyond_it() -> None:
    scene, pod = told_to_go(with_pod(MESH, LOGS, APP))
    scene.play(25 * SECOND)
    scene.let_go(pod)
    scene.play(MINUTE)
    assert gone_at(scene, pod) == 32.0  # logs ends first and uses the grace up, mesh has two seconds


def test_a_pod_whose_sidecars_end_keeps_its_room() -> None:
    scene, pod = told_to_go(with_pod(MESH, APP), requests=0)
    scene.play(3 * SECOND)
    assert (pod.running, sum(node.pods for node in scene.cluster.nodes.nodes)) == (False, 2)
    assert scene.world.columns.pods.answers[pod.place] == Answers.REFUSES
    scene.play(4 * SECOND)
    assert sum(node.pods for node in scene.cluster.nodes.nodes) == 1


def test_in_1_28_the_first_sidecar_to_end_takes_the_requests_in_flight_with_it() -> None:
    scene, pod = told_to_go(with_pod(MESH, LOGS, APP, kubernetes="1.28"))
    scene.play(4 * SECOND - 1)
    assert scene.engine.resets == []
    scene.play(4 * SECOND)
    assert set(scene.engine.resets) == {(pod.place, 4 * SECOND)}
    assert gone_at(scene, pod) == 4.0


def test_in_1_28_a_pre_stop_of_the_app_does_not_hold_back_its_sidecars() -> None:
    scene, pod = told_to_go(with_pod(MESH, APP, kubernetes="1.28", pre_stop=10 * SECOND))
    scene.play(4 * SECOND - 1)
    assert scene.world.columns.pods.answers[pod.place] == Answers.ACCEPTS
    scene.play(4 * SECOND)
    assert scene.engine.resets == [(pod.place, 4 * SECOND)]
    assert scene.world.columns.pods.answers[pod.place] == Answers.REFUSES
    scene.play(10 * SECOND)
    assert gone_at(scene, pod) == 10.0  # its SIGTERM finds nothing left to do


def test_newer_sidecars_wait_for_the_pre_stop_of_the_app() -> None:
    scene, pod = told_to_go(with_pod(MESH, APP, pre_stop=10 * SECOND))
    scene.play(10 * SECOND - 1)
    assert scene.world.columns.pods.answers[pod.place] == Answers.ACCEPTS
    scene.let_go(pod)
    scene.play(MINUTE)
    assert (scene.engine.resets[0][1], gone_at(scene, pod)) == (10 * SECOND, 14.0)


def test_in_1_28_an_app_that_ignores_its_sigterm_outlives_its_sidecars_unreached() -> None:
    scene, pod = told_to_go(with_pod(MESH, APP, kubernetes="1.28", on_sigterm="ignore"))
    scene.play(4 * SECOND)
    assert (pod.running, scene.world.columns.pods.answers[pod.place]) == (True, Answers.REFUSES)
    scene.play(MINUTE)
    assert gone_at(scene, pod) == 30.0


def test_a_server_that_exits_at_sigterm_loses_what_it_works_on() -> None:
    scene, pod = told_to_go(with_pod(APP, on_sigterm="exit", pre_stop=3 * SECOND))
    scene.play(3 * SECOND - 1)
    assert scene.engine.resets == []
    scene.play(3 * SECOND)
    assert scene.engine.resets[0] == (pod.place, 3 * SECOND)
    assert gone_at(scene, pod) == 3.0


def test_a_server_that_ignores_sigterm_takes_new_requests_until_it_is_killed() -> None:
    scene, pod = told_to_go(with_pod(APP, on_sigterm="ignore"), requests=0)
    scene.play(30 * SECOND - 1)
    assert scene.world.columns.pods.answers[pod.place] == Answers.ACCEPTS
    scene.play(MINUTE)
    assert gone_at(scene, pod) == 30.0


@pytest.mark.parametrize(("late", "restarted"), [(None, 0 + 10 + 5), (after("40s"), 0 + 40 + 10 + 5)])
def test_the_kubelet_may_look_late_at_a_container_whose_back_off_is_over(late: object, restarted: int) -> None:
    crashes = Condition(name="crash", at=0, chance=1.0, failure=Crash(every=after("20s")))
    restarts = Restarts(first=10 * SECOND, longest=300 * SECOND, late=late)
    scene = Scene(scenario(running=service(1, restarts=restarts), conditions=(crashes,)))
    scene.play(5 * MINUTE)
    story = scene.story("stable/0")
    second_crash = [at for at, what in story if what.startswith("crashed")][1]
    again = next(at for at, what in story if what == Phase.SERVING and at > second_crash)
    assert again - second_crash == restarted


@pytest.mark.parametrize(("cost", "leaves"), [("none", 1), ("busy", 0)])
def test_with_a_deletion_cost_idle_pods_go_before_busy_ones(cost: str, leaves: int) -> None:
    scene = Scene(with_pod(APP, deletion_cost=cost))
    scene.play(0)
    scene.hold(scene.pods(STABLE)[1], 2)
    scene.cluster.fleets[STABLE].scale(1)
    assert scene.story(f"stable/{leaves}")[0] == (0.0, "told to go")
    assert not scene.story(f"stable/{1 - leaves}")
