"""A service that is resized in the middle of a rolling update: both bounds are of the new size from then on."""

import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.scenario.resolved import Nodes
from sim.steps import Decision
from sim.strategies.rolling import Rolling
from sim.versions import NEW, STABLE

sys.path.insert(0, str(Path(__file__).parent))
from scenes import MINUTE, SECOND, Scene, scenario, service

ROOM = Nodes(count=20, cpu=4000, memory=10**9, os="linux", pull=1e8)


def rolling(replicas: int, **words: Any) -> Scene:
    scene = Scene(scenario(running=service(replicas), nodes=ROOM), strategy=Rolling.model_validate(words))
    scene.play(0)
    return scene


def asked(scene: Scene) -> tuple[int, int]:
    stable, new = scene.cluster.fleets[STABLE].replicas, scene.cluster.fleets[NEW].replicas
    return stable, new


def test_a_share_is_rounded_anew_and_both_replicasets_keep_their_part() -> None:
    scene = rolling(10)
    assert asked(scene) == (8, 5)
    scene.cluster.sizing.resize(50)
    assert asked(scene) == (39, 24)  # 8/13 and 5/13 of 50 and a quarter more


def test_a_number_of_pods_stays_what_it_is() -> None:
    scene = rolling(10, surge=3, unavailable=2)
    scene.cluster.sizing.resize(50)
    assert sum(asked(scene)) == 53


def test_the_rollout_goes_on_in_waves_of_the_new_size() -> None:
    scene = rolling(10)
    scene.cluster.sizing.resize(40)
    most, fewest = 0, 99
    while scene.clock.next_at() <= 10 * MINUTE:
        scene.clock.step()
        if scene.clock.now > 15 * SECOND:  # the pods of the resize have come up
            most = max(most, sum(asked(scene)))
            fewest = min(fewest, sum(fleet.available for fleet in scene.cluster.fleets))
    assert most == 50
    assert fewest >= 30
    assert (asked(scene), scene.journal.decision) == ((0, 40), Decision.PROMOTED)


@settings(max_examples=30, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 40), min_size=2, max_size=4),
    seconds=st.integers(0, 40),
    surge=st.integers(1, 100),
    unavailable=st.integers(0, 100),
)
def test_however_often_it_is_resized_a_rollout_ends_whole_and_within_its_surge(
    sizes: list[int], seconds: int, surge: int, unavailable: int
) -> None:
    scene = rolling(sizes[0], surge=f"{surge}%", unavailable=f"{unavailable}%")
    for at, size in enumerate(sizes[1:], start=1):
        scene.play(at * seconds * SECOND)
        scene.cluster.sizing.resize(size)
    scene.play(sum(sizes) * MINUTE)
    assert asked(scene) == (0, sizes[-1])
    assert scene.journal.decision is Decision.PROMOTED


@pytest.mark.parametrize("size", [1, 7, 33])
def test_at_any_size_the_bounds_are_those_of_a_deployment_of_that_size(size: int) -> None:
    scene = rolling(10)
    scene.cluster.sizing.resize(size)
    scene.settle()
    assert sum(asked(scene)) <= size + -(-size // 4)
