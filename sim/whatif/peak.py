"""A scenario turned into a capacity question: all the time at the planning peak, as long as one release takes.

A loss is played, not subtracted: a machine or a zone goes silent at a moment of the release, its pods stay endpoints
until the cluster notices, and stay bound to it for their toleration.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sim import units
from sim.failures.node_loss import NodeLoss
from sim.failures.zone_loss import ZoneLoss
from sim.scenario.arithmetic import fleet_arithmetic, pods_that_fit
from sim.scenario.demand import slot_time
from sim.scenario.resolved import UNLIMITED, Condition, Scenario, Strategy, Stream

PER_WAVE = 2 * units.MINUTE
"""Scheduling, pulling and readiness of one wave of pods, on top of its start-up."""
AFTERWARDS = 2 * units.MINUTE
"""Watched after the rollout should be over, so that the end of it is judged as well."""
SETTLED = 30 * units.SECOND
"""Traffic before the release that is enough to fill the queues of a service whose requests are short."""
FILLS = 20
"""… or so many times the mean time for which a request holds its slot."""
AMPLE = 4
"""A fleet so many times what the work alone keeps busy makes nobody wait."""
MOMENTS = (1 / 6, 1 / 2, 5 / 6)
"""When machines are lost, as shares of a release that loses none: early, half-way, late."""


class Loss(StrEnum):
    """What is lost while the release is under way."""

    NONE = "no loss"
    NODE = "node lost"
    ZONE = "zone lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """One loss: when (ns from the release), and which node or zone."""

    at: int
    place: int


def losses(scenario: Scenario) -> tuple[Loss, ...]:
    """What there is to lose: a zone only where there are several, a node only where others are left."""
    found = [Loss.NONE]
    if scenario.nodes.count > 1:
        found.append(Loss.NODE)
    if scenario.nodes.zones > 1:
        found.append(Loss.ZONE)
    return tuple(found)


def at_peak(scenario: Scenario, strategy: Strategy, growth: float = 1.0) -> Scenario:
    """The scenario at its highest traffic times ``growth``, for as long as a release by ``strategy`` takes with a loss.

    The fleet has the size the file says: an autoscaler that is late would hide what the size is for. Timed conditions
    are left out; what is lost is put in by :func:`struck`.
    """
    traffic = scenario.traffic
    highest = max(share for _, share in traffic.profile)
    streams = tuple(_grown(stream, growth) for stream in traffic.streams)
    users = max(traffic.users, *(stream.arrivals.population() for stream in streams))
    return replace(
        scenario,
        traffic=replace(traffic, profile=((0, highest * growth),), streams=streams, users=users, surges=()),
        service=replace(scenario.service, autoscaler=None),
        conditions=(),
        study=replace(scenario.study, horizon=length(scenario, strategy), warm_up=_warm_up(scenario)),
    )


def comes_from_outside(scenario: Scenario) -> bool:
    """Whether all requests come from outside, at a rate that only chance moves: no waiting users, bursts, recording."""
    return all(
        not stream.arrivals.population() and stream.arrivals.instants() is None and stream.arrivals.steepest() <= 1
        for stream in scenario.traffic.streams
    )


def _warm_up(scenario: Scenario) -> int:
    """The fleet stands there before the release, traffic is level: once the slots have filled, all is as it stays."""
    study, window = scenario.study, scenario.study.window
    if not comes_from_outside(scenario):
        return study.warm_up
    slowest = max(slot_time(scenario, stream) for stream in scenario.traffic.streams)
    filled = max(SETTLED, FILLS * slowest) + scenario.service.slow_start
    return min(study.warm_up, int(math.ceil(filled / window) * window))


def _grown(stream: Stream, growth: float) -> Stream:
    """A stream whose own rate grows where the kind decides it; others follow the profile, a recording is what it is."""
    arrivals = stream.arrivals.grown(growth)
    rate = arrivals.rate(stream.work.mean())
    return replace(stream, arrivals=arrivals, peak=stream.peak if rate is None else rate)


def length(scenario: Scenario, strategy: Strategy) -> int:
    """How long a release is watched, ns.

    What the strategy holds on purpose, its waves of pods, the wait for lost pods to be given up, and a while after.
    """
    kind, window = strategy.strategy, scenario.study.window
    start = max(container.start.quantile(0.95) for container in scenario.service.containers)
    waves = max(4, len(getattr(kind, "steps", ())) + 1)
    whole = kind.planned(scenario.service.replicas) + waves * (start + PER_WAVE) + AFTERWARDS
    return int(math.ceil((whole + _given_up(scenario)) / window) * window)


def _given_up(scenario: Scenario) -> int:
    """From the loss of a machine until its pods are created elsewhere, ns."""
    return scenario.nodes.detection + scenario.nodes.toleration


def with_fleet(scenario: Scenario, replicas: int, nodes: int) -> Scenario:
    """So many pods on so many nodes, and no quota in the way: what is needed is asked, not what is allowed."""
    return replace(
        scenario,
        service=replace(scenario.service, replicas=replicas, quota=UNLIMITED),
        nodes=replace(scenario.nodes, count=nodes, most=scenario.nodes.most if scenario.nodes.most > nodes else 0),
    )


def ample(scenario: Scenario) -> Scenario:
    """The scenario with a fleet that makes nobody wait."""
    busy = fleet_arithmetic(scenario).use_at_peak * scenario.service.replicas
    pods = max(scenario.service.replicas, math.ceil(AMPLE * busy))
    return with_fleet(scenario, pods, max(scenario.nodes.count, nodes_for(scenario, pods)))


def lasting(scenario: Scenario, horizon: int) -> Scenario:
    """The scenario watched for so long (ns)."""
    return replace(scenario, study=replace(scenario.study, horizon=horizon))


def with_strategy(scenario: Scenario, strategy: Strategy, kind: Any) -> Scenario:
    """The scenario with one strategy written otherwise."""
    changed = replace(strategy, strategy=kind)
    return replace(
        scenario, strategies=tuple(changed if each.name == strategy.name else each for each in scenario.strategies)
    )


def nodes_for(scenario: Scenario, pods: float) -> int:
    """The nodes on which so many pods fit, by their requests and a node's places, of whichever version is larger."""
    fit = min(
        pods_that_fit(scenario, scenario.service.containers),
        pods_that_fit(scenario, scenario.release.containers),
        scenario.nodes.places,
    )
    return math.ceil(pods / max(1, fit))


