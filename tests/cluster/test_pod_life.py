import sys
from pathlib import Path

import pytest

from sim.cluster.pod import Phase
from sim.failures.crash import Crash
from sim.failures.crash_loop import CrashLoop
from sim.failures.memory_leak import MemoryLeak
from sim.failures.never_ready import NeverReady
from sim.journal import Gauge
from sim.laws.uniform import Uniform
from sim.scenario.resolved import Nodes, Probe
from sim.strategies.blue_green import BlueGreen
from sim.strategies.canary import Canary
from sim.strategies.rolling import Rolling
from sim.versions import NEW, STABLE
from sim.world import Answers

sys.path.insert(0, str(Path(__file__).parent))
from scenes import MINUTE, SECOND, Scene, after, container, scenario, service


def started_at(scene: Scene) -> dict[str, float]:
    """When each pod began to serve, in seconds."""
    return {event.who: event.at / SECOND for event in scene.journal.events if event.what == Phase.SERVING}


def test_the_fleet_serves_and_is_known_before_the_play_begins() -> None:
    scene = Scene(scenario(running=service(3, proxies=2)))
    assert [pod.phase for pod in scene.pods(STABLE)] == [Phase.SERVING] * 3
    assert scene.world.columns.pods.answers[:3].tolist() == [Answers.ACCEPTS] * 3
    assert scene.world.columns.routes.listed.tolist() == [[3, 0, 3], [3, 0, 3]]


def test_a_pod_pulls_then_prepares_then_starts_then_waits_for_its_probe() -> None:
    parts = (
        container("migrate", init=True, start=after("4s")),
        container("proxy", sidecar=True, start=after("1s")),
        container("app", image=300_000_000, start=after("5s")),
    )
    scene = Scene(scenario(running=service(1), new=parts), strategy=BlueGreen())
    scene.play(MINUTE)
    assert scene.story("new/0")[:6] == [
        (0.0, "scheduled to node 1"),
        (0.0, "pulling images"),
        (3.0, "initialising"),
        (8.0, "starting"),
        (13.0, "serving"),
        (18.0, "ready"),  # probed every 10 s from the start of the app at 8 s
    ]


def test_containers_that_did_not_change_are_in_the_nodes_cache() -> None:
    sidecar = container("proxy", sidecar=True, image=10**9, start=after("0s"))
    parts = (sidecar, container("app", start=after("0s")))
    scene = Scene(scenario(running=service(1, containers=parts)), strategy=BlueGreen())
    scene.play(0)
    assert scene.pods(NEW)[0].ready


def test_an_image_is_pulled_by_the_first_pod_of_a_node_alone() -> None:
    nodes = Nodes(count=1, cpu=4000, memory=10**9, os="linux", pull=1e8)
    scene = Scene(
        scenario(running=service(3), nodes=nodes, new=(container(image=10**9),)),
        strategy=BlueGreen(),
    )
    scene.play(MINUTE)
    assert set(started_at(scene).values()) == {15.0}


def test_a_pod_that_fits_nowhere_stays_pending_and_says_why() -> None:
    nodes = Nodes(count=1, cpu=250, memory=10**9, os="linux", pull=1e8)
    scene = Scene(scenario(running=service(2), nodes=nodes), strategy=BlueGreen())
    scene.play(MINUTE)
    assert [pod.phase for pod in scene.pods(NEW)] == [Phase.PENDING] * 2
    assert scene.story("new/1") == [(0.0, "pending: 0/1 nodes are available: 1 Insufficient cpu")]


def test_a_pending_pod_is_scheduled_when_room_appears() -> None:
    nodes = Nodes(count=1, cpu=250, memory=10**9, os="linux", pull=1e8)
    scene = Scene(
        scenario(running=service(2), nodes=nodes),
        strategy=Rolling.model_validate({"surge": 1, "unavailable": 1}),
    )
    scene.play(5 * MINUTE)
    assert [pod.phase for pod in scene.pods(NEW)] == [Phase.SERVING] * 2


def test_a_crash_takes_the_pod_out_of_service_and_its_requests_with_it() -> None:
    scene = Scene(scenario(running=service(1)), strategy=BlueGreen(), failure=Crash(every=after("30s")))
    scene.play(35 * SECOND - 1)
    pod = scene.pods(NEW)[0]
    assert (pod.phase, pod.ready, scene.engine.resets) == (Phase.SERVING, True, [])
    scene.play(35 * SECOND)
    assert scene.engine.resets == [(pod.place, 35 * SECOND)]
    assert scene.world.columns.pods.answers[pod.place] == Answers.REFUSES
    assert not pod.ready


def test_a_crashed_pod_serves_again_after_its_back_off_and_its_start() -> None:
    scene = Scene(scenario(running=service(1)), strategy=BlueGreen(), failure=Crash(every=after("30s")))
    scene.play(4 * MINUTE)
    crashes = [at for at, what in scene.story("new/0") if what.startswith("crashed")]
    # 30 s after it serves, then 5 s of start and 30 s again, with 0, 10, 20 s of back-off before each start
    assert crashes == [35.0, 70.0, 115.0, 170.0]


def test_a_process_that_exits_before_it_can_serve_never_becomes_ready() -> None:
    scene = Scene(strategy=BlueGreen(), failure=CrashLoop())
    scene.play(30 * MINUTE)
    assert max(value for _, value in scene.gauge(Gauge.READY_NEW)) == 0


def test_a_pod_that_is_never_ready_serves_nobody() -> None:
    scene = Scene(strategy=Rolling(), failure=NeverReady())
    scene.play(30 * MINUTE)
    assert max(value for _, value in scene.gauge(Gauge.LISTED_NEW)) == 0
    assert Phase.SERVING in {pod.phase for pod in scene.pods(NEW)}


def test_a_leak_kills_again_and_again() -> None:
    scene = Scene(scenario(running=service(1)), strategy=BlueGreen(), failure=MemoryLeak(oom_after=after("20m")))
    scene.play(70 * MINUTE)
    kills = [at for at, what in scene.story("new/0") if "OOMKilled" in what]
    assert kills == [1205.0, 2410.0, 3615.0]  # ten good minutes clear the back-off each time


def test_a_start_up_time_belongs_to_the_pod_and_not_to_the_strategy() -> None:
    slow = (container(start=Uniform(low=1e9, high=60e9)),)
    canary = Canary.model_validate({"steps": [{"weight": "25%", "hold": "5m"}]})
    starts = []
    for strategy in (BlueGreen(), canary):
        scene = Scene(scenario(new=slow), strategy=strategy)
        scene.play(30 * MINUTE)
        created = {event.who: event.at for event in scene.journal.events if event.what.startswith("scheduled")}
        starts.append({who: at - created[who] / SECOND for who, at in started_at(scene).items()})
    assert starts[0] == pytest.approx(starts[1])
    assert len(set(starts[0].values())) == 4


def test_readiness_needs_as_many_good_probes_as_asked() -> None:
    probe = Probe(every=10 * SECOND, failures=3, successes=3)
    scene = Scene(scenario(running=service(1, readiness=probe)), strategy=BlueGreen())
    scene.play(MINUTE)
    assert (30.0, "ready") in scene.story("new/0")
