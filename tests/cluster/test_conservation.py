import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.cluster.pod import Phase
from sim.doors import kinds
from sim.failures.crash import Crash
from sim.failures.error_rate import ErrorRate
from sim.journal import Gauge
from sim.laws.exponential import Exponential
from sim.laws.uniform import Uniform
from sim.scenario.resolved import Condition, Dependency, Nodes, Probe, Shutdown
from sim.steps import Decision, Detector
from sim.versions import NEW, STABLE
from sim.world import Answers

sys.path.insert(0, str(Path(__file__).parent))
from scenes import MINUTE, SECOND, Scene, container, scenario, service

SMALL = Nodes(count=2, cpu=500, memory=10**9, os="linux", pull=1e8)
OFTEN = Condition(
    name="crashes",
    at=0,
    chance=1.0,
    failure=Crash(every=Exponential.model_validate({"mean": 60e9})),
)
actions = st.lists(
    st.tuples(st.sampled_from(["stable", "new", "hold", "leave", "wait"]), st.integers(0, 8)), max_size=25
)


DATABASE = Dependency(name="db", connections=75, per_pod=10)


def restless(index: int) -> Scene:
    """Two small nodes, few connections, uneven starts, proxies that learn late, processes that die or are killed."""
    running = service(
        3,
        proxies=2,
        containers=(container(image=200_000_000, start=Uniform(low=0.0, high=20e9)),),
        endpoint_lag=Uniform(low=0.0, high=5e9),
        liveness=Probe(every=6 * SECOND, failures=2, successes=1),  # kills what starts slowly
        shutdown=Shutdown(pre_stop=SECOND, grace=10 * SECOND),
    )
    scene = scenario(running=running, nodes=SMALL, conditions=(OFTEN,))
    return Scene(replace(scene, dependencies=(DATABASE,)), index=index)


def act(scene: Scene, what: str, number: int) -> None:
    everybody = [*scene.pods(STABLE), *scene.pods(NEW)]
    match what:
        case "stable":
            scene.cluster.fleets[STABLE].scale(number)
        case "new":
            scene.cluster.fleets[NEW].scale(number)
        case "hold" if everybody:
            pod = everybody[number % len(everybody)]
            if scene.world.columns.pods.answers[pod.place] == Answers.ACCEPTS:
                scene.hold(pod, 1)
        case "leave" if everybody:
            scene.let_go(everybody[number % len(everybody)])
        case "wait":
            scene.play(int(scene.clock.now) + number * 3 * SECOND)


def keeps_its_laws(scene: Scene) -> None:
    columns = scene.world.columns.pods
    for version in (STABLE, NEW):
        fleet = scene.cluster.fleets[version]
        pods = scene.pods(version)
        staying = [pod for pod in pods if not pod.deleted]
        assert len(staying) == fleet.replicas
        assert fleet.available == sum(pod.ready for pod in staying)
        gone = sum(event.what == Phase.GONE for event in scene.journal.events if event.who in names(version, fleet))
        assert fleet.created == len(pods) + gone
        for pod in pods:
            assert not pod.running or pod.node is not None, "a pod runs without a node"
            assert not pod.ready or pod.running, "a pod is ready without a process"
            assert pod.running or not columns.in_flight[pod.place], "a dead process has requests in flight"
            accepts = columns.answers[pod.place] == Answers.ACCEPTS
            assert accepts == (pod.running and pod.serving_since <= scene.clock.now and not pod.signalled)
    able = [pod for version in (STABLE, NEW) for pod in scene.pods(version) if pod.serving_since <= scene.clock.now]
    assert scene.cluster.pools.held(DATABASE) == 10 * len(able) <= 75
    nodes = scene.cluster.nodes.nodes
    assert all(0 <= node.cpu <= 500 for node in nodes)
    placed = [pod for version in (STABLE, NEW) for pod in scene.pods(version) if pod.node is not None]
    assert sum(node.pods for node in nodes) == len(placed)
    assert sum(500 - node.cpu for node in nodes) == 100 * len(placed)


def names(version: int, fleet: Any) -> set[str]:
    return {f"{'stable' if version == STABLE else 'new'}/{number}" for number in range(fleet.created)}


@settings(max_examples=60, deadline=None)
@given(index=st.integers(0, 10**6), history=actions)
def test_after_every_event_of_any_history_pods_and_room_add_up(index: int, history: list[tuple[str, int]]) -> None:
    scene = restless(index)
    scene.play(0)
    for what, number in history:
        act(scene, what, number)
        scene.settle()
        keeps_its_laws(scene)


@settings(max_examples=20, deadline=None)
@given(index=st.integers(0, 10**6), history=actions)
def test_the_same_luck_and_history_give_the_same_story(index: int, history: list[tuple[str, int]]) -> None:
    stories = []
    for _ in range(2):
        scene = restless(index)
        scene.play(0)
        for what, number in history:
            act(scene, what, number)
        scene.play(20 * MINUTE)
        stories.append(scene.journal.events)
    assert stories[0] == stories[1]


def before_the_release(strategy: Any, failure: Any) -> tuple[bytes, ...]:
    scene = Scene(scenario(conditions=(OFTEN,), baseline=0.001), strategy=strategy, failure=failure, index=5)
    scene.play(-1)
    columns = scene.world.columns
    return (
        columns.pods.tobytes(),
        columns.versions.tobytes(),
        *(column.tobytes() for column in columns.routes),
    )


@pytest.mark.parametrize("word", sorted(kinds("strategies")))
def test_before_the_release_every_cell_is_its_twin(word: str) -> None:
    kind = kinds("strategies")[word]
    strategy = kind.model_validate(kind.example)
    twin = before_the_release(None, None)
    assert before_the_release(strategy, None) == twin
    assert before_the_release(strategy, ErrorRate.model_validate({"rate": "5%"})) == twin


@pytest.mark.parametrize("word", sorted(kinds("strategies")))
def test_every_strategy_brings_a_good_release_to_its_end_without_a_blackout_it_did_not_plan(word: str) -> None:
    kind = kinds("strategies")[word]
    scene = Scene(scenario(running=service(6)), strategy=kind.model_validate(kind.example))
    scene.play(120 * MINUTE)
    dark = max(value for _, value in scene.gauge(Gauge.BLACKOUT))
    fleets = [fleet.available for fleet in scene.cluster.fleets]
    assert fleets == ([6, 0] if word == "no_release" else [0, 6])
    assert dark == (word == "recreate")


@pytest.mark.parametrize("word", sorted(set(kinds("strategies")) - {"no_release"}))
@pytest.mark.parametrize("moment", [0, 3, 10, 11, 15, 41, 300, 700, 2000, 5000])
def test_every_strategy_can_be_taken_back_from_any_moment(word: str, moment: int) -> None:
    kind = kinds("strategies")[word]
    scene = Scene(scenario(running=service(6)), strategy=kind.model_validate(kind.example))
    scene.play(moment * SECOND)
    assert scene.cluster.controller is not None
    scene.cluster.controller.stop(Detector.ON_CALL)
    scene.play(moment * SECOND + 30 * MINUTE)
    assert scene.journal.decision is Decision.ABORTED
    assert [fleet.available for fleet in scene.cluster.fleets] == [6, 0]
    assert set(scene.world.columns.routes.listed[0].tolist()) == {6, 0}
    assert len(scene.journal.milestones) == 6
