"""A pod that fits nowhere waits for room; before Kubernetes 1.33 also for a back-off, longer each time."""

import sys
from pathlib import Path

import pytest

from sim.scenario.resolved import Nodes
from sim.versions import NEW, STABLE

sys.path.insert(0, str(Path(__file__).parent))
from scenes import MINUTE, SECOND, Scene, scenario, service


def crowded(kubernetes: str = "1.28", waiting: int = 1) -> Scene:
    """Four pods on a node that is full of them, and more that wait from 0 s on."""
    nodes = Nodes(count=1, cpu=400, memory=400, os="linux", pull=1e8, kubernetes=kubernetes)
    scene = Scene(scenario(running=service(4), nodes=nodes))
    scene.play(0)
    scene.cluster.fleets[NEW].scale(waiting)
    scene.settle()
    return scene


def scheduled_at(scene: Scene) -> float:
    return next(at for at, what in scene.story("new/0") if what.startswith("scheduled"))


@pytest.mark.parametrize(("room_at", "scheduled"), [(400, 1.0), (1500, 1.5), (90_000, 90.0)])
def test_room_is_taken_at_once_unless_the_last_attempt_is_too_fresh(room_at: int, scheduled: float) -> None:
    scene = crowded()
    scene.play(room_at * 10**6)
    scene.cluster.fleets[STABLE].scale(3)
    scene.play(5 * MINUTE)
    assert scheduled_at(scene) == scheduled


@pytest.mark.parametrize("room_at", [400, 1500, 90_000])
def test_since_1_33_room_is_taken_at_once(room_at: int) -> None:
    scene = crowded("newest")
    scene.play(room_at * 10**6)
    scene.cluster.fleets[STABLE].scale(3)
    scene.play(5 * MINUTE)
    assert scheduled_at(scene) == room_at / 1000


@pytest.mark.parametrize("kubernetes", ["1.28", "newest"])
def test_two_pods_that_end_at_once_leave_room_for_two(kubernetes: str) -> None:
    scene = crowded(kubernetes, waiting=3)
    scene.play(2 * SECOND)
    scene.cluster.fleets[STABLE].scale(2)
    scene.play(3 * SECOND)
    assert [pod.node is not None for pod in scene.pods(NEW)] == [True, True, False]


def test_each_attempt_in_vain_makes_the_next_wait_longer() -> None:
    scene = crowded()
    lifecycle = scene.cluster.machines._lifecycle
    for at in (2, 4):  # somebody says that there is room, and there is none: attempts at 2 s and 4 s
        scene.play(at * SECOND)
        lifecycle.room_appears()
    scene.play(5 * SECOND)
    scene.cluster.fleets[STABLE].scale(3)
    scene.play(5 * MINUTE)
    assert scheduled_at(scene) == 8.0


def test_a_waiting_pod_can_be_told_to_go() -> None:
    scene = crowded()
    scene.play(400 * 10**6)
    scene.cluster.fleets[STABLE].scale(3)
    scene.play(500 * 10**6)
    scene.cluster.fleets[NEW].scale(0)
    scene.play(MINUTE)
    assert not scene.pods(NEW)
    assert scene.cluster.nodes.nodes[0].pods == 3
