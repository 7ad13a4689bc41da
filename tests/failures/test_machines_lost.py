import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sim.doors import kinds
from sim.journal import Gauge
from sim.quantities import CountOrShare
from sim.scenario.resolved import Condition, Scenario
from sim.strategies.rolling import Rolling
from sim.versions import NEW, STABLE
from sim.world import Answers

sys.path.insert(0, str(Path(__file__).parents[1] / "cluster"))
from scenes import MINUTE, SECOND, Scene, after, scenario, service


def condition(kind: str, at: int = 10 * MINUTE, **words: Any) -> Condition:
    return Condition(name=kind, at=at, chance=1.0, failure=kinds("failures")[kind].model_validate(words))


def scene(*conditions: Condition, replicas: int = 6, strategy: Any = None, zones: int = 1, **words: Any) -> Scene:
    """Six pods on three nodes, two on each."""
    return Scene(scene_text(*conditions, replicas=replicas, zones=zones, **words), strategy=strategy)


def scene_text(*conditions: Condition, replicas: int = 6, zones: int = 1, **words: Any) -> Scenario:
    made = scenario(running=service(replicas, **words), conditions=conditions)
    return replace(made, nodes=replace(made.nodes, zones=zones))


def on(play: Scene, node: int) -> list[int]:
    return [pod.number for pod in play.pods(STABLE) if pod.node and pod.node.number == node]


def listed(play: Scene) -> int:
    return int(play.world.columns.routes.listed[0, 0])


def test_pods_of_a_lost_machine_are_silent_and_stay_endpoints_until_it_is_noticed() -> None:
    play = scene(condition("node_loss", node=1))
    lost = on(play, 1)
    play.play(10 * MINUTE + 49 * SECOND)
    answers = [play.world.columns.pods.answers[pod.place] for pod in play.pods(STABLE) if pod.number in lost]
    assert answers == [Answers.SILENT] * 2
    assert (play.cluster.fleets[STABLE].available, listed(play)) == (6, 6)
    play.play(10 * MINUTE + 52 * SECOND)
    assert (play.cluster.fleets[STABLE].available, listed(play)) == (4, 4)


def test_pods_of_a_lost_machine_are_replaced_when_their_toleration_is_over() -> None:
    play = scene(condition("node_loss", node=1))
    play.play(15 * MINUTE + 49 * SECOND)
    assert len(on(play, 1)) == 2
    play.play(17 * MINUTE)
    assert (on(play, 1), len(on(play, 0)), len(on(play, 2))) == ([], 3, 3)
    assert play.cluster.fleets[STABLE].available == 6


def test_a_machine_that_comes_back_starts_its_pods_anew() -> None:
    play = scene(condition("node_loss", node=1, lasts="90s"))
    pods = [pod for pod in play.pods(STABLE) if pod.number in on(play, 1)]
    play.play(20 * MINUTE)
    assert [(pod.incarnation, pod.ready) for pod in pods] == [(1, True), (1, True)]
    assert play.cluster.fleets[STABLE].created == 6


def test_a_rollout_that_may_miss_two_pods_stands_still_while_two_are_lost() -> None:
    """Two of six may be missing, and two are lost: nothing moves until they are replaced."""
    rolling = Rolling.model_validate({"surge": 0, "unavailable": 2})
    free = scene(strategy=rolling)
    free.play(60 * MINUTE)
    held = scene(condition("node_loss", at=1, node=1), strategy=rolling)
    held.play(60 * MINUTE)

    def ends(play: Scene) -> float:
        return max(at for at, what in play.story("ours") if what == "promoted")

    assert 200 < ends(held) - ends(free) < 400
    assert held.cluster.fleets[NEW].available == 6


def test_nothing_is_evicted_where_every_zone_seems_lost() -> None:
    play = scene(condition("zone_loss"))
    play.play(60 * MINUTE)
    assert play.cluster.fleets[STABLE].created == 6
    assert play.cluster.fleets[STABLE].available == 0


def test_a_lost_zone_takes_its_share_and_the_others_take_over() -> None:
    play = scene(condition("zone_loss", zone=0), zones=3, replicas=6)
    play.play(11 * MINUTE)
    assert play.cluster.fleets[STABLE].available == 4
    play.play(20 * MINUTE)
    assert play.cluster.fleets[STABLE].available == 6


