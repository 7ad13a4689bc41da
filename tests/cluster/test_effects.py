import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sim.failures.crash import Crash
from sim.failures.error_rate import ErrorRate
from sim.failures.latency import Latency
from sim.failures.mixed_versions import MixedVersions
from sim.scenario.resolved import Condition
from sim.strategies.blue_green import BlueGreen
from sim.strategies.canary import Canary
from sim.versions import NEW, STABLE

sys.path.insert(0, str(Path(__file__).parent))
from scenes import MINUTE, SECOND, Scene, scenario, service

SPIKE = ErrorRate.model_validate({"rate": "10%", "after": "1m", "lasts": "2m"})


def weather(failure: Any, *, at: int = 0, chance: float = 1.0, name: str = "storm") -> Condition:
    return Condition(name=name, at=at, chance=chance, failure=failure)


def errors(scene: Scene) -> tuple[float, float]:
    """The error chance of the first stream, stable and new."""
    chance = scene.world.columns.versions.error_chance
    return float(chance[STABLE, 0]), float(chance[NEW, 0])


def test_both_versions_begin_with_the_errors_of_today() -> None:
    assert errors(Scene(scenario(baseline=0.0005))) == (0.0005, 0.0005)


def test_the_new_version_may_work_slower_on_purpose() -> None:
    factor = Scene(scenario(service_factor=1.2)).world.columns.versions.service_factor
    assert (factor[STABLE, 0], factor[NEW, 0]) == (1.0, 1.2)


def test_a_defect_hurts_the_new_version_alone_and_only_its_streams() -> None:
    scene = Scene(
        scenario(streams=("browse", "pay")),
        failure=ErrorRate.model_validate({"rate": "10%", "streams": ["pay"]}),
    )
    scene.play(0)
    assert scene.world.columns.versions.error_chance.tolist() == [[0.0, 0.0], [0.0, pytest.approx(0.1)]]


def test_an_edit_begins_and_ends_at_its_moments() -> None:
    scene = Scene(failure=SPIKE)
    seen = {}
    for at in (60 * SECOND - 1, 60 * SECOND, 180 * SECOND - 1, 180 * SECOND):
        scene.play(at)
        seen[at / SECOND] = errors(scene)[NEW]
    assert list(seen.values()) == [0.0, 0.1, 0.1, 0.0]


def test_a_defect_does_nothing_before_the_release() -> None:
    scene = Scene(failure=Latency.model_validate({"factor": 3}))
    scene.play(-1)
    assert scene.world.columns.versions.service_factor[NEW, 0] == 1.0
    scene.play(0)
    assert scene.world.columns.versions.service_factor[NEW, 0] == 3.0


def test_a_condition_strikes_both_versions_from_its_moment_on() -> None:
    scene = Scene(scenario(conditions=(weather(SPIKE, at=5 * MINUTE),)))
    scene.play(6 * MINUTE - 1)
    assert errors(scene) == (0.0, 0.0)
    scene.play(6 * MINUTE)
    assert errors(scene) == (0.1, 0.1)
    scene.play(8 * MINUTE)
    assert errors(scene) == (0.0, 0.0)


def test_a_condition_strikes_as_often_as_its_chance_says() -> None:
    struck = [
        errors_at_two_minutes(Scene(scenario(conditions=(weather(SPIKE, chance=0.3),)), index=index)) > 0
        for index in range(200)
    ]
    assert 40 <= sum(struck) <= 80  # 60 expected, 6.5 is one standard deviation


def test_a_condition_strikes_alike_whatever_is_released() -> None:
    scenes = [
        Scene(scenario(conditions=(weather(SPIKE, chance=0.5),)), strategy=strategy, index=3)
        for strategy in (None, BlueGreen(), Canary.model_validate({"steps": [{"weight": "20%", "hold": "9m"}]}))
    ]
    assert len({errors_at_two_minutes(scene) for scene in scenes}) == 1


