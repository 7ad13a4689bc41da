"""A fix that is released over a half-done release: three ReplicaSets, by the real controller's rule."""

import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sim.failures.never_ready import NeverReady
from sim.laws.uniform import Uniform
from sim.steps import FIXED, Decision, Detector
from sim.strategies.rolling import Rolling
from sim.versions import STABLE
from sim.world import Pool

sys.path.insert(0, str(Path(__file__).parent))
from scenes import MINUTE, SECOND, Scene, container, scenario, service

FORWARD = Rolling.model_validate({"surge": 3, "unavailable": 2, "fix": "10m"})


def stopped(at: int, *, failure: Any = None, index: int = 0, **words: Any) -> Scene:
    scene = Scene(scenario(running=service(10, **words)), strategy=FORWARD, failure=failure, index=index)
    scene.play(at)
    scene.cluster.controller.stop(Detector.ON_CALL)
    return scene


def sizes(scene: Scene) -> list[int]:
    return [fleet.replicas for fleet in scene.cluster.fleets]


def test_until_the_fix_is_there_the_rollout_stands_where_it_was_stopped() -> None:
    scene = stopped(12 * SECOND)
    paused = sizes(scene)
    scene.play(12 * SECOND + 10 * MINUTE - 1)
    assert sizes(scene) == paused == [3, 10, 0]


def test_the_fix_takes_the_place_of_both_others() -> None:
    scene = stopped(12 * SECOND)
    scene.play(30 * MINUTE)
    assert sizes(scene) == [0, 0, 10]
    assert scene.journal.decision is Decision.ABORTED
    assert len(scene.journal.milestones) == 6


def test_pods_of_the_half_done_release_that_never_came_up_go_first() -> None:
    scene = stopped(5 * MINUTE, failure=NeverReady.model_validate({}))
    assert sizes(scene) == [8, 5, 0]
    scene.play(15 * MINUTE)
    assert sizes(scene) == [8, 0, 5]


def test_good_old_pods_go_before_bad_ones_that_are_ready() -> None:
    scene = stopped(12 * SECOND)
    scene.play(11 * MINUTE)
    told = [event.what for event in scene.journal.events if event.at >= 10 * MINUTE and event.what.startswith("scale")]
    assert told[:2] == ["scale stable to 0, new to 8", "scale stable to 0, new to 8, fixed to 5"]


def test_pods_of_the_fix_answer_as_the_stable_version_and_pull_a_build_of_their_own() -> None:
    image = container(image=200_000_000)
    scene = stopped(60 * SECOND, containers=(image,))
    scene.play(60 * SECOND + 10 * MINUTE)
    scene.play(60 * SECOND + 11 * MINUTE)
    first = scene.cluster.fleets[FIXED].pods[1 << 30]
    assert (first.version, first.name) == (STABLE, "fixed/0")
    assert "pulling images" in [what for _, what in scene.story("fixed/0")]


@settings(max_examples=30, deadline=None)
@given(index=st.integers(0, 10**6), seconds=st.integers(0, 400))
def test_wherever_it_is_stopped_no_rollover_leaves_its_bounds_and_every_view_ends_in_the_truth(
    index: int, seconds: int
) -> None:
    uneven = container(start=Uniform(low=0.0, high=60e9))
    scene = stopped(seconds * SECOND, index=index, containers=(uneven,), proxies=2)
    while scene.clock.next_at() <= 60 * MINUTE:
        scene.clock.step()
        assert sum(sizes(scene)) <= 13
        assert sum(fleet.available for fleet in scene.cluster.fleets) >= 8
    assert sizes(scene) == [0, 0, 10]
    routes = scene.world.columns.routes
    for proxy in range(2):
        known = routes.endpoint[proxy, Pool.ALL, : routes.listed[proxy, Pool.ALL]].tolist()
        assert known == [pod.place for pod in scene.cluster.fleets[FIXED].pods.values()]


def test_proxies_list_pods_in_the_order_of_the_world_throughout_a_rollover() -> None:
    scene = stopped(12 * SECOND, containers=(container(start=Uniform(low=0.0, high=60e9)),))
    pods = scene.world
    while scene.clock.next_at() <= 20 * MINUTE:
        scene.clock.step()
        for pool in Pool:
            routes = pods.columns.routes
            places = routes.endpoint[0, pool, : routes.listed[0, pool]]
            rows = [(int(row["version"]), int(row["number"])) for row in pods.columns.pods[places]]
            assert all(one < other for one, other in pairwise(rows))
