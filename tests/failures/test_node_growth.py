import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sim.cluster.containers import Request
from sim.cluster.growth import machines_for
from sim.scenario.resolved import Nodes, Quota
from sim.strategies.blue_green import BlueGreen
from sim.versions import NEW, STABLE

sys.path.insert(0, str(Path(__file__).parents[1] / "cluster"))
from scenes import MINUTE, Scene, after, scenario, service


def play(*, most: int = 0, quota: Quota | None = None, count: int = 2) -> Scene:
    """Four pods of 100 millicores; two of them fill a node."""
    running = service(4, **({"quota": quota} if quota else {}))
    pool: Any = {"most": most, "provision": after("2m")}
    made = scenario(running=running, nodes=Nodes(count=count, cpu=200, memory=100, os="linux", pull=1e8, **pool))
    return Scene(replace(made), strategy=BlueGreen.model_validate({"keep_old": "1m"}))


def stands(scene: Scene, at: int = 8) -> list[int]:
    """Available pods of both versions some minutes after the release; its deadline is ten."""
    scene.play(at * MINUTE)
    return [scene.cluster.fleets[version].available for version in (STABLE, NEW)]


def test_a_full_cluster_that_does_not_grow_has_no_room_for_a_second_fleet() -> None:
    assert stands(play()) == [4, 0]


def test_a_pool_orders_what_waiting_pods_fill_and_the_release_goes_on() -> None:
    scene = play(most=5)
    assert stands(scene, at=30) == [0, 4]
    joined = [event.at for event in scene.journal.events if event.what == "joins the pool"]
    assert (len(joined), len(scene.cluster.nodes.nodes)) == (2, 4)
    assert joined[0] == 10 * 10**9 + 2 * MINUTE  # the next scan, and two minutes


def test_a_pool_never_grows_beyond_its_most() -> None:
    scene = play(most=3)
    assert stands(scene) == [4, 2]
    assert len(scene.cluster.nodes.nodes) == 3


def test_a_quota_holds_pods_up_and_orders_no_machine() -> None:
    scene = play(most=9, quota=Quota(pods=6))
    assert stands(scene) == [4, 2]
    assert len(scene.cluster.nodes.nodes) == 3
    assert any("exceeded quota: pods" in event.what for event in scene.journal.events)


def test_a_quota_on_cpu_counts_what_pods_request() -> None:
    assert stands(play(count=9, quota=Quota(cpu=550))) == [4, 1]


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=20))
def test_ordered_machines_are_enough_and_no_more_than_one_each(asked: list[tuple[int, int]]) -> None:
    requests, size = [Request(*each) for each in asked], Request(10, 10)
    fitting = [each for each in requests if each.cpu <= 10 and each.memory <= 10]
    count = machines_for(requests, size, places=5)
    assert count <= len(fitting)
    assert 10 * count >= max(sum(each.cpu for each in fitting), sum(each.memory for each in fitting))
    assert 5 * count >= len(fitting)
