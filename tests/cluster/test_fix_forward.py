"""A bad canary, or a bad second fleet, that is mended by a third fleet instead of being taken back."""

import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from sim.journal import Gauge, Milestone
from sim.laws.uniform import Uniform
from sim.steps import FIXED, Decision, Detector
from sim.strategies.blue_green import BlueGreen
from sim.strategies.canary import Canary
from sim.versions import NEW, STABLE
from sim.world import Pool

sys.path.insert(0, str(Path(__file__).parent))
from scenes import MINUTE, SECOND, Scene, container, scenario, service

CANARY = Canary.model_validate(
    {"steps": [{"weight": "20%", "hold": "5m"}, {"weight": "50%", "hold": "5m"}], "fix": "20m"}
)
BY_PODS = CANARY.model_copy(update={"split": "pods"})
BLUE_GREEN = BlueGreen.model_validate({"keep_old": "5m", "fix": "20m"})
BY_SELECTOR = BLUE_GREEN.model_copy(update={"preview": False})
ALL = {"canary": CANARY, "by pods": BY_PODS, "blue-green": BLUE_GREEN, "by selector": BY_SELECTOR}


def stopped(strategy: Any, at: int, *, index: int = 0, **words: Any) -> Scene:
    scene = Scene(scenario(running=service(10, **words)), strategy=strategy, index=index)
    scene.play(at)
    scene.cluster.controller.stop(Detector.ON_CALL)
    scene.settle()
    return scene


def sizes(scene: Scene) -> list[int]:
    return [fleet.replicas for fleet in scene.cluster.fleets]


def share(scene: Scene) -> float:
    return scene.cluster.routes.new_share()


@pytest.mark.parametrize(
    ("strategy", "minute", "paused", "met"),
    [(CANARY, 2, [10, 2, 0], 0.2), (CANARY, 7, [10, 5, 0], 0.5), (BLUE_GREEN, 3, [10, 10, 0], 1.0)],
)
def test_until_the_fix_is_there_users_meet_the_bad_version_as_before(
    strategy: Any, minute: int, paused: list[int], met: float
) -> None:
    scene = stopped(strategy, minute * MINUTE)
    scene.play((minute + 20) * MINUTE - 1)
    assert (sizes(scene), share(scene)) == (paused, met)


@pytest.mark.parametrize("name", ALL)
def test_the_fix_takes_the_place_of_both_others(name: str) -> None:
    scene = stopped(ALL[name], 3 * MINUTE)
    scene.play(60 * MINUTE)
    assert sizes(scene) == [0, 0, 10]
    assert share(scene) == 0.0
    assert scene.journal.decision is Decision.ABORTED
    assert len(scene.journal.milestones) == 6


@pytest.mark.parametrize("strategy", [CANARY, BLUE_GREEN])
def test_the_harm_ends_when_the_whole_fix_is_known_to_every_proxy(strategy: Any) -> None:
    scene = stopped(strategy, 3 * MINUTE)
    scene.play(60 * MINUTE)
    # a fix after 20 min, 5 s to start, ready at the probe after 10 s, and a second of endpoint lag
    assert scene.journal.milestones[Milestone.MITIGATED] == 23 * MINUTE + 11 * SECOND


def test_no_user_meets_a_pod_of_the_fix_before_all_of_them_are_ready() -> None:
    scene = stopped(CANARY, 3 * MINUTE, containers=(container(start=Uniform(low=0.0, high=60e9)),))
    ready = None
    while scene.clock.next_at() <= 30 * MINUTE:
        scene.clock.step()
        if ready is None and scene.cluster.fleets[FIXED].available == 10:
            ready = int(scene.clock.now)
        if scene.cluster.fleets[FIXED].replicas and ready is None:
            assert scene.cluster.endpoints.serving(STABLE) == 10
    assert ready is not None


def test_after_the_promotion_the_old_fleet_stays_gone_and_the_fix_follows_the_bad_one() -> None:
    scene = stopped(BLUE_GREEN, 30 * MINUTE)
    assert sizes(scene) == [0, 10, 0]
    scene.play(50 * MINUTE - 1)
    assert share(scene) == 1.0
    scene.play(60 * MINUTE)
    assert sizes(scene) == [0, 0, 10]
    assert max(value for _, value in scene.gauge(Gauge.BLACKOUT)) == 0.0


def test_at_its_widest_three_fleets_stand_beside_each_other() -> None:
    scene = stopped(BLUE_GREEN, 3 * MINUTE)
    scene.play(60 * MINUTE)
    assert max(value for _, value in scene.gauge(Gauge.PODS)) == 30


def test_header_and_mirror_end_with_the_bad_version() -> None:
    steps = [{"weight": "10%", "hold": "5m", "cohort": "5%", "mirror": "50%"}]
    scene = stopped(Canary.model_validate({"steps": steps, "fix": "10m"}), 2 * MINUTE)
    scene.play(60 * MINUTE)
    routes = scene.world.columns.routes
    assert (routes.new_share[0], routes.cohort_share[0], routes.mirror_share[0]) == (0.0, 0.0, 0.0)


def test_a_canary_that_is_taken_back_anyway_awaits_no_fix() -> None:
    with pytest.raises(ValidationError, match="needs no fix"):
        Canary.model_validate({"steps": [{"weight": "10%", "hold": "5m"}], "then": "rollback", "fix": "10m"})


@settings(max_examples=25, deadline=None)
@given(name=st.sampled_from(sorted(ALL)), index=st.integers(0, 10**6), seconds=st.integers(0, 1500))
def test_wherever_it_is_stopped_the_fix_ends_in_one_whole_fleet_that_every_proxy_knows(
    name: str, index: int, seconds: int
) -> None:
    scene = stopped(
        ALL[name],
        seconds * SECOND,
        index=index,
        containers=(container(start=Uniform(low=0.0, high=60e9)),),
        proxies=2,
        endpoint_lag=Uniform(low=0.0, high=5e9),
    )
    scene.play(seconds * SECOND + 45 * MINUTE)
    assert sizes(scene) == [0, 0, 10]
    assert not scene.pods(STABLE)
    assert not scene.pods(NEW)
    routes = scene.world.columns.routes
    for proxy in range(2):
        known = routes.endpoint[proxy, Pool.STABLE, : routes.listed[proxy, Pool.STABLE]].tolist()
        assert known == [pod.place for pod in scene.cluster.fleets[FIXED].pods.values()]
    dark = max(value for _, value in scene.gauge(Gauge.BLACKOUT))
    assert dark == 0.0 or name == "by selector"  # which switches before proxies know, there and back
