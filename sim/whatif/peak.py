"""A scenario turned into a capacity question: all the time at the planning peak, as long as one release takes."""

from __future__ import annotations

import math
from dataclasses import replace
from enum import StrEnum

from sim import units
from sim.scenario.arithmetic import pods_that_fit
from sim.scenario.resolved import Scenario, Strategy

PER_WAVE = 2 * units.MINUTE
"""Scheduling, pulling and readiness of one wave of pods, on top of its start-up."""
AFTERWARDS = 10 * units.MINUTE
"""Watched after the rollout should be over, so that the end of it is judged as well."""


class Loss(StrEnum):
    """What is missing from the start of the release on."""

    NONE = "no loss"
    NODE = "node lost"


def at_peak(scenario: Scenario, strategy: Strategy, growth: float = 1.0) -> Scenario:
    """The scenario at its highest traffic times ``growth``, for as long as a good release by ``strategy`` takes.

    The fleet has the size the file says: an autoscaler that is late would hide what the size is for. Timed conditions
    are left out; what is lost is asked for by :func:`after`.
    """
    highest = max(share for _, share in scenario.traffic.profile)
    return replace(
        scenario,
        traffic=replace(scenario.traffic, profile=((0, highest * growth),)),
        service=replace(scenario.service, autoscaler=None),
        conditions=(),
        study=replace(scenario.study, horizon=length(scenario, strategy)),
    )


def length(scenario: Scenario, strategy: Strategy) -> int:
    """How long a release is watched, ns: what the strategy holds on purpose, its waves of pods, and a while after."""
    kind, window = strategy.strategy, scenario.study.window
    start = max(container.start.quantile(0.95) for container in scenario.service.containers)
    waves = max(4, len(getattr(kind, "steps", ())) + 1)
    whole = kind.planned(scenario.service.replicas) + waves * (start + PER_WAVE) + AFTERWARDS
    return int(math.ceil(whole / window) * window)


def with_fleet(scenario: Scenario, replicas: int) -> Scenario:
    """So many pods, and nodes enough for two fleets of them, so that only the pods are in question."""
    nodes = max(2, nodes_for(scenario, 2 * replicas))
    return replace(
        scenario,
        service=replace(scenario.service, replicas=replicas),
        nodes=replace(scenario.nodes, count=max(nodes, scenario.nodes.count)),
    )


def nodes_for(scenario: Scenario, pods: float) -> int:
    """The nodes on which so many pods fit, by their requests."""
    return math.ceil(pods / max(1, pods_that_fit(scenario, scenario.service.containers)))


def after(scenario: Scenario, loss: Loss) -> Scenario | None:
    """The scenario after a loss: a node is gone with its share of the pods, and nothing replaces them.

    The pods are spread evenly over the nodes. That is the harder half of losing one: the time until lost pods have
    started elsewhere, made as long as the release. None where no pod or no node would be left.
    """
    if loss is Loss.NONE:
        return scenario
    nodes = scenario.nodes.count - 1
    left = scenario.service.replicas - math.ceil(scenario.service.replicas / scenario.nodes.count)
    if left < 1 or nodes < 1:
        return None
    return replace(
        scenario,
        service=replace(scenario.service, replicas=left),
        nodes=replace(scenario.nodes, count=nodes),
    )
