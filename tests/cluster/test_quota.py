"""A quota refuses pods when they are created, and who was refused asks again as client-go does."""

import sys
from pathlib import Path

import pytest

from sim.cli.pods import watched
from sim.cluster.admission import Admission, retry_after
from sim.cluster.containers import Request
from sim.scenario.resolved import Quota
from sim.strategies.rolling import Rolling
from sim.versions import NEW, STABLE

sys.path.insert(0, str(Path(__file__).parent))
from scenes import MINUTE, SECOND, Scene, scenario, service


def limited(pods: int, strategy: Rolling | None = None) -> Scene:
    return Scene(scenario(running=service(4, quota=Quota(pods=pods))), strategy=strategy)


def test_pods_beyond_the_quota_do_not_exist_and_the_fleet_says_why() -> None:
    scene = limited(6)
    scene.play(0)
    scene.cluster.fleets[NEW].scale(4)
    scene.play(MINUTE)
    assert len(scene.pods(NEW)) == 2
    assert scene.story("new fleet") == [(0.0, "FailedCreate: exceeded quota: pods")]


def test_a_fleet_that_never_fitted_starts_with_what_the_quota_allows() -> None:
    scene = limited(3)
    assert len(scene.pods(STABLE)) == 3


@pytest.mark.parametrize("quota", [Quota(cpu=499), Quota(memory=4), Quota(pods=4)])
def test_cpu_memory_and_pods_are_each_limited(quota: Quota) -> None:
    scene = Scene(scenario(running=service(4, quota=quota)))
    scene.play(0)
    scene.cluster.fleets[NEW].scale(1)
    assert not scene.pods(NEW)


def test_a_pod_that_terminates_still_counts_against_the_quota() -> None:
    scene = limited(4)
    scene.play(0)
    scene.hold(scene.pods(STABLE)[3], 1)
    scene.cluster.fleets[STABLE].scale(3)
    scene.cluster.fleets[NEW].scale(1)
    scene.play(20 * SECOND)
    assert not scene.pods(NEW)


def test_a_refused_fleet_does_not_hear_that_another_has_made_room_and_waits_for_its_own_retry() -> None:
    scene = limited(4)
    scene.play(0)
    scene.hold(scene.pods(STABLE)[3], 1)
    scene.cluster.fleets[STABLE].scale(3)
    scene.cluster.fleets[NEW].scale(1)
    scene.play(5 * MINUTE)
    gone = next(at for at, what in scene.story("stable/3") if what == "gone")
    created = scene.pods(NEW)[0].created_at
    retries = [sum(retry_after(nth) for nth in range(count)) for count in range(1, 20)]
    assert gone == 30.0
    assert created == next(at for at in retries if at >= 30 * SECOND) == 40_955 * 10**6


def test_a_change_of_an_own_pod_lets_a_refused_fleet_ask_at_once() -> None:
    scene = limited(5)
    scene.play(0)
    scene.cluster.fleets[NEW].scale(2)
    scene.play(1 * SECOND)
    scene.hold(scene.pods(STABLE)[3], 1)
    scene.cluster.fleets[STABLE].scale(3)
    scene.play(5 * SECOND - 1)
    scene.let_go(scene.pods(STABLE)[3])  # room appears, and new/0 turns ready at 10 s, at its probe
    scene.play(MINUTE)
    assert [pod.created_at // SECOND for pod in scene.pods(NEW)] == [0, 5]


def test_an_attempt_that_is_due_already_is_not_put_off_by_another_refusal() -> None:
    scene = limited(4)
    scene.play(0)
    fleets = scene.cluster.fleets
    fleets[NEW].scale(1)
    scene.play(6 * SECOND)
    fleets[NEW].scale(2)  # refused again: by itself that would put the next attempt at 16 s
    scene.play(8 * SECOND)
    fleets[STABLE].scale(3)
    scene.play(MINUTE)
    assert scene.pods(NEW)[0].created_at == sum(retry_after(nth) for nth in range(11)) == 10_235 * 10**6


def test_a_success_forgets_the_refusals_before_it() -> None:
    scene = limited(5)
    scene.play(0)
    fleets = scene.cluster.fleets
    fleets[NEW].scale(2)
    scene.play(MINUTE)
    fleets[STABLE].scale(3)
    scene.play(3 * MINUTE)
    assert len(scene.pods(NEW)) == 2
    fleets[NEW].scale(3)
    asked_at = int(scene.clock.now)
    scene.play(asked_at + retry_after(0) - 1)
    fleets[STABLE].scale(2)
    scene.play(asked_at + retry_after(0))
    assert len(scene.pods(NEW)) == 3


def test_a_rolling_update_under_a_full_quota_is_slower_and_gets_there() -> None:
    ends = {}
    for pods in (4, 5):
        scene = limited(pods, Rolling.model_validate({"surge": 1, "unavailable": 1}))
        scene.play(30 * MINUTE)
        ends[pods] = max(pod.created_at for pod in scene.pods(NEW))
        assert scene.cluster.fleets[NEW].available == 4
    assert ends[4] > ends[5]


def test_kubectl_shows_what_was_refused() -> None:
    scene = limited(4)
    scene.play(0)
    scene.cluster.fleets[NEW].scale(1)
    assert [cells for _, cells in watched(scene.journal.events)] == [("new fleet", "-", "FailedCreate", "-", "-")]


def test_what_was_admitted_and_given_back_is_free_again() -> None:
    admission = Admission(Quota(cpu=2))
    assert [admission.admits(Request(1, 0)) for _ in range(3)] == [True, True, False]
    admission.give_back(Request(1, 0))
    assert admission.admits(Request(1, 0))
