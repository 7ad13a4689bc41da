"""A router whose weights wait for the stable fleet, as Argo Rollouts' do: what that is worth, and what it costs."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import ValidationError

from sim.scenario.resolved import Nodes
from sim.steps import Detector, Finish, Reading, Wait, Weight
from sim.strategies.canary import Canary
from sim.versions import NEW, STABLE

sys.path.insert(0, str(Path(__file__).parent))
from scenes import MINUTE, SECOND, Scene, scenario, service

ROOM = Nodes(count=20, cpu=4000, memory=10**9, os="linux", pull=1e8)


def stopped(*, guard: bool, missing: int) -> Scene:
    """A canary of 20 %, stopped while so many stable pods have just been taken away; new ones take seconds to come."""
    words = {"steps": [{"weight": "20%", "hold": "10m"}], "guard": guard}
    scene = Scene(scenario(running=service(10), nodes=ROOM), strategy=Canary.model_validate(words))
    scene.play(5 * MINUTE)
    for pod in scene.pods(STABLE)[:missing]:
        scene.cluster.fleets[STABLE].replace(pod)
    scene.cluster.controller.stop(Detector.ON_CALL)
    scene.settle()
    return scene


def share(scene: Scene) -> float:
    return float(scene.world.columns.routes.new_share[0])


@pytest.mark.parametrize(("guard", "missing", "left"), [(True, 1, 0.2), (True, 0, 0.0), (False, 1, 0.0)])
def test_one_stable_pod_that_is_missing_keeps_users_on_a_guarded_canary(guard: bool, missing: int, left: float) -> None:
    assert share(stopped(guard=guard, missing=missing)) == left


def test_it_goes_back_when_the_last_stable_pod_is_available() -> None:
    scene = stopped(guard=True, missing=2)
    while scene.cluster.fleets[STABLE].available < 10:
        assert share(scene) == 0.2
        scene.clock.step()
    assert scene.clock.now > 5 * MINUTE + SECOND
    scene.play(int(scene.clock.now) + MINUTE)
    assert share(scene) == 0.0


def test_a_guarded_release_that_nothing_happens_to_is_promoted_as_any() -> None:
    words = {"steps": [{"weight": "20%", "hold": "1m"}, {"weight": "60%", "hold": "1m"}]}
    ends = []
    for guard in (True, False):
        scene = Scene(
            scenario(running=service(10), nodes=ROOM), strategy=Canary.model_validate(words | {"guard": guard})
        )
        scene.play(10 * MINUTE)
        assert scene.cluster.fleets[NEW].available == 10
        ends.append(scene.journal.milestones)
    assert ends[0] == ends[1]


def test_every_weight_waits_for_the_stable_pods_of_the_rest() -> None:
    words = {"steps": [{"weight": "25%", "hold": "1m"}, {"weight": "60%", "hold": "1m"}], "guard": True}
    script = Canary.model_validate(words).rollout(10)
    seen = [next(script)]
    while not isinstance(seen[-1], Finish):
        seen.append(script.send(Reading(at=0, replicas=(10, 10), available=(10, 10))))
    pairs = [(before, step) for before, step in pairwise(seen) if isinstance(step, Weight)]
    assert [step.share for _, step in pairs] == [0.25, 0.6, 1.0]
    assert [before for before, _ in pairs] == [Wait(ready=STABLE, least=pods) for pods in (7, 4, 0)]


def test_a_guard_needs_a_router() -> None:
    with pytest.raises(ValidationError, match="write split: weight"):
        Canary.model_validate({"steps": [{"weight": "20%", "hold": "1m"}], "split": "pods", "guard": True})
