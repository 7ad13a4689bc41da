"""Whether the pods that a rollout needs beside each other can exist at once: quota, nodes, connections."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from sim import units
from sim.rollout_plan import Fleets, plan_of
from sim.scenario.model.service import pod_request
from sim.scenario.resolved import Container, Scenario, Strategy


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortage:
    """A limit that leaves a rollout short: how much it needs of what at once, and how much there is."""

    limit: str  # "quota", "nodes" or "connections"
    what: str  # in words
    needs: str
    has: str

    @property
    def told(self) -> str:
        """As a clause."""
        return f"{self.needs} are needed at once, {self.what} {self.has}"


def shortages(scenario: Scenario, strategy: Strategy) -> tuple[Shortage, ...]:
    """Every limit under which this strategy can never finish, even if all goes well; empty where it can.

    A limit that is too tight for today's fleet alone is told elsewhere.
    """
    plan = plan_of(strategy.strategy, scenario.service.replicas)
    alone = {each.limit for each in _of(scenario, Fleets(scenario.service.replicas, 0))}
    if not plan.ships:
        return ()
    return tuple(each for each in _of(scenario, plan.together) if each.limit not in alone)


def _of(scenario: Scenario, fleets: Fleets) -> Iterator[Shortage]:
    yield from _quota(scenario, fleets)
    yield from _nodes(scenario, fleets)
    yield from _connections(scenario, fleets)


def _quota(scenario: Scenario, fleets: Fleets) -> Iterator[Shortage]:
    quota = scenario.service.quota
    cpu, memory = _requested(scenario, fleets)
    pods = f"{fleets.pods} pods"
    if quota.pods is not None and fleets.pods > quota.pods:
        yield Shortage(limit="quota", what="the quota allows", needs=pods, has=f"{quota.pods}")
    if quota.cpu is not None and cpu > quota.cpu:
        needs = f"{pods} with {units.show_cpu(cpu)} of cpu"
        yield Shortage(limit="quota", what="the quota allows", needs=needs, has=units.show_cpu(quota.cpu))
    if quota.memory is not None and memory > quota.memory:
        needs = f"{pods} with {units.show_size(memory)} of memory"
        yield Shortage(limit="quota", what="the quota allows", needs=needs, has=units.show_size(quota.memory))


def _nodes(scenario: Scenario, fleets: Fleets) -> Iterator[Shortage]:
    """Exact where both versions ask for the same, else by the sums, which are the least that is needed."""
    nodes = scenario.nodes
    count = max(nodes.count, nodes.most)
    old, new = pod_requests(scenario.service.containers), pod_requests(scenario.release.containers)
    if old == new or not fleets.new:
        fit = count * pods_on_a_node(scenario, old)
        if fleets.pods > fit:
            yield Shortage(limit="nodes", what="the nodes hold", needs=f"{fleets.pods} pods", has=f"{fit}")
        return
    for needed, whole, show, what in zip(
        _requested(scenario, fleets), (nodes.cpu, nodes.memory), (units.show_cpu, units.show_size), ("cpu", "memory"),
        strict=True,
    ):  # fmt: skip
        if needed > count * whole:
            needs = f"{fleets.pods} pods with {show(needed)} of {what}"
            yield Shortage(limit="nodes", what="the nodes have", needs=needs, has=show(count * whole))


def _connections(scenario: Scenario, fleets: Fleets) -> Iterator[Shortage]:
    for each in scenario.dependencies:
        needed = each.per_pod * fleets.pods
        if needed > each.connections:
            needs = f"{needed} connections of {fleets.pods} pods"
            yield Shortage(limit="connections", what=f"{each.name} takes", needs=needs, has=f"{each.connections}")


def pods_on_a_node(scenario: Scenario, requests: tuple[int, int]) -> int:
    """Pods with these requests (millicores, bytes) on one empty node."""
    cpu, memory = requests
    by_cpu = scenario.nodes.cpu // cpu if cpu else math.inf
    by_memory = scenario.nodes.memory // memory if memory else math.inf
    return int(min(by_cpu, by_memory, scenario.nodes.places))


def pod_requests(containers: tuple[Container, ...]) -> tuple[int, int]:
    """Millicores and bytes that one pod of these containers requests."""
    return (
        pod_request([(each.cpu, each.init, each.sidecar) for each in containers]),
        pod_request([(each.memory, each.init, each.sidecar) for each in containers]),
    )


def _requested(scenario: Scenario, fleets: Fleets) -> tuple[int, int]:
    old, new = pod_requests(scenario.service.containers), pod_requests(scenario.release.containers)
    cpu, memory = (fleets.stable * one + fleets.new * other for one, other in zip(old, new, strict=True))
    return cpu, memory
