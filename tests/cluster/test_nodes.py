import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.cluster.containers import Image, Request, request_of
from sim.cluster.nodes import NodePool
from sim.scenario.resolved import Nodes

sys.path.insert(0, str(Path(__file__).parent))
from scenes import SECOND, container

APP, PROXY = Image("app", 200_000_000, 1), Image("proxy", 100_000_000, 0)


def pool(count: int = 2, cpu: int = 1000, memory: int = 1000) -> NodePool:
    return NodePool(Nodes(count=count, cpu=cpu, memory=memory, os="linux", pull=1e8))


def test_what_runs_together_is_summed_and_a_larger_init_container_counts_instead() -> None:
    pod = [container(cpu=300, memory=5), container("proxy", cpu=100, memory=1, sidecar=True)]
    migrate = container("migrate", cpu=350, memory=9, init=True)
    assert request_of(pod) == Request(400, 6)
    assert request_of([migrate, *pod]) == Request(400, 9)


def test_a_pod_goes_where_most_room_is_left() -> None:
    nodes = pool()
    places = [nodes.place(Request(300, 10), "linux") for _ in range(4)]
    assert [node.number for node in places if node] == [0, 1, 0, 1]


def test_a_pod_that_fits_nowhere_is_told_what_is_short_on_how_many_nodes() -> None:
    nodes = pool()
    nodes.place(Request(900, 10), "linux")
    assert nodes.place(Request(1001, 10), "linux") is None
    assert nodes.why_pending(Request(500, 1001), "linux") == (
        "0/2 nodes are available: 1 Insufficient cpu, 2 Insufficient memory"
    )


def test_a_pod_runs_on_no_other_operating_system() -> None:
    assert pool().place(Request(1, 1), "windows") is None
    assert "operating system is linux" in pool().why_pending(Request(1, 1), "windows")


def test_an_image_is_pulled_once_per_node_and_pulls_wait_for_each_other() -> None:
    nodes = pool()
    first, second = nodes.nodes
    assert nodes.pull(first, [APP, PROXY], 0) == 3 * SECOND
    assert nodes.pull(first, [APP], SECOND) == 2 * SECOND  # under way already
    assert nodes.pull(first, [APP, PROXY], 9 * SECOND) == 9 * SECOND
    assert nodes.pull(second, [APP], SECOND) == 3 * SECOND


def test_a_cached_image_costs_nothing() -> None:
    nodes = pool()
    nodes.cache([APP], at=0)
    assert nodes.pull(nodes.nodes[0], [APP], 5) == 5


@given(st.lists(st.tuples(st.integers(0, 700), st.integers(0, 700)), max_size=30), st.integers(0, 4))
def test_no_node_ever_gives_more_than_it_has_and_all_comes_back(asked: list[tuple[int, int]], count: int) -> None:
    nodes = pool(count)
    placed = [(nodes.place(Request(*each), "linux"), Request(*each)) for each in asked]
    assert all(node.cpu >= 0 and node.memory >= 0 for node in nodes.nodes)
    assert nodes.in_use() == len({node.number for node, _ in placed if node})
    for node, request in placed:
        if node:
            nodes.give_back(node, request)
    assert all((node.cpu, node.memory, node.pods) == (1000, 1000, 0) for node in nodes.nodes)


@pytest.mark.parametrize("request_", [Request(1000, 1000), Request(0, 0)])
def test_a_pod_as_large_as_a_node_fits_an_empty_one(request_: Request) -> None:
    assert pool().place(request_, "linux") is not None
