import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sim.failures.crash_loop import CrashLoop
from sim.failures.error_rate import ErrorRate
from sim.failures.never_ready import NeverReady
from sim.gates.threshold import Threshold
from sim.journal import Gauge, Milestone
from sim.scenario.resolved import OnCall
from sim.steps import Decision, Detector, Finish, Reading, Scale, Script, Wait
from sim.strategies.blue_green import BlueGreen
from sim.strategies.canary import Canary
from sim.strategies.recreate import Recreate
from sim.strategies.rolling import Rolling
from sim.versions import NEW, STABLE
from sim.world import Rank

sys.path.insert(0, str(Path(__file__).parent))
from scenes import MINUTE, SECOND, Scene, after, container, scenario, service

QUICK = Canary.model_validate({"steps": [{"weight": "20%", "hold": "5m"}], "gate": "ours"})
BAD = ErrorRate.model_validate({"rate": "50%"})


def reached(scene: Scene, milestone: Milestone) -> float | None:
    at = scene.journal.milestones.get(milestone)
    return None if at is None else at / SECOND


def fail(scene: Scene, at: int, by: Detector = Detector.GATE) -> None:
    """Let somebody find fault at a moment (ns)."""
    scene.play(at)
    assert scene.cluster.controller is not None
    scene.cluster.controller.stop(by)
    scene.settle()


def answered(scene: Scene, *, bad: bool) -> None:
    """A thousand attempts answered by every pod that exists, the new ones' badly."""
    for version in (STABLE, NEW):
        for pod in scene.pods(version):
            scene.world.telemetry.answered[pod.place] += 1000
            scene.world.telemetry.errors[pod.place] += 1000 if bad and version == NEW else 0


def played_with_traffic(scene: Scene, until: int, *, bad: bool) -> None:
    while scene.clock.now < until:
        answered(scene, bad=bad)
        scene.play(int(scene.clock.now) + 5 * SECOND)


def test_ten_pods_roll_in_the_waves_of_kubernetes() -> None:
    scene = Scene(scenario(running=service(10)), strategy=Rolling())
    scene.play(5 * MINUTE)
    assert scene.asked() == [(10, 3), (8, 3), (8, 5), (3, 5), (3, 10), (0, 10)]
    assert (scene.journal.decision, reached(scene, Milestone.DECIDED)) == (Decision.PROMOTED, 20.0)


def test_pods_on_their_way_out_are_not_counted_so_more_exist_than_the_surge_allows() -> None:
    scene = Scene(scenario(running=service(10)), strategy=Rolling())
    for pod in scene.pods(STABLE):
        scene.hold(pod, 1)  # each takes its whole grace to go
    scene.play(5 * MINUTE)
    assert max(value for _, value in scene.gauge(Gauge.PODS)) == 20  # 13 asked for at most


@pytest.mark.parametrize("failure", [CrashLoop(), NeverReady()])
def test_a_rolling_update_of_pods_that_never_come_up_is_stuck_and_stays_so(failure: Any) -> None:
    scene = Scene(scenario(running=service(10)), strategy=Rolling(), failure=failure)
    scene.play(60 * MINUTE)
    assert (scene.journal.decision, scene.journal.detected_by) == (Decision.STUCK, Detector.DEADLINE)
    assert [fleet.replicas for fleet in scene.cluster.fleets] == [8, 5]
    assert scene.journal.stopped_by is Detector.NOBODY


@pytest.mark.parametrize("strategy", [BlueGreen(), QUICK, Rolling.model_validate({"on_deadline": "rollback"})])
def test_other_rollouts_of_pods_that_never_come_up_are_taken_back_at_the_deadline(strategy: Any) -> None:
    scene = Scene(strategy=strategy, failure=NeverReady())
    scene.play(15 * MINUTE)
    assert (scene.journal.decision, scene.journal.stopped_by) == (Decision.ABORTED, Detector.DEADLINE)
    assert reached(scene, Milestone.DETECTED) == 601.0  # a second after the deadline
    assert scene.gauge(Gauge.NEW_SHARE) == [(-60.0, 0.0)]


def test_every_pod_that_comes_up_starts_the_deadline_anew() -> None:
    slow = (container(start=after("8m")),)
    one_by_one = Rolling.model_validate({"surge": 1, "unavailable": 0})
    scene = Scene(scenario(running=service(2), new=slow), strategy=one_by_one)
    scene.play(30 * MINUTE)
    assert (scene.journal.decision, reached(scene, Milestone.DECIDED)) == (Decision.PROMOTED, 960.0)