def at_once(kind: Any, replicas: int) -> int:
    """The most pods of both versions together that a strategy asks for."""
    surge = getattr(kind, "surge", None)
    if surge is not None:
        return int(replicas + surge.up(replicas))
    return replicas if kind.kind in ("recreate", "no_release") else 2 * replicas


def spared(scenario: Scenario, loss: Loss, nodes: int) -> int:
    """The nodes that are left of so many; of zones that take turns, the largest is lost."""
    if loss is Loss.NODE:
        return nodes - 1
    return nodes - math.ceil(nodes / scenario.nodes.zones) if loss is Loss.ZONE else nodes


def strikes(scenario: Scenario, loss: Loss, lasts: float) -> tuple[Strike | None, ...]:
    """The losses that are played against a release that lasts so long (ns) when nothing is lost.

    Each falls on a node that holds the most pods of the old fleet, or on the one that gets the first of the new: the
    scheduler takes the emptiest, the first of equals.
    """
    if loss is Loss.NONE:
        return (None,)
    nodes, zones, window = scenario.nodes.count, scenario.nodes.zones, scenario.study.window
    emptiest = scenario.service.replicas % nodes
    places = (0, emptiest) if loss is Loss.NODE else (0, emptiest % zones)
    moments = [int(share * lasts) // window * window for share in MOMENTS]
    return tuple(Strike(at=at, place=place) for at in dict.fromkeys(moments) for place in dict.fromkeys(places))


def struck(scenario: Scenario, loss: Loss, strike: Strike | None) -> Scenario:
    """The scenario with the loss in it; the machines do not come back. Without a loss nobody waits for lost pods."""
    if strike is None:
        window, horizon = scenario.study.window, scenario.study.horizon - _given_up(scenario)
        return replace(scenario, study=replace(scenario.study, horizon=-(-horizon // window) * window))
    failure = NodeLoss(node=strike.place) if loss is Loss.NODE else ZoneLoss(zone=strike.place)
    return replace(scenario, conditions=(Condition(name=loss.value, at=strike.at, chance=1.0, failure=failure),))


def blind(scenario: Scenario, strike: Strike | None) -> slice:
    """The windows in which requests still go to machines that are gone, whatever the size of the fleet.

    From the window before the loss, whose last requests were under way, until the slowest proxy knows.
    """
    if strike is None:
        return slice(0, 0)
    window = scenario.study.window
    known = strike.at + scenario.nodes.detection + scenario.service.endpoint_lag.quantile(0.99)
    return slice(max(0, strike.at // window - 1), math.ceil(known / window))
