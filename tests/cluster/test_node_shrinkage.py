"""A pool gives back the nodes it does not need, as the cluster autoscaler does."""

import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import ScenarioError
from sim.failures.node_drain import NodeDrain
from sim.failures.node_loss import NodeLoss
from sim.quantities import CountOrShare
from sim.scenario import from_text
from sim.scenario.resolved import Condition, Nodes
from sim.versions import NEW, STABLE

sys.path.insert(0, str(Path(__file__).parent))
from scenes import MINUTE, SECOND, Scene, after, container, scenario, service


def pool(
    *, nodes: int, least: int = 1, most: int = 0, pods: int = 4, strategy: Any = None, index: int = 0, **words: Any
) -> Scene:
    """Nodes with room for four pods each, on a pool that may shrink; the play begins a minute before the release."""
    kind = Nodes(count=nodes, cpu=400, memory=400, os="linux", pull=1e8, least=least, most=most, provision=after("2m"))
    conditions, new = words.pop("conditions", ()), words.pop("new", None)
    made = scenario(running=service(pods, **words), nodes=kind, conditions=conditions, new=new)
    return Scene(made, strategy=strategy, index=index)


def left(scene: Scene) -> list[tuple[float, str]]:
    return [(e.at / SECOND, e.who) for e in scene.journal.events if e.kind == "node" and e.what == "leaves the pool"]


def test_empty_nodes_leave_together_after_ten_minutes() -> None:
    scene = pool(nodes=5, pods=2)  # one pod on each of two nodes, three nodes empty
    scene.play(9 * MINUTE - 1)
    assert left(scene) == []
    scene.play(9 * MINUTE)
    assert left(scene) == [(540.0, "node 2"), (540.0, "node 3"), (540.0, "node 4")]


def test_a_little_used_node_is_emptied_onto_the_others_and_leaves() -> None:
    scene = pool(nodes=2, pods=2)
    scene.play(30 * MINUTE)
    assert [who for _, who in left(scene)] == ["node 0"]
    assert [pod.node.number for pod in scene.pods(STABLE) if pod.node] == [1, 1]
    assert scene.cluster.fleets[STABLE].available == 2


def test_a_node_of_which_half_is_requested_stays() -> None:
    scene = pool(nodes=2, pods=4)
    scene.play(60 * MINUTE)
    assert left(scene) == []


def test_a_little_used_node_whose_pods_fit_nowhere_else_stays() -> None:
    scene = pool(nodes=2, pods=3, containers=(container(cpu=150),))  # two pods here, one there: no room for a third
    scene.play(60 * MINUTE)
    assert [node.pods for node in scene.cluster.nodes.nodes] == [2, 1]
    assert left(scene) == []


@pytest.mark.parametrize("least", [0, 2, 3])
def test_a_pool_keeps_its_least_and_does_not_shrink_without_one(least: int) -> None:
    scene = pool(nodes=4, pods=1, least=least)
    scene.play(120 * MINUTE)
    assert len(scene.cluster.nodes.standing) == (least or 4)


def test_a_disruption_budget_binds_the_emptying_of_nodes() -> None:
    scene = pool(nodes=2, pods=2, min_available=CountOrShare(count=2))
    scene.play(60 * MINUTE)
    assert left(scene) == []


def test_nothing_leaves_within_ten_minutes_of_a_node_that_joined() -> None:
    scene = pool(nodes=2, pods=2, most=3, new=(container(cpu=350),))
    scene.play(5 * MINUTE)
    scene.cluster.fleets[NEW].scale(1)  # fits beside no other pod
    scene.play(60 * MINUTE)
    joined = next(e.at for e in scene.journal.events if e.what == "joins the pool") // SECOND
    assert joined == 5 * 60 + 10 + 2 * 60
    assert left(scene)[0] == (joined + 600.0, "node 0")


def test_nodes_with_pods_are_emptied_one_after_another() -> None:
    scene = pool(nodes=3, pods=3)
    for pod in scene.pods(STABLE):
        scene.hold(pod, 1)  # each takes its grace of 30 s to go
    scene.play(60 * MINUTE)
    begun = [e.at / SECOND for e in scene.journal.events if e.what.startswith("is not needed")]
    assert (begun[0], left(scene)[0]) == (540.0, (570.0, "node 0"))
    assert 570.0 <= begun[1] <= 580.0


def test_a_pool_that_shrank_orders_nodes_again_for_a_release() -> None:
    scene = pool(nodes=2, pods=3, most=2)
    scene.play(30 * MINUTE)
    assert len(scene.cluster.nodes.standing) == 1
    scene.cluster.fleets[NEW].scale(3)
    scene.play(40 * MINUTE)
    assert (scene.cluster.fleets[NEW].available, len(scene.cluster.nodes.standing)) == (3, 2)


def test_the_pool_follows_an_autoscaler_up_and_down() -> None:
    scene = pool(nodes=1, pods=4, most=3)
    scene.play(0)
    standing = []
    for size in (10, 2):
        scene.cluster.sizing.resize(size)
        scene.play(int(scene.clock.now) + 40 * MINUTE)
        standing.append(len(scene.cluster.nodes.standing))
        assert scene.cluster.fleets[STABLE].available == size
    assert standing == [3, 1]


@pytest.mark.parametrize("failure", [NodeLoss, NodeDrain])
def test_what_befalls_a_node_that_has_left_changes_nothing(failure: Any) -> None:
    late = Condition(
        name="late", at=20 * MINUTE, chance=1.0, failure=failure.model_validate({"node": 2, "lasts": "5m"})
    )
    scene = pool(nodes=3, pods=2, conditions=(late,))
    scene.play(60 * MINUTE)
    assert "node 2" in [who for _, who in left(scene)]
    assert not any(node.up for node in scene.cluster.nodes.nodes if node.removed)
    assert scene.cluster.fleets[STABLE].available == 2


def test_nothing_happens_while_no_node_may_go() -> None:
    scene = pool(nodes=2, pods=8)
    scene.play(0)
    assert scene.clock.next_at() > 240 * MINUTE


@settings(max_examples=30, deadline=None)
@given(index=st.integers(0, 10**6), sizes=st.lists(st.integers(1, 8), min_size=1, max_size=6))
def test_whatever_the_fleet_does_the_pool_stays_within_its_bounds_and_every_pod_finds_room(
    index: int, sizes: list[int]
) -> None:
    scene = pool(nodes=3, least=1, most=4, index=index)
    scene.play(0)
    for size in sizes:
        scene.cluster.fleets[STABLE].scale(size)
        scene.play(int(scene.clock.now) + 25 * MINUTE)
        assert 1 <= len(scene.cluster.nodes.standing) <= 4
        assert scene.cluster.fleets[STABLE].available == size
        assert all(pod.node is not None and not pod.node.removed for pod in scene.pods(STABLE))


def test_a_pool_that_keeps_more_nodes_than_it_has_is_refused() -> None:
    text = """
rollrisk: 1
service: {replicas: 1, concurrency: 5, pod: {app: {start: 5s}}}
nodes: {count: 2, cpu: 4, memory: 16Gi, least: 3}
traffic: {streams: {browse: {peak: 9/s, work: 100ms}}}
release: {baseline_errors: 0.05%, change_failure_rate: 0%}
oncall: none
strategies: {rolling: rolling}
"""
    with pytest.raises(ScenarioError, match=r"least \(3\) is more than count \(2\)"):
        from_text(text)
