import sys
from pathlib import Path

from sim.failures.image_pull_failure import ImagePullFailure
from sim.strategies.rolling import Rolling
from sim.versions import NEW, STABLE

sys.path.insert(0, str(Path(__file__).parents[1] / "cluster"))
from scenes import MINUTE, Scene, container, scenario, service


def play(**words: str) -> Scene:
    pod = (container(image=100_000_000),)
    failure = ImagePullFailure.model_validate(words)
    return Scene(scenario(running=service(containers=pod)), strategy=Rolling.model_validate({}), failure=failure)


def test_a_version_whose_image_cannot_be_pulled_never_comes_up_and_the_old_one_serves_on() -> None:
    scene = play()
    scene.play(9 * MINUTE)
    assert scene.cluster.fleets[NEW].available == 0
    assert scene.cluster.fleets[STABLE].available == 3


def test_a_registry_that_comes_back_lets_the_rollout_end() -> None:
    scene = play(lasts="4m")
    scene.play(20 * MINUTE)
    assert [len(scene.pods(version)) for version in (STABLE, NEW)] == [0, 4]
