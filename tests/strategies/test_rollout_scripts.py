from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sim.quantities import CountOrShare
from sim.steps import (
    Cohort,
    Decision,
    Finish,
    Judge,
    Mirror,
    Reading,
    Replace,
    Scale,
    Script,
    SmokeTest,
    Spread,
    Step,
    Switch,
    Wait,
    Weight,
)
from sim.strategies.blue_green import BlueGreen
from sim.strategies.canary import Canary, canary_pods
from sim.strategies.no_release import NoRelease
from sim.strategies.recreate import Recreate
from sim.strategies.rolling import Rolling, fenceposts
from sim.versions import NEW, STABLE

MINUTE = 60 * 10**9


def steps_of(script: Script, available: tuple[int, int] = (10, 10)) -> list[Step]:
    """All steps of a script that is always told the same."""
    steps = []
    step: Step | None = next(script, None)
    while step is not None:
        steps.append(step)
        try:
            step = script.send(Reading(at=0, replicas=available, available=available))
        except StopIteration:
            step = None
    return steps


def kinds_of(steps: Sequence[Step]) -> list[str]:
    return [type(step).__name__ for step in steps]


def test_blue_green_tests_the_second_fleet_before_anybody_is_switched_to_it() -> None:
    strategy = BlueGreen.model_validate({"keep_old": "15m", "smoke_test": {"lasts": "2m", "catches": {"bad": "30%"}}})
    assert steps_of(strategy.rollout(8)) == [
        Scale(version=NEW, replicas=8),
        Wait(ready=NEW),
        SmokeTest(duration=2 * MINUTE, catches={"bad": 0.3}),
        Switch(version=NEW),
        Judge(duration=15 * MINUTE),
        Scale(version=STABLE, replicas=0),
        Finish(decision=Decision.PROMOTED),
    ]


def test_blue_green_switches_back_at_once_while_the_old_fleet_is_there() -> None:
    assert kinds_of(steps_of(BlueGreen().rollback(8), (8, 8))) == ["Scale", "Switch", "Scale", "Finish"]


def test_blue_green_starts_the_old_fleet_anew_before_it_switches_back_to_it() -> None:
    assert kinds_of(steps_of(BlueGreen().rollback(8), (0, 8))) == ["Scale", "Wait", "Switch", "Scale", "Finish"]


def test_a_smoke_test_may_be_written_none() -> None:
    assert BlueGreen.model_validate({"smoke_test": "none"}).smoke_test is None


def test_a_canary_has_pods_for_its_weight_before_it_has_the_weight() -> None:
    strategy = Canary.model_validate({"steps": [{"weight": "20%", "hold": "10m"}]})
    assert steps_of(strategy.rollout(8)) == [
        Scale(version=NEW, replicas=2),
        Wait(ready=NEW),
        Weight(share=0.2),
        Judge(duration=10 * MINUTE),
        Scale(version=NEW, replicas=8),
        Wait(ready=NEW),
        Weight(share=1.0),
        Scale(version=STABLE, replicas=0),
        Finish(decision=Decision.PROMOTED),
    ]


def test_a_canary_may_end_by_going_back() -> None:
    strategy = Canary.model_validate({"steps": [{"weight": "20%", "hold": "10m"}], "then": "rollback"})
    assert steps_of(strategy.rollout(10))[-2:] == [Judge(duration=10 * MINUTE), Finish(decision=Decision.ABORTED)]


def test_a_canary_by_pods_keeps_the_number_of_pods_and_never_sets_a_weight() -> None:
    strategy = Canary.model_validate({"steps": [{"weight": "20%", "hold": "10m"}], "split": "pods"})
    steps = steps_of(strategy.rollout(10))
    assert steps[:4] == [
        Spread(),
        Scale(version=NEW, replicas=2),
        Wait(ready=NEW),
        Scale(version=STABLE, replicas=8),
    ]
    assert "Weight" not in kinds_of(steps)


def test_a_canary_takes_its_weight_back_before_its_pods() -> None:
    strategy = Canary.model_validate({"steps": [{"weight": "20%", "hold": "10m"}]})
    assert kinds_of(steps_of(strategy.rollback(10), (10, 2))) == ["Scale", "Weight", "Scale", "Finish"]


def test_a_canary_without_steps_is_refused() -> None:
    with pytest.raises(ValidationError):
        Canary.model_validate({"steps": []})


