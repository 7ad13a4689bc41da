"""When pods are taken off machines: budgets that bind it, and zones in trouble that slow it down. Pure functions.

Sources: Kubernetes' disruption controller (``updatePdbStatus``), eviction API (``eviction.go``) and node lifecycle
controller (``ComputeZoneState``, ``handleDisruption``). A budget binds evictions alone: no rollout and no lost machine
asks it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from sim.quantities import CountOrShare

SECOND = 10**9
TROUBLED = 0.55
"""Share of a zone's nodes, more than two, whose loss looks like the network's fault."""
LARGE = 50
"""Nodes above which a zone in trouble is emptied slowly instead of not at all."""
BETWEEN_NODES = 10 * SECOND
BETWEEN_NODES_IN_TROUBLE = 100 * SECOND


class Budget(NamedTuple):
    """A PodDisruptionBudget: exactly one of the two is given."""

    min_available: CountOrShare | None = None
    max_unavailable: CountOrShare | None = None


class Allowance(NamedTuple):
    """How many pods must stay healthy, and how many may be evicted now."""

    desired_healthy: int
    disruptions_allowed: int


def allowance(budget: Budget, *, expected: int, healthy: int) -> Allowance:
    """What a budget allows now; shares of both its fields are rounded up.

    >>> allowance(Budget(max_unavailable=CountOrShare.read("30%")), expected=7, healthy=7)
    Allowance(desired_healthy=4, disruptions_allowed=3)
    """
    if budget.max_unavailable is not None:
        desired = max(0, expected - budget.max_unavailable.up(expected))
    else:
        desired = budget.min_available.up(expected) if budget.min_available is not None else 0
    return Allowance(desired, max(0, healthy - desired) if expected > 0 else 0)


class Asked(NamedTuple):
    """A pod whose eviction is asked for."""

    started: bool  # its containers run or have run: otherwise it is Pending
    ready: bool


def granted(asked: Sequence[Asked], budget: Allowance, *, healthy: int) -> list[bool]:
    """Which evictions are granted, asked for one after another.

    Pods that have not started disrupt nobody, nor do unready ones while enough others are healthy (the eviction API's
    policy ``IfHealthyBudget``); each of the others uses the budget up.

    >>> pods = [Asked(True, True), Asked(True, False), Asked(False, False), Asked(True, True)]
    >>> granted(pods, Allowance(desired_healthy=2, disruptions_allowed=1), healthy=3)
    [True, True, True, False]
    """
    left, found = budget.disruptions_allowed, []
    for pod in asked:
        spared = pod.started and (pod.ready or not healthy >= budget.desired_healthy > 0)
        found.append(not spared or left > 0)
        left -= spared and left > 0
    return found


class ZoneState(Enum):
    """How a zone fares."""

    NORMAL = "normal"
    PARTLY_LOST = "partly lost"
    WHOLLY_LOST = "wholly lost"


def zone_state(*, ready: int, lost: int) -> ZoneState:
    """How a zone with so many ready and lost nodes fares.

    >>> zone_state(ready=3, lost=2), zone_state(ready=0, lost=1)
    (<ZoneState.NORMAL: 'normal'>, <ZoneState.WHOLLY_LOST: 'wholly lost'>)
    """
    if ready == 0 and lost > 0:
        return ZoneState.WHOLLY_LOST
    if lost > 2 and lost / (lost + ready) >= TROUBLED:
        return ZoneState.PARTLY_LOST
    return ZoneState.NORMAL


def time_between_nodes(zone: int, states: Mapping[int, ZoneState], size: int) -> int | float:
    """ns between two nodes of a zone (of so many nodes) to be emptied; infinite while none is.

    When every zone is lost the fault is likely the watcher's own, and nobody is evicted.
    """
    if all(state is ZoneState.WHOLLY_LOST for state in states.values()):
        return math.inf
    if states[zone] is ZoneState.PARTLY_LOST:
        return BETWEEN_NODES_IN_TROUBLE if size > LARGE else math.inf
    return BETWEEN_NODES