def test_a_gray_machine_is_slow_answers_probes_and_recovers() -> None:
    play = scene(condition("gray_node", node=2, factor=4, lasts="5m"))
    play.play(11 * MINUTE)
    slow = {pod.number for pod in play.pods(STABLE) if play.world.columns.pods.speed[pod.place] == 4.0}
    assert slow == set(on(play, 2))
    assert play.cluster.fleets[STABLE].available == 6
    play.play(16 * MINUTE)
    assert set(play.world.columns.pods.speed[:6]) == {1.0}


def test_a_kernel_panic_takes_every_pod_of_the_machine_and_no_other() -> None:
    play = scene(condition("kernel_panic", at=0, every="10m", lasts="11m", reboot="2m"), replicas=6)
    play.play(10 * MINUTE)
    gone = {event.who for event in play.journal.events if event.what.startswith("kernel panic")}
    assert gone == {"node 0", "node 1", "node 2"}
    play.play(20 * MINUTE)
    assert play.cluster.fleets[STABLE].available == 6
    assert {pod.incarnation for pod in play.pods(STABLE)} == {1}


def test_a_drain_without_a_budget_empties_the_machine_at_once() -> None:
    play = scene(condition("node_drain", node=0, lasts="10m"))
    play.play(10 * MINUTE + 1)
    assert play.cluster.fleets[STABLE].available == 4
    play.play(12 * MINUTE)
    assert (on(play, 0), play.cluster.fleets[STABLE].available) == ([], 6)


def test_a_drain_goes_through_the_budget_one_pod_after_another() -> None:
    play = scene(condition("node_drain", node=0), max_unavailable=CountOrShare(count=1))
    play.play(15 * MINUTE)
    assert on(play, 0) == []
    lowest = min(value for at, value in play.gauge(Gauge.READY_STABLE) if at > 0)
    assert lowest == 5


def test_a_drained_machine_takes_no_pod_until_it_is_opened_again() -> None:
    play = scene(condition("node_drain", node=0, lasts="10m"))
    play.play(15 * MINUTE)
    play.cluster.fleets[STABLE].scale(9)
    play.settle()
    assert on(play, 0) == []
    play.play(21 * MINUTE)
    play.cluster.fleets[STABLE].scale(12)
    play.settle()
    assert len(on(play, 0)) == 3


def test_machine_losses_happen_alike_in_the_twin_and_in_every_release() -> None:
    twin = scene(condition("node_loss"))
    release = scene(condition("node_loss"), strategy=Rolling.model_validate({}))
    lost = []
    for play in (twin, release):
        play.play(12 * MINUTE)
        lost.append([(event.at, event.who, event.what) for event in play.journal.events if event.kind == "node"])
    assert lost[0] == lost[1] != []


def test_nobody_sees_a_metric_while_they_are_out() -> None:
    play = scene(condition("metrics_outage", lasts="5m"))
    play.cluster.observer.listen(2 * MINUTE)
    for moment, seen in ((9, True), (12, False), (20, True)):
        play.play(moment * MINUTE)
        assert (play.cluster.observer.seen(MINUTE, 0) is not None) is seen


@pytest.mark.parametrize("share", ["0%", "50%", "100%"])
def test_flapping_hits_its_share_of_the_pods_and_passes(share: str) -> None:
    words = {"every": "5m", "lasts": "2m", "pods": share, "over": "8m"}
    play = scene(condition("readiness_flapping", at=0, **words), replicas=40)
    play.play(6 * MINUTE + 30 * SECOND)
    away = 40 - play.cluster.fleets[STABLE].available
    assert (away == 0, away == 40) == (share == "0%", share == "100%")
    play.play(8 * MINUTE)
    assert play.cluster.fleets[STABLE].available == 40


def test_a_cold_pod_warms_up_and_one_that_has_served_for_long_is_warm() -> None:
    cold = condition("cold_cache", at=0, factor=3, warms="2m")
    play = scene(cold, replicas=1, containers=scenario().service.containers)
    play.play(MINUTE)
    play.cluster.fleets[STABLE].scale(2)
    play.play(2 * MINUTE)
    old, new = play.pods(STABLE)
    speed = play.world.columns.pods.speed
    assert speed[old.place] == 1.0
    assert 1.0 < speed[new.place] < 3.0
    play.play(4 * MINUTE)
    assert speed[new.place] == 1.0
    assert after("5s").mean() == 5 * SECOND