def test_another_condition_changes_nobodys_luck() -> None:
    one, other = weather(SPIKE, chance=0.5, name="one"), weather(SPIKE, chance=0.0, name="other")
    for index in range(20):
        alone = Scene(scenario(conditions=(one,)), index=index)
        beside = Scene(scenario(conditions=(other, one)), index=index)
        assert errors_at_two_minutes(alone) == errors_at_two_minutes(beside)


def errors_at_two_minutes(scene: Scene) -> float:
    scene.play(2 * MINUTE)
    return errors(scene)[STABLE]


def test_defect_and_weather_add_up_as_independent_causes() -> None:
    scene = Scene(scenario(conditions=(weather(SPIKE),)), failure=SPIKE)
    scene.play(2 * MINUTE)
    assert errors(scene) == (0.1, pytest.approx(0.19))


def test_mixed_versions_hurt_each_version_as_often_as_the_other_one_answers() -> None:
    scene = Scene(
        strategy=Canary.model_validate({"steps": [{"weight": "20%", "hold": "5m"}], "then": "rollback"}),
        failure=MixedVersions.model_validate({"rate": "50%"}),
    )
    scene.play(10 * SECOND)
    assert errors(scene)[STABLE] == 0.0  # the canary's pod is not known yet
    scene.play(11 * SECOND)
    assert errors(scene) == (pytest.approx(0.5 * 0.2), pytest.approx(0.5 * 0.8))
    scene.play(5 * MINUTE + 11 * SECOND)
    assert errors(scene)[STABLE] == 0.0


def test_mixed_versions_hurt_only_moved_users_where_users_are_sticky_and_only_within_their_pause() -> None:
    calm = scenario()
    scene = Scene(
        replace(calm, traffic=replace(calm.traffic, sticky=True)),
        strategy=Canary.model_validate({"steps": [{"weight": "20%", "hold": "5m"}, {"weight": "80%", "hold": "5m"}]}),
        failure=MixedVersions.model_validate({"pause": "30s"}),
    )
    scene.play(11 * SECOND + 29 * SECOND)
    assert errors(scene) == (0.0, pytest.approx(1.0))  # who is on the new version was on the old one half a minute ago
    scene.play(MINUTE)
    assert errors(scene) == (0.0, 0.0)
    scene.play(5 * MINUTE + 25 * SECOND)
    assert errors(scene) == (0.0, pytest.approx(0.6 / 0.8))
    scene.play(7 * MINUTE)
    assert errors(scene) == (0.0, 0.0)


def test_mixed_versions_hurt_a_switch_only_in_sessions_that_are_under_way() -> None:
    scene = Scene(strategy=BlueGreen(), failure=MixedVersions.model_validate({"pause": "10s"}))
    hurt = 0
    for second in range(120):
        scene.play(second * SECOND)
        chance = errors(scene)
        if scene.world.columns.routes.new_share[0] == 1.0:
            hurt += chance[NEW] == 1.0
    assert hurt == 10


def test_mixed_versions_never_hurt_a_switch_between_sessions() -> None:
    scene = Scene(strategy=BlueGreen(), failure=MixedVersions.model_validate({"rate": "2%"}))
    worst = 0.0
    for second in range(120):
        scene.play(second * SECOND)
        share = scene.world.columns.routes.new_share[0]
        worst = max(worst, errors(scene)[NEW] * share, errors(scene)[STABLE] * (1.0 - share))
    assert worst == 0.0


def test_a_crash_that_begins_later_finds_pods_that_serve_already() -> None:
    failure = Crash.model_validate({"every": "1m", "after": "5m", "lasts": "10m"})
    scene = Scene(scenario(running=service(2), conditions=(weather(failure),)))
    scene.play(20 * MINUTE)
    story = [at for at, what in scene.story("stable/0") if what.startswith("crashed")]
    # one minute after it begins; then a minute after the restart has come up (5 s), with growing back-off
    assert story == [360.0, 425.0, 500.0, 585.0, 690.0, 835.0]
