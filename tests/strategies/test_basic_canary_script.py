"""The script of the basic canary: weight by weight, and back."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from sim.steps import Decision, Detector, Divide, Finish, Judge, Reading, Script, Spread, Step
from sim.strategies.basic_canary import BasicCanary

MINUTE = 60 * 10**9


def steps_of(script: Script) -> list[Step]:
    found = [next(script)]
    while not isinstance(found[-1], Finish):
        found.append(script.send(Reading(at=0, by=Detector.NOBODY, replicas=(8, 2), available=(8, 2))))
    return found


def canary(*weights: str, **words: object) -> BasicCanary:
    steps = [{"weight": weight, "hold": "10m"} for weight in weights]
    return BasicCanary.model_validate({"steps": steps} | words)


def test_each_weight_is_reached_by_pods_and_held_and_then_every_pod_is_new() -> None:
    found = steps_of(canary("20%", "50%").rollout(10))
    assert isinstance(found[0], Spread)
    assert [step.share for step in found if isinstance(step, Divide)] == [0.2, 0.5, 1.0]
    assert [step for step in found if isinstance(step, Judge)] == [Judge(duration=10 * MINUTE, whole_seconds=True)] * 2
    assert found[-1] == Finish(decision=Decision.PROMOTED)


def test_it_goes_back_as_it_came() -> None:
    back, end = steps_of(canary("20%").rollback(10))
    assert isinstance(back, Divide)
    assert back.share == 0.0
    assert end == Finish(decision=Decision.ABORTED)


def test_its_bounds_are_those_of_a_deployment_of_the_size_it_has_then() -> None:
    (_, first, *_) = steps_of(canary("20%", surge="25%", unavailable="10%").rollout(10))
    assert isinstance(first, Divide)
    assert (first.room(10), first.room(100)) == ((3, 1), (25, 10))


@pytest.mark.parametrize("weights", [("0%",), ("50%", "20%"), ("20%", "20%")])
def test_weights_that_do_not_grow_are_refused(weights: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError, match="grow from step to step"):
        canary(*weights)


def test_the_time_it_holds_is_its_plan() -> None:
    assert canary("20%", "50%").planned(10) == 20 * MINUTE