@pytest.mark.parametrize("weights", [["0%"], ["50%", "20%"], ["20%", "20%"]])
def test_weights_that_do_not_grow_are_refused(weights: list[str]) -> None:
    with pytest.raises(ValidationError, match="grow"):
        Canary.model_validate({"steps": [{"weight": weight, "hold": "1m"} for weight in weights]})


def test_recreate_has_no_new_pod_before_the_last_old_one_is_gone() -> None:
    assert steps_of(Recreate().rollout(3)) == [
        Spread(),
        Scale(version=STABLE, replicas=0),
        Wait(gone=STABLE),
        Scale(version=NEW, replicas=3),
        Wait(ready=NEW),
        Finish(decision=Decision.PROMOTED),
    ]


def test_a_rolling_update_goes_back_in_the_waves_it_came_in() -> None:
    strategy = Rolling.model_validate({"surge": 2, "unavailable": 1})
    waves, end = steps_of(strategy.rollback(10))
    assert isinstance(waves, Replace)
    assert (waves.version, waves.room(10), waves.history) == (STABLE, (2, 1), 10)
    assert end == Finish(decision=Decision.ABORTED)


def test_no_release_does_nothing() -> None:
    assert steps_of(NoRelease().rollout(3)) == []


def test_what_a_strategy_holds_on_purpose_is_planned() -> None:
    canary = Canary.model_validate(
        {"steps": [{"weight": "5%", "hold": "10m"}, {"weight": "50%", "hold": "5m"}], "bake": "1m"}
    )
    green = BlueGreen.model_validate({"keep_old": "15m", "smoke_test": {"lasts": "2m"}})
    assert (canary.planned(10), green.planned(10), Rolling().planned(10)) == (16 * MINUTE, 17 * MINUTE, 0)


@given(
    weight=st.floats(min_value=0.001, max_value=1.0),
    replicas=st.integers(min_value=1, max_value=500),
)
def test_canary_pods_are_the_fewest_that_carry_the_weight(weight: float, replicas: int) -> None:
    pods = canary_pods(weight, replicas)
    assert 1 <= pods <= replicas
    assert pods / replicas >= weight - 1e-6
    assert (pods - 1) / replicas < weight


@given(
    surge=st.floats(min_value=0, max_value=1),
    unavailable=st.floats(min_value=0, max_value=1),
    replicas=st.integers(min_value=0, max_value=1000),
)
def test_a_rolling_update_may_always_move_at_least_one_pod(surge: float, unavailable: float, replicas: int) -> None:
    more, fewer = fenceposts(CountOrShare(share=surge), CountOrShare(share=unavailable), replicas)
    assert more + fewer >= 1
    assert more <= replicas
    assert fewer <= max(1, replicas)


def test_a_canary_may_mirror_then_send_a_cohort_and_then_a_weight() -> None:
    dark = Canary.model_validate(
        {
            "steps": [
                {"weight": "0%", "mirror": "50%", "hold": "1m"},
                {"weight": "0%", "cohort": "5%", "hold": "1m"},
                {"weight": "20%", "hold": "1m"},
            ]
        }
    )
    routed = [step for step in steps_of(dark.rollout(10)) if isinstance(step, Scale | Weight | Cohort | Mirror)]
    assert routed == [
        Scale(version=NEW, replicas=5),
        Mirror(share=0.5),
        Scale(version=NEW, replicas=1),
        Mirror(share=0.0),
        Cohort(share=0.05),
        Scale(version=NEW, replicas=2),
        Cohort(share=0.0),
        Weight(share=0.2),
        Scale(version=NEW, replicas=10),
        Weight(share=1.0),
        Scale(version=STABLE, replicas=0),
    ]
    back = [step for step in steps_of(dark.rollback(10)) if isinstance(step, Weight | Cohort | Mirror)]
    assert back == [Weight(share=0.0), Cohort(share=0.0), Mirror(share=0.0)]


@pytest.mark.parametrize(
    "written",
    [
        {"steps": [{"weight": "0%", "hold": "1m"}]},
        {"steps": [{"weight": "5%", "hold": "1m"}, {"weight": "5%", "cohort": "5%", "hold": "1m"}]},
        {"split": "pods", "steps": [{"weight": "20%", "mirror": "5%", "hold": "1m"}]},
    ],
)
def test_a_step_that_shows_the_new_version_to_nobody_more_or_needs_a_router_is_refused(
    written: dict[str, object],
) -> None:
    with pytest.raises(ValidationError, match=r"above 0 %|needs a router"):
        Canary.model_validate(written)
