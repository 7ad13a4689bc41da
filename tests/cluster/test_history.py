"""A complete Deployment forgets old ReplicaSets beyond its revision history, as the trace tells."""

import sys
from pathlib import Path

import pytest

from sim.failures.never_ready import NeverReady
from sim.steps import Detector
from sim.strategies.rolling import Rolling

sys.path.insert(0, str(Path(__file__).parent))
from scenes import MINUTE, Scene, scenario, service


def forgets(scene: Scene) -> list[str]:
    return [event.what.split(" ReplicaSet")[0] for event in scene.journal.events if event.what.startswith("forget ")]


@pytest.mark.parametrize(("history", "told"), [(0, ["forget the stable"]), (1, []), (10, [])])
def test_with_no_history_the_old_replicaset_goes_when_the_release_is_complete(history: int, told: list[str]) -> None:
    scene = Scene(scenario(running=service(4)), strategy=Rolling.model_validate({"history": history}))
    scene.play(10 * MINUTE)
    assert forgets(scene) == told


def test_a_release_that_never_completes_forgets_nothing() -> None:
    scene = Scene(strategy=Rolling.model_validate({"history": 0}), failure=NeverReady.model_validate({}))
    scene.play(30 * MINUTE)
    assert forgets(scene) == []


def test_what_is_forgotten_is_forgotten_once() -> None:
    scene = Scene(scenario(running=service(4)), strategy=Rolling.model_validate({"history": 0, "fix": "5m"}))
    scene.play(1 * MINUTE)
    scene.cluster.controller.stop(Detector.ON_CALL)
    scene.play(20 * MINUTE)
    assert forgets(scene) == ["forget the stable", "forget the new"]


def test_after_an_undo_the_release_is_the_older_one() -> None:
    scene = Scene(scenario(running=service(4)), strategy=Rolling.model_validate({"history": 0}))
    scene.play(1 * MINUTE)
    scene.cluster.controller.stop(Detector.ON_CALL)
    scene.play(20 * MINUTE)
    assert forgets(scene) == ["forget the stable", "forget the new"]


def test_of_a_fix_and_two_before_it_the_oldest_is_forgotten() -> None:
    scene = Scene(scenario(running=service(4)), strategy=Rolling.model_validate({"history": 1, "fix": "5m"}))
    scene.play(1 * MINUTE)
    scene.cluster.controller.stop(Detector.ON_CALL)
    scene.play(20 * MINUTE)
    assert forgets(scene) == ["forget the stable"]