def test_a_canary_holds_exactly_as_long_as_it_says() -> None:
    scene = Scene(
        scenario(
            running=service(10, endpoint_lag=after("0s")),
            new=(container(start=after("0s")),),
        ),
        strategy=Canary.model_validate({"steps": [{"weight": "20%", "hold": "10m"}], "then": "rollback"}),
    )
    scene.play(20 * MINUTE)
    assert scene.gauge(Gauge.NEW_SHARE) == [(-60.0, 0.0), (0.0, 0.2), (600.0, 0.0)]


def test_a_rollout_whose_plan_is_to_go_back_is_aborted_and_nobody_stopped_it() -> None:
    scene = Scene(strategy=Canary.model_validate({"steps": [{"weight": "20%", "hold": "10m"}], "then": "rollback"}))
    scene.play(20 * MINUTE)
    assert (scene.journal.decision, scene.journal.stopped_by) == (Decision.ABORTED, Detector.NOBODY)
    assert reached(scene, Milestone.DETECTED) is None


def test_traffic_waits_until_every_proxy_knows_the_pods() -> None:
    scene = Scene(scenario(running=service(endpoint_lag=after("7s"))), strategy=BlueGreen())
    scene.play(5 * MINUTE)
    assert scene.gauge(Gauge.NEW_SHARE) == [(-60.0, 0.0), (17.0, 1.0)]
    assert scene.gauge(Gauge.BLACKOUT) == [(-60.0, 0.0)]


def test_a_failing_gate_ends_the_hold_and_takes_the_release_back() -> None:
    gate = Threshold.model_validate({"per": "version", "success": "99%", "every": "1m", "window": "1m", "delay": "15s"})
    scene = Scene(replace(scenario(), gates={"ours": gate}), strategy=QUICK, gate="ours", failure=BAD)
    played_with_traffic(scene, 10 * MINUTE, bad=True)
    assert (scene.journal.decision, scene.journal.stopped_by) == (Decision.ABORTED, Detector.GATE)
    assert scene.journal.detected_by is Detector.GATE
    assert 60 < (reached(scene, Milestone.DETECTED) or 0.0) < 5 * 60
    assert reached(scene, Milestone.ROLLBACK) == reached(scene, Milestone.DETECTED)


def test_a_passing_gate_lets_the_release_through() -> None:
    gate = Threshold.model_validate({"per": "version", "success": "99%", "every": "1m", "window": "1m", "delay": "15s"})
    scene = Scene(replace(scenario(), gates={"ours": gate}), strategy=QUICK, gate="ours")
    played_with_traffic(scene, 10 * MINUTE, bad=False)
    assert scene.journal.decision is Decision.PROMOTED
    assert 1 <= len(scene.journal.verdicts) <= 5  # a minute apart, during the hold alone


def test_the_person_on_call_takes_back_what_has_been_promoted() -> None:
    person = OnCall(notices_at=0.02, reacts=after("8m"), window=MINUTE, per="service", min_requests=1)
    scene = Scene(replace(scenario(), oncall=person), strategy=Rolling(), failure=BAD)
    played_with_traffic(scene, MINUTE, bad=True)
    assert scene.journal.decision is Decision.PROMOTED
    played_with_traffic(scene, 15 * MINUTE, bad=True)
    assert (scene.journal.decision, scene.journal.stopped_by) == (Decision.ABORTED, Detector.ON_CALL)
    assert (reached(scene, Milestone.DECIDED) or 0.0) > (reached(scene, Milestone.ROLLBACK) or 0.0) > 8 * 60


def test_a_smoke_test_that_surely_finds_the_defect_spares_every_user() -> None:
    strategy = BlueGreen.model_validate({"smoke_test": {"lasts": "2m", "catches": {"bad": "100%"}}})
    scene = Scene(strategy=strategy, failure=BAD)
    scene.play(10 * MINUTE)
    assert (scene.journal.decision, scene.journal.stopped_by) == (Decision.ABORTED, Detector.SMOKE_TEST)
    assert scene.gauge(Gauge.NEW_SHARE) == [(-60.0, 0.0)]
    assert reached(scene, Milestone.MITIGATED) == reached(scene, Milestone.DETECTED)


def test_a_smoke_test_finds_as_often_as_its_chance_says_and_never_in_a_good_release() -> None:
    strategy = BlueGreen.model_validate({"smoke_test": {"lasts": "2m", "catches": {"bad": "30%"}}})

    def found(index: int, failure: Any) -> bool:
        scene = Scene(scenario(running=service(1)), strategy=strategy, failure=failure, index=index)
        scene.play(3 * MINUTE)
        return scene.journal.stopped_by is Detector.SMOKE_TEST

    assert 40 <= sum(found(index, BAD) for index in range(200)) <= 80
    assert not any(found(index, None) for index in range(50))


