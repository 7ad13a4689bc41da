import sys
from pathlib import Path

import pytest

from sim.laws.uniform import Uniform
from sim.scenario.resolved import Nodes, Probe
from sim.steps import Decision
from sim.strategies.blue_green import BlueGreen

sys.path.insert(0, str(Path(__file__).parent))
from scenes import MINUTE, SECOND, Scene, container, scenario, service

HOUR = 60 * MINUTE
PROBE = Probe(every=10 * SECOND, failures=3, successes=1)


def crowd(pods: int, strategy: BlueGreen | None) -> Scene:
    """So many pods with both probes, uneven starts, and three proxies that learn late."""
    running = service(
        pods,
        proxies=3,
        liveness=PROBE,
        endpoint_lag=Uniform(low=0.0, high=5e9),
        containers=(container(image=100_000_000, start=Uniform(low=5e9, high=30e9)),),
    )
    nodes = Nodes(count=2 * pods // 30 + 1, cpu=4000, memory=10**12, os="linux", pull=1e8)
    return Scene(scenario(running=running, nodes=nodes), strategy=strategy)


def test_an_hour_in_which_nothing_changes_has_no_events() -> None:
    scene = crowd(200, None)
    scene.play(0)
    assert scene.clock.next_at() > HOUR


def test_what_the_pods_of_a_release_cost_in_events_does_not_grow_with_their_number() -> None:
    events = []
    for pods in (50, 200):
        scene, played = crowd(pods, BlueGreen()), 0
        while scene.clock.next_at() <= HOUR:
            scene.clock.step()
            played += 1
        events.append(played / pods)
    assert events[1] < 1.1 * events[0]


@pytest.mark.verify
def test_ten_thousand_pods_are_released_and_watched_for_an_hour_in_some_dozens_of_events_each() -> None:
    scene, played = crowd(10_000, BlueGreen()), 0
    while scene.clock.next_at() <= HOUR:
        scene.clock.step()
        played += 1
    assert scene.journal.decision is Decision.PROMOTED
    assert played < 50 * 10_000
