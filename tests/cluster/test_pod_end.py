import sys
from pathlib import Path

from sim.cluster.pod import Phase, Pod
from sim.failures.crash import Crash
from sim.journal import Gauge
from sim.scenario.resolved import Condition, Shutdown
from sim.versions import STABLE
from sim.world import Answers

sys.path.insert(0, str(Path(__file__).parent))
from scenes import SECOND, Scene, after, scenario, service


def deleted(*, requests: int = 1, pre_stop: int = 0, grace: int = 30, at: int = 0) -> tuple[Scene, Pod]:
    """A pod of two that has just been told to go, with requests in it."""
    shutdown = Shutdown(pre_stop=pre_stop * SECOND, grace=grace * SECOND)
    scene = Scene(scenario(running=service(2, shutdown=shutdown)))
    scene.play(at)
    pod = scene.pods(STABLE)[1]
    scene.hold(pod, requests)
    scene.cluster.fleets[STABLE].scale(1)
    scene.settle()
    return scene, pod


def test_sigterm_refuses_new_connections_and_lets_requests_in_flight_go_on() -> None:
    scene, pod = deleted()
    assert scene.world.columns.pods.answers[pod.place] == Answers.REFUSES
    assert (pod.phase, scene.engine.resets) == (Phase.TERMINATING, [])


def test_a_pod_is_gone_when_its_last_request_has_left() -> None:
    scene, pod = deleted()
    scene.play(12 * SECOND)
    scene.let_go(pod)
    assert scene.story(pod.name)[-1] == (12.0, Phase.GONE)
    assert scene.pods(STABLE) == [scene.pods(STABLE)[0]]


def test_an_idle_pod_is_gone_at_sigterm() -> None:
    _, pod = deleted(requests=0)
    assert pod.phase is Phase.GONE


def test_what_is_in_flight_when_the_grace_is_over_is_lost() -> None:
    scene, pod = deleted()
    scene.play(30 * SECOND - 1)
    assert pod.phase is Phase.TERMINATING
    scene.play(30 * SECOND)
    assert (pod.phase, scene.engine.resets) == (Phase.GONE, [(pod.place, 30 * SECOND)])


def test_pre_stop_keeps_the_pod_serving_while_the_proxies_learn_of_its_end() -> None:
    scene, pod = deleted(pre_stop=5)
    scene.play(SECOND)
    assert scene.cluster.endpoints.listed(STABLE) == 1
    assert scene.world.columns.pods.answers[pod.place] == Answers.ACCEPTS
    scene.play(5 * SECOND)
    assert scene.world.columns.pods.answers[pod.place] == Answers.REFUSES


def test_without_pre_stop_a_proxy_still_sends_to_a_pod_that_refuses() -> None:
    scene, pod = deleted()
    assert scene.cluster.endpoints.listed(STABLE) == 2
    assert scene.world.columns.pods.answers[pod.place] == Answers.REFUSES


def test_pre_stop_counts_against_the_grace_but_two_seconds_are_left_to_exit() -> None:
    scene, pod = deleted(pre_stop=60, grace=30)
    scene.play(30 * SECOND)
    assert scene.world.columns.pods.answers[pod.place] == Answers.REFUSES
    scene.play(32 * SECOND)
    assert pod.phase is Phase.GONE


def test_no_grace_at_all_kills_at_once() -> None:
    scene, pod = deleted(grace=0)
    assert (pod.phase, scene.engine.resets) == (Phase.GONE, [(pod.place, 0)])


def test_a_pod_that_crashes_on_its_way_out_is_not_restarted() -> None:
    dies = Condition(name="dies", at=0, chance=1.0, failure=Crash(every=after("10s")))
    shutdown = Shutdown(pre_stop=20 * SECOND, grace=30 * SECOND)
    scene = Scene(scenario(running=service(1, shutdown=shutdown), conditions=(dies,)))
    scene.play(0)
    pod = scene.pods(STABLE)[0]
    scene.cluster.fleets[STABLE].scale(0)
    scene.play(60 * SECOND)
    assert scene.story(pod.name)[-1] == (10.0, Phase.GONE)


def test_a_pod_that_does_not_run_yet_is_gone_at_once() -> None:
    scene = Scene(scenario(running=service(1)))
    scene.play(0)
    scene.cluster.fleets[STABLE].scale(2)
    scene.play(0)
    pod = scene.pods(STABLE)[1]
    scene.cluster.fleets[STABLE].scale(1)
    scene.settle()
    assert (pod.phase, scene.pods(STABLE)[0].phase) == (Phase.GONE, Phase.SERVING)


def test_room_comes_back_only_when_the_pod_is_gone() -> None:
    scene, pod = deleted()
    node = pod.node
    assert node is not None
    free = node.cpu
    scene.let_go(pod)
    assert node.cpu == free + 100


def test_terminating_pods_still_count_as_pods() -> None:
    scene, _ = deleted()
    scene.play(40 * SECOND)
    assert scene.gauge(Gauge.PODS) == [(-60.0, 2.0), (30.0, 1.0)]
