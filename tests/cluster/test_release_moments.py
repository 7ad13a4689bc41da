"""What a release does to everybody begins at its moment, for both versions, and never in the twin."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.cluster.sessions import Course, meets_other
from sim.errors import ScenarioError
from sim.failures.error_rate import ErrorRate
from sim.moments import Moment
from sim.scenario import from_text
from sim.scenario.resolved import Planned
from sim.steps import Split
from sim.strategies.blue_green import BlueGreen
from sim.strategies.canary import Canary
from sim.strategies.no_release import NoRelease
from sim.strategies.recreate import Recreate
from sim.strategies.rolling import Rolling
from sim.versions import NEW, STABLE

sys.path.insert(0, str(Path(__file__).parent))
from scenes import SECOND, Scene, scenario

LOST = ErrorRate.model_validate({"rate": "100%", "lasts": "10s"})
CANARY: dict[str, Any] = {"steps": [{"weight": "20%", "hold": "1m"}]}


def scene_with(moment: str, strategy: Any, *, failure: Any = LOST, on: str = "both") -> Scene:
    calm = scenario()
    planned = Planned(name="lock", at=moment, on=on, failure=failure)
    return Scene(replace(calm, release=replace(calm.release, effects=(planned,))), strategy=strategy)


def struck(scene: Scene, minutes: int = 10) -> list[tuple[int, int]]:
    """From which second to which both versions answer badly."""
    spells: list[tuple[int, int]] = []
    for second in range(minutes * 60):
        scene.play(second * SECOND)
        chance = scene.world.columns.versions.error_chance
        assert chance[STABLE, 0] == chance[NEW, 0]
        if chance[STABLE, 0] == 1.0:
            joins = spells and spells[-1][1] == second
            spells[-1:] = [(spells[-1][0], second + 1)] if joins else [*spells[-1:], (second, second + 1)]
    return spells


@pytest.mark.parametrize("strategy", [Rolling(), BlueGreen(), Recreate(), Canary.model_validate(CANARY)])
def test_what_comes_at_the_start_hits_both_versions_alike_by_any_strategy(strategy: Any) -> None:
    assert struck(scene_with("start", strategy)) == [(0, 10)]


@pytest.mark.parametrize("strategy", [None, NoRelease()])
def test_without_a_release_nobody_is_hit(strategy: Any) -> None:
    assert struck(scene_with("start", strategy)) == []


def test_before_the_switch_means_before_any_user_meets_the_new_version() -> None:
    for strategy in (BlueGreen(), Rolling(), Canary.model_validate(CANARY)):
        scene = scene_with("before the switch", strategy)
        (spell,) = struck(scene)
        assert spell[1] - spell[0] == 10
        told = [(event.at, event.what) for event in scene.journal.events]
        (at,) = {at for at, what in told if what == "the release brings: error"}
        ready = min(at for at, what in told if what == "ready")
        assert at == ready
        served = [at for at, share in scene.journal.gauges.get("new share", ()) if share > 0.0]  # type: ignore[call-overload]
        assert served == [] or at <= served[0]


def test_the_first_pod_comes_once_and_each_pod_every_time() -> None:
    once, each = (scene_with(moment, Rolling.model_validate({"surge": 1, "unavailable": 0}))
                  for moment in ("first pod", "each pod"))  # fmt: skip
    assert struck(once) == [(0, 10)]
    starts = [event.at for event in each.journal.events if False]
    spells = struck(each)
    starts = [pod.created_at // SECOND for pod in each.pods(NEW)]
    assert len(starts) == 4
    assert sum(end - begin for begin, end in spells) == sum(
        min(10, (later if later is not None else begin + 10) - begin)
        for begin, later in zip(starts, [*starts[1:], None], strict=True)
    )


def test_promotion_is_the_end_of_a_rollout_and_rollback_the_beginning_of_its_undoing() -> None:
    promoted = scene_with("promotion", BlueGreen.model_validate({"keep_old": "2m"}))
    (spell,) = struck(promoted)
    assert spell[0] * SECOND == pytest.approx(promoted.journal.milestones["decided"], abs=SECOND)  # type: ignore[index]
    taken_back = Canary.model_validate({**CANARY, "then": "rollback"})
    back = scene_with("rollback", taken_back)
    (spell,) = struck(back)
    assert spell[0] * SECOND == pytest.approx(back.journal.milestones["rollback started"], abs=SECOND)  # type: ignore[index]
    assert struck(scene_with("promotion", taken_back)) == []
    assert struck(scene_with("rollback", BlueGreen())) == []


def test_an_effect_on_the_new_version_leaves_the_old_one_alone() -> None:
    scene = scene_with("start", BlueGreen(), on="new")
    scene.play(5 * SECOND)
    assert scene.world.columns.versions.error_chance[:, 0].tolist() == [0.0, 1.0]


WRITTEN = """
rollrisk: 1
service: {replicas: 4, concurrency: 2, pod: {app: {start: 5s}}}
nodes: {count: 2, cpu: 4, memory: 8Gi}
traffic: {streams: {web: {peak: 10/s, work: {p50: 5ms, p95: 9ms}}}}
release: {baseline_errors: 0%, change_failure_rate: 0%, effects: {it: EFFECT}}
oncall: none
strategies: {rolling: rolling}
"""


@pytest.mark.parametrize(
    ("effect", "told"),
    [
        ("{kind: surge, factor: 2, lasts: 1m}", "no release brings a surge; write it under conditions"),
        ("{kind: node_loss}", "node_loss strikes machines, whatever is released; write it under conditions"),
        ("{kind: error_rate, rate: 1%, at: begining}", "allowed: start, before the switch, first pod"),
        ("{kind: error_rate, rate: 1%, streams: [wep]}", "did you mean 'web'"),
    ],
)
def test_an_effect_no_release_can_have_is_refused_with_what_to_write(effect: str, told: str) -> None:
    with pytest.raises(ScenarioError) as error:
        from_text(WRITTEN.replace("EFFECT", effect), "case.yaml")
    assert told in str(error.value)
    assert "release.effects.it" in str(error.value)


def test_the_moments_a_file_may_name_are_those_of_the_cluster() -> None:
    for moment in Moment:
        effect = f"{{kind: error_rate, rate: 1%, at: {moment}}}"
        (planned,) = from_text(WRITTEN.replace("EFFECT", effect), "case.yaml").release.effects
        assert (planned.at, planned.on) == (moment, "both")


shares = st.floats(0.0, 1.0)
splits = st.builds(Split, weight=shares, cohort=shares)


@given(splits)
def test_a_split_that_stays_costs_two_w_times_one_minus_w_of_those_without_the_header(split: Split) -> None:
    found = meets_other(split, split, kept=False)
    on_new = split.answered
    failed = found[STABLE] * (1.0 - on_new) + found[NEW] * on_new
    assert failed == pytest.approx((1.0 - split.cohort) * 2 * split.weight * (1.0 - split.weight), abs=1e-9)


@given(splits, splits)
def test_kept_users_fail_as_often_as_they_are_moved(now: Split, before: Split) -> None:
    found = meets_other(now, before, kept=True)
    failed = found[STABLE] * (1.0 - now.answered) + found[NEW] * now.answered
    stays = (1 - max(now.cohort, before.cohort)) * (1 - max(now.weight, before.weight))
    moved = (1.0 - now.answered - stays) + (1.0 - before.answered - stays)
    assert failed == pytest.approx(moved, abs=1e-9)


def test_a_course_tells_the_split_of_the_last_request_and_not_the_one_of_now() -> None:
    course = Course()
    course.turn(0, Split(), kept=False)
    course.turn(100, Split(weight=1.0), kept=False)
    assert [course.meets_other(NEW, now, 10) for now in (100, 109, 110)] == [1.0, 1.0, 0.0]