def test_blue_green_goes_back_in_an_instant_while_the_old_fleet_is_kept() -> None:
    scene = Scene(strategy=BlueGreen.model_validate({"keep_old": "15m"}), failure=BAD)
    fail(scene, 5 * MINUTE)
    assert [reached(scene, each) for each in (Milestone.MITIGATED, Milestone.RESTORED)] == [300.0, 300.0]


def test_blue_green_goes_back_slowly_once_the_old_fleet_is_gone() -> None:
    scene = Scene(strategy=BlueGreen(), failure=BAD)
    fail(scene, 5 * MINUTE, by=Detector.ON_CALL)
    scene.play(10 * MINUTE)
    # five seconds of start, the probe at ten, a second until the proxies know
    assert [reached(scene, each) for each in (Milestone.MITIGATED, Milestone.RESTORED)] == [311.0, 311.0]
    assert scene.gauge(Gauge.BLACKOUT) == [(-60.0, 0.0)]


def test_harm_ends_only_when_the_last_request_has_left_the_new_version() -> None:
    scene = Scene(strategy=BlueGreen.model_validate({"keep_old": "15m"}), failure=BAD)
    scene.play(MINUTE)
    pod = scene.pods(NEW)[0]
    scene.hold(pod, 1)
    fail(scene, 5 * MINUTE)
    assert reached(scene, Milestone.MITIGATED) is None
    scene.play(5 * MINUTE + 3 * SECOND)
    scene.let_go(pod)
    assert reached(scene, Milestone.MITIGATED) == 303.0


def test_a_rolling_release_is_mitigated_when_no_proxy_knows_a_new_pod() -> None:
    scene = Scene(scenario(running=service(10)), strategy=Rolling(), failure=BAD)
    fail(scene, 5 * MINUTE)
    scene.play(10 * MINUTE)
    assert scene.asked()[-1] == (10, 0)
    listed = scene.gauge(Gauge.LISTED_NEW)
    assert (reached(scene, Milestone.MITIGATED), 0.0) == listed[-1]


def test_a_rollback_waits_as_long_as_it_takes() -> None:
    slow = (container(image=0, start=after("20m")),)
    running = service(2, containers=slow)
    scene = Scene(scenario(running=running, new=(container(),)), strategy=Recreate(), failure=BAD)
    fail(scene, 5 * MINUTE)
    assert scene.journal.decision is Decision.UNFINISHED
    scene.play(30 * MINUTE)
    assert scene.journal.decision is Decision.ABORTED


def test_only_the_first_fault_counts() -> None:
    scene = Scene(strategy=BlueGreen.model_validate({"keep_old": "15m"}), failure=BAD)
    fail(scene, 5 * MINUTE)
    told = len(scene.journal.events)
    fail(scene, 5 * MINUTE, by=Detector.ON_CALL)
    assert (len(scene.journal.events), scene.journal.stopped_by) == (told, Detector.GATE)


@pytest.mark.parametrize(("rank", "entity"), [(Rank.ON_CALL, 0), (Rank.CONTROLLER, 9)])
def test_a_stop_at_the_very_moment_of_the_promotion_is_not_lost(rank: Rank, entity: int) -> None:
    scene = Scene(strategy=BlueGreen(), failure=BAD)
    controller = scene.cluster.controller
    assert controller is not None
    at_the_end_of_the_hold = scene.clock.at(41 * SECOND, rank, entity)
    at_the_end_of_the_hold.callbacks.append(lambda _: controller.stop(Detector.ON_CALL))
    scene.play(5 * MINUTE)
    assert (scene.journal.decision, scene.journal.stopped_by) == (Decision.ABORTED, Detector.ON_CALL)
    assert reached(scene, Milestone.ROLLBACK) == 41.0


def test_a_script_is_told_the_time_and_the_fleets_after_each_step() -> None:
    seen: list[Reading] = []

    class Asking:
        def rollout(self, replicas: int) -> Script:
            seen.append((yield Scale(version=NEW, replicas=replicas)))
            seen.append((yield Wait(ready=NEW)))
            seen.append((yield Wait(duration=5 * SECOND)))
            yield Finish(decision=Decision.PROMOTED)

        def rollback(self, replicas: int) -> Script:
            yield from ()

    scene = Scene(strategy=Asking())
    scene.play(MINUTE)
    assert [(each.at // SECOND, each.replicas, each.available) for each in seen] == [
        (0, (4, 4), (4, 0)),
        (10, (4, 4), (4, 4)),
        (15, (4, 4), (4, 4)),
    ]


def test_the_twin_plays_no_steps() -> None:
    scene = Scene()
    scene.play(30 * MINUTE)
    assert {event.kind for event in scene.journal.events} == set()
    assert scene.journal.decision is Decision.UNFINISHED
