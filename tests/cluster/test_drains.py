"""A drain beside a rollout: what the budget counts, and whom it does not protect."""

import sys
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sim.cluster.eviction import Allowance, Asked, granted
from sim.failures.never_ready import NeverReady
from sim.failures.node_drain import NodeDrain
from sim.quantities import CountOrShare
from sim.scenario.resolved import Condition, Nodes
from sim.strategies.rolling import Rolling
from sim.versions import NEW, STABLE

sys.path.insert(0, str(Path(__file__).parent))
from scenes import MINUTE, SECOND, Scene, scenario, service


def drained(at: int, *, strategy: Any = None, failure: Any = None, **budget: Any) -> Scene:
    """Four pods on two machines, of which the first is drained."""
    drain = Condition(name="maintenance", at=at, chance=1.0, failure=NodeDrain(node=0))
    nodes = Nodes(count=2, cpu=1000, memory=10**9, os="linux", pull=1e8)
    running = service(4, **{name: CountOrShare.read(value) for name, value in budget.items()})
    made = scenario(running=running, nodes=nodes, conditions=(drain,))
    return Scene(made, strategy=strategy, failure=failure)


def evicted(scene: Scene) -> list[tuple[float, str]]:
    return [(at, what.split()[0]) for at, what in scene.story("node 0") if what.endswith("is evicted")]


def test_surge_pods_do_not_raise_what_must_stay_healthy() -> None:
    """Four are expected: with one missing at most, three healthy ones are enough, though five are asked for."""
    one_more = Rolling.model_validate({"surge": 1, "unavailable": 0})
    scene = drained(3 * SECOND, strategy=one_more, max_unavailable=1)
    scene.play(3 * SECOND)
    assert [fleet.replicas for fleet in scene.cluster.fleets] == [4, 1]
    assert (3.0, "stable/0") in evicted(scene)


def test_a_pod_that_is_not_ready_is_evicted_beside_the_budget_while_enough_are_healthy() -> None:
    stuck = Rolling.model_validate({"surge": 2, "unavailable": 0})
    scene = drained(MINUTE, strategy=stuck, failure=NeverReady.model_validate({}), min_available=4)
    scene.play(MINUTE)
    assert [pod.ready for pod in scene.pods(NEW)] == [False, False]
    assert [who for _, who in evicted(scene)] == ["new/0"]
    assert len(scene.pods(STABLE)) == 4


@given(
    pods=st.lists(st.sampled_from(["pending", "unready", "ready"]), min_size=1, max_size=12),
    others=st.integers(0, 6),
    spare=st.integers(-3, 4),
)
def test_no_more_healthy_pods_go_than_the_budget_allows(pods: list[str], others: int, spare: int) -> None:
    asked = [Asked(started=pod != "pending", ready=pod == "ready") for pod in pods]
    healthy = others + pods.count("ready")
    desired = max(0, healthy - spare)
    found = granted(asked, Allowance(desired, max(0, healthy - desired)), healthy=healthy)
    gone = sum(may and pod.ready for may, pod in zip(found, asked, strict=True))
    assert healthy - gone >= min(healthy, desired)
    assert all(may for may, pod in zip(found, asked, strict=True) if not pod.started)
