import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sim.autoscalers import Spent
from sim.autoscalers.hpa import Hpa
from sim.strategies.blue_green import BlueGreen
from sim.strategies.canary import Canary
from sim.strategies.rolling import Rolling
from sim.versions import NEW, STABLE

sys.path.insert(0, str(Path(__file__).parents[1] / "cluster"))
from scenes import MINUTE, SECOND, Scene, scenario, service


def hpa(**words: Any) -> Hpa:
    return Hpa.model_validate({"min": 2, "max": 20, "cpu": "50%", "idle": "0%"} | words)


def scene(autoscaler: Hpa, *, replicas: int = 4, strategy: Any = None) -> Scene:
    """Four pods of two slots, from five minutes before the release on."""
    made = scenario(running=service(replicas, autoscaler=autoscaler))
    made = replace(made, study=replace(made.study, warm_up=5 * MINUTE))
    return Scene(made, strategy=strategy)


def keep_busy(play: Scene, version: int, slots: int) -> None:
    """Let so many slots of each serving pod be at work from now on; pods that come later serve nothing."""
    pods, now = play.world.columns.pods, int(play.clock.now)
    for pod in play.pods(version):
        pods.busy[pod.place] = play.world.busy_until(pod.place, now)
        pods.computing[pod.place], pods.busy_since[pod.place] = slots, now


def sizes(play: Scene) -> list[tuple[float, str]]:
    return [(at, what.split(": ")[0].removeprefix("scale the service from ")) for at, what in play.story("autoscaler")]


def test_a_fleet_at_work_in_every_slot_doubles_at_half_the_target_use() -> None:
    play = scene(hpa())
    keep_busy(play, STABLE, 2)
    play.play(-5 * MINUTE + 40 * SECOND)
    assert sizes(play) == [(-285.0, "4 to 8")]
    assert len(play.pods(STABLE)) == 8


def test_new_pods_do_not_count_before_they_can_be_judged() -> None:
    """Eight pods of which four are new and idle: their usage is not yet believed, so the size stays."""
    play = scene(hpa())
    keep_busy(play, STABLE, 2)
    play.play(-2 * MINUTE)
    assert sizes(play) == [(-285.0, "4 to 8")]


def test_an_idle_fleet_shrinks_only_after_five_minutes() -> None:
    play = scene(hpa())
    play.play(-1)
    assert sizes(play) == []
    play.play(MINUTE)
    assert sizes(play) == [(15.0, "4 to 2")]


def test_use_on_target_within_the_tolerance_changes_nothing() -> None:
    play = scene(hpa(cpu="95%"))
    keep_busy(play, STABLE, 2)
    play.play(20 * MINUTE)
    assert sizes(play) == []


def test_without_metrics_the_size_stays() -> None:
    play = scene(hpa())
    assert play.cluster.autoscaler is not None
    play.cluster.autoscaler.blind = True
    keep_busy(play, STABLE, 2)
    play.play(20 * MINUTE)
    assert sizes(play) == []


def test_what_every_pod_uses_anyway_runs_away_with_a_canary_and_not_without() -> None:
    """Kubernetes' selector covers both versions: 30 % of every pod, of stable and canary, and a target of 40 %."""
    canary = Canary.model_validate({"steps": [{"weight": "50%", "hold": "40m"}]})
    scaler = hpa(idle="30%", cpu="40%", min=4, max=12, initialisation="1m")
    for strategy, most in ((None, 4), (canary, 12)):
        play = scene(scaler, strategy=strategy)
        play.play(35 * MINUTE)
        assert play.cluster.sizing.size == most, strategy


def test_a_canary_keeps_its_part_of_a_growing_service() -> None:
    play = scene(hpa(), replicas=5, strategy=Canary.model_validate({"steps": [{"weight": "20%", "hold": "30m"}]}))
    play.play(MINUTE)
    assert play.cluster.autoscaler is not None
    play.cluster.sizing.resize(10)
    assert [fleet.replicas for fleet in play.cluster.fleets] == [10, 2]


@pytest.mark.parametrize("size", [3, 9])
def test_a_release_during_which_the_size_changes_ends_at_the_new_size(size: int) -> None:
    for strategy in (Rolling.model_validate({}), BlueGreen.model_validate({"keep_old": "1m"})):
        play = scene(hpa(initialisation="2h"), replicas=6, strategy=strategy)
        assert play.cluster.autoscaler is not None
        play.cluster.autoscaler.blind = True
        play.play(15 * SECOND)
        play.cluster.sizing.resize(size)
        play.play(20 * MINUTE)
        assert [len(play.pods(version)) for version in (STABLE, NEW)] == [0, size]


@given(st.integers(1, 50), st.integers(1, 50), st.integers(1, 50))
def test_the_whole_stays_the_whole_and_some_stay_some(planned: int, size: int, part: int) -> None:
    play = scene(hpa(), replicas=2)
    sizing = play.cluster.sizing
    sizing.planned, sizing.size = planned, size
    assert sizing.of(planned) == size
    assert sizing.of(0) == 0
    assert sizing.of(min(part, planned)) >= 1


def test_a_pods_cpu_lies_between_idle_and_full_by_its_busy_slots() -> None:
    kind = hpa(idle="20%", full=1.5, starting=2)
    assert kind.cpu_used(1000, Spent(starting=0, alive=100, busy=0)) == 20_000
    assert kind.cpu_used(1000, Spent(starting=0, alive=100, busy=100)) == 150_000
    assert kind.cpu_used(1000, Spent(starting=100, alive=100, busy=0)) == 200_000


def test_a_behaviour_in_one_direction_leaves_the_others_default() -> None:
    kind = Hpa.model_validate({"min": 1, "max": 9, "up": {"policies": [{"pods": 1, "per": "1m"}]}})
    assert kind.remembers() == 300 * SECOND
    fast = Hpa.model_validate({"min": 1, "max": 9, "down": {"window": "0s"}})
    assert fast.remembers() == 0


@pytest.mark.parametrize(
    "wrong",
    [{"min": 9, "max": 3}, {"every": "0s"}, {"cpu": "0%"}, {"up": {"policies": [{"pods": 1, "percent": 1}]}}],
)
def test_an_autoscaler_that_cannot_work_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        hpa(**wrong)
