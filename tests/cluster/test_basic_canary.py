"""The canary of Argo Rollouts without a router: its arithmetic, and whole releases by it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.cluster.basic_canary import has_arrived, reconcile_split
from sim.cluster.rolling import Limits, Sized
from sim.failures.never_ready import NeverReady
from sim.replica_split import Pair, nearest_split
from sim.scenario.resolved import Nodes
from sim.steps import Decision
from sim.strategies.basic_canary import BasicCanary
from sim.versions import NEW, STABLE

sys.path.insert(0, str(Path(__file__).parent))
from scenes import MINUTE, Scene, scenario, service

ROOM = Nodes(count=40, cpu=4000, memory=10**9, os="linux", pull=1e8)
sizes, percents = st.integers(1, 60), st.integers(1, 99)


@given(sizes, percents, st.integers(0, 2))
def test_no_other_pair_of_as_many_pods_comes_nearer_to_the_weight(replicas: int, percent: int, surge: int) -> None:
    share = percent / 100
    found = nearest_split(replicas, share, surge)
    if min(found) == 0:
        return  # a single pod, or the share for which there is no pair: tested apart
    others = [Pair(new, total - new) for total in (replicas, replicas + min(surge, 1)) for new in range(1, total)]
    assert abs(found.canary / sum(found) - share) <= min(abs(each.canary / sum(each) - share) for each in others) + 1e-9


@given(st.integers(2, 60), percents, st.integers(0, 2))
def test_both_versions_have_a_pod_but_where_half_a_pod_is_missing_to_all(
    replicas: int, percent: int, surge: int
) -> None:
    found = nearest_split(replicas, percent / 100, surge)
    nothing_to_choose = surge == 0 and 2 * replicas * (100 - percent) == 100
    assert (min(found) == 0) == nothing_to_choose
    assert replicas <= sum(found) <= replicas + min(surge, 1)


@pytest.mark.parametrize(
    ("replicas", "percent", "surge", "expected"),
    [(3, 10, 1, (1, 3)), (10, 1, 1, (1, 10)), (2, 1, 1, (1, 2)), (1, 50, 1, (1, 1)), (1, 49, 0, (0, 1))],
)
def test_few_pods_weigh_more_than_was_asked_for(replicas: int, percent: int, surge: int, expected: Pair) -> None:
    assert nearest_split(replicas, percent / 100, surge) == expected


fleets = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(lambda pair: Sized(pair[0], min(pair)))


@given(fleets, fleets, st.integers(1, 30), percents, st.integers(0, 8), st.integers(0, 8))
def test_a_reconcile_keeps_the_surge_and_takes_nobody_below_what_must_stay(
    canary: Sized, stable: Sized, replicas: int, percent: int, surge: int, unavailable: int
) -> None:
    limits = Limits(replicas, surge, unavailable or int(not surge))
    wanted = reconcile_split(canary, stable, nearest_split(replicas, percent / 100, surge), limits)
    before = canary.asked + stable.asked
    assert sum(wanted) <= max(before, replicas + surge)
    assert min(wanted) >= 0
    available = min(canary.available, wanted.canary) + min(stable.available, wanted.stable)
    lost = canary.available + stable.available - available
    healthy = canary.available == canary.asked and stable.available == stable.asked
    assert not (healthy and lost) or available >= limits.least_available


def test_where_an_older_release_takes_the_room_stable_pods_come_first() -> None:
    target, limits = Pair(canary=2, stable=8), Limits(replicas=10, surge=0, unavailable=1)
    assert reconcile_split(Sized(0, 0), Sized(4, 4), target, limits, older=4) == Pair(canary=0, stable=6)


def test_what_is_too_much_is_taken_from_the_side_whose_pods_nobody_misses() -> None:
    """13 of 10 pods, 4 of them never up: 2 of those go at once, and a third in place of a stable one."""
    target, limits = Pair(canary=2, stable=8), Limits(replicas=10, surge=0, unavailable=1)
    assert reconcile_split(Sized(4, 0), Sized(9, 9), target, limits) == Pair(canary=1, stable=9)


@settings(max_examples=200)
@given(st.integers(1, 40), st.lists(percents, min_size=1, max_size=5), st.integers(0, 9), st.integers(0, 9))
def test_healthy_fleets_arrive_at_every_weight_up_and_down(
    replicas: int, weights: list[int], surge: int, unavailable: int
) -> None:
    limits = Limits(replicas, surge, unavailable or int(not surge))
    canary, stable = Sized(0, 0), Sized(replicas, replicas)
    for percent in [*weights, 100, 0]:
        target = nearest_split(replicas, percent / 100, surge)
        for _ in range(4 * replicas + 4):
            wanted = reconcile_split(canary, stable, target, limits)
            canary, stable = Sized(wanted.canary, wanted.canary), Sized(wanted.stable, wanted.stable)
        assert has_arrived(canary, stable, target, stable_exists=stable.asked)


def released(replicas: int, *weights: int, failure: Any = None, **words: Any) -> Scene:
    steps = [{"weight": f"{weight}%", "hold": "1m"} for weight in weights]
    strategy = BasicCanary.model_validate({"steps": steps} | words)
    scene = Scene(scenario(running=service(replicas), nodes=ROOM), strategy=strategy, failure=failure)
    scene.play(30 * MINUTE)
    return scene


def test_a_release_takes_the_reconciles_that_follow_from_the_rules() -> None:
    """Ten pods, a quarter more or fewer: stable pods go as soon as new ones are asked for, as two may be missing."""
    scene = released(10, 20, 40, 60, 80)
    assert scene.asked() == [(8, 2), (6, 4), (4, 6), (2, 8), (0, 10)]
    assert scene.journal.decision is Decision.PROMOTED


def test_without_anything_missing_new_pods_come_before_old_ones_go() -> None:
    scene = released(4, 50, surge=1, unavailable=0)
    assert scene.asked() == [(4, 1), (3, 1), (3, 2), (2, 2), (2, 3), (1, 3), (1, 4), (0, 4)]


def test_a_canary_that_never_comes_up_is_stuck_and_keeps_the_stable_pods_that_must_stay() -> None:
    scene = released(10, 20, failure=NeverReady(), surge=1, unavailable=0)
    stable, new = (scene.cluster.fleets[version] for version in (STABLE, NEW))
    assert (stable.available, new.available, scene.journal.decision) == (10, 0, Decision.STUCK)


def test_one_that_is_to_be_taken_back_at_its_deadline_is() -> None:
    scene = released(10, 20, failure=NeverReady(), on_deadline="rollback")
    assert scene.cluster.fleets[NEW].replicas == 0
    assert scene.cluster.fleets[STABLE].available == 10
    assert scene.journal.decision is Decision.ABORTED


@pytest.mark.parametrize("size", [3, 20, 36])
def test_a_service_that_is_resized_while_a_weight_is_held_is_divided_anew(size: int) -> None:
    steps = [{"weight": "20%", "hold": "10m"}]
    scene = Scene(scenario(running=service(10), nodes=ROOM), strategy=BasicCanary.model_validate({"steps": steps}))
    scene.play(5 * MINUTE)
    scene.cluster.sizing.resize(size)
    asked = scene.cluster.fleets[NEW].replicas, scene.cluster.fleets[STABLE].replicas
    assert asked == nearest_split(size, 0.2, surge=-(-size // 4))
    scene.play(40 * MINUTE)
    assert scene.cluster.fleets[NEW].available == size
    assert scene.journal.decision is Decision.PROMOTED
