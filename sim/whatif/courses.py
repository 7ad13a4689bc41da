"""Headroom through a release: of each resource what is left, minute by minute, in the worst of a few releases.

Headroom is 1 minus use; below zero more is asked than there is. Pods' slots: the work that arrives for a version over
the slots of the pods its proxies list. Nodes: what all pods request, terminating and waiting ones included, over what
fits on the nodes that are left, as if every lost pod had to find its place at once. Quota and connections: what is held
over what is allowed. The minutes in which proxies still list pods that are gone say nothing of slots (nan).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim import units
from sim.cluster.containers import request_of
from sim.journal import Gauge, Journal
from sim.ledger import Ledger
from sim.measures.exposure import NOT_SERVED
from sim.measures.stairs import Stairs, stairs
from sim.replication import GOOD, Record, replicate
from sim.scenario.demand import slot_time
from sim.scenario.resolved import Scenario
from sim.versions import NEW, STABLE
from sim.whatif import peak
from sim.whatif.keeping import Kept
from sim.whatif.peak import Loss, Strike

RELEASES = 3
LONGER = 1.2
"""A release may last so many times as long as is usual before it is played anew, to the full length."""
SLOTS = "pods"
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """Something that runs out: how much there is in which unit, and what is left of it by minute of the release."""

    name: str
    limit: float
    unit: str
    left: tuple[float, ...]

    @property
    def least(self) -> float:
        """The lowest headroom; nan where no minute says anything."""
        known = [share for share in self.left if not math.isnan(share)]
        return min(known, default=math.nan)

    @property
    def mean(self) -> float:
        """The mean headroom."""
        known = [share for share in self.left if not math.isnan(share)]
        return sum(known) / len(known) if known else math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """All resources through a release by one strategy with one loss, the scarcest first; times in seconds.

    ``kept`` is what becomes of the promise meanwhile.
    """

    strategy: str
    loss: Loss
    kept: Kept
    lost_at: float | None
    known_at: float | None
    ends: float
    resources: tuple[Resource, ...]

    @property
    def first(self) -> Resource:
        """The resource of which least is left."""
        return self.resources[0]


def course(scenario: Scenario, strategy: str, loss: Loss, strike: Strike | None, kept: Kept) -> Course:
    """Play a few good releases at the planning peak and keep, of each minute, the worst."""
    played, records = _played(scenario, strategy, loss, strike, kept.means["duration"])
    minutes = _minutes(played, max(record.values["duration"] for record in records), strike)
    worst: dict[str, Resource] = {}
    for record in records:
        assert record.ledger is not None
        assert record.journal is not None
        for found in _resources(played, record.ledger, record.journal, loss, strike, minutes):
            before = worst.get(found.name, found)
            left = tuple(np.fmin(before.left, found.left).tolist())
            worst[found.name] = Resource(name=found.name, limit=found.limit, unit=found.unit, left=left)
    hidden = peak.blind(scenario, strike)
    return Course(
        strategy=strategy,
        loss=loss,
        kept=kept,
        lost_at=None if strike is None else strike.at / units.SECOND,
        known_at=None if strike is None else hidden.stop * scenario.study.window / units.SECOND,
        ends=sum(record.values["duration"] for record in records) / len(records),
        resources=tuple(sorted(worst.values(), key=lambda each: (math.isnan(each.least), each.least))),
    )


def _played(
    scenario: Scenario, strategy: str, loss: Loss, strike: Strike | None, lasts: float
) -> tuple[Scenario, list[Record]]:
    """The releases, as long as they are shown; to the full length where one takes much longer than is usual."""
    whole = peak.struck(scenario, loss, strike)
    shown = int(_minutes(whole, LONGER * lasts, strike)[-1])
    for horizon in (min(shown, whole.study.horizon), whole.study.horizon):
        played = peak.lasting(whole, -(-horizon // whole.study.window) * whole.study.window)
        records = [
            replicate(played, strategy=strategy, case=GOOD, index=index, story=True) for index in range(RELEASES)
        ]
        if not any(record.values["unfinished"] + record.values["stuck"] for record in records):
            break
    return played, records


def _minutes(scenario: Scenario, duration: float, strike: Strike | None) -> NDArray[np.int64]:
    """The edges of the minutes that are shown: the release, and a loss until lost pods have been given up, ns."""
    ends = max(duration * units.SECOND, 5 * units.MINUTE)
    if strike is not None:
        ends = max(ends, strike.at + scenario.nodes.detection + scenario.nodes.toleration)
    number = min(math.ceil(ends / units.MINUTE) + 2, math.ceil(scenario.study.horizon / units.MINUTE))
    return np.arange(number + 1, dtype=np.int64) * units.MINUTE


def _resources(
    scenario: Scenario,
    ledger: Ledger,
    journal: Journal,
    loss: Loss,
    strike: Strike | None,
    edges: NDArray[np.int64],
) -> Iterator[Resource]:
    horizon, service, nodes = scenario.study.horizon, scenario.service, scenario.nodes
    stable, new = (stairs(journal, gauge, horizon) for gauge in (Gauge.PODS_STABLE, Gauge.PODS_NEW))
    pods = _highest(stable, edges), _highest(new, edges)
    slots = _slots(scenario, ledger, journal, strike, edges)
    yield _resource(SLOTS, service.replicas * service.concurrency, "slots", slots)
    after = np.zeros(len(edges) - 1, dtype=np.bool_) if strike is None else edges[1:] > strike.at
    count = max(nodes.count, nodes.most)
    live = np.where(after, peak.spared(scenario, loss, count), count).astype(np.float64)
    asked = {what: _asked(scenario, what) for what in ("cpu", "memory")}
    fits = {what: getattr(nodes, what) // max(each) for what, each in asked.items() if max(each) > 0}
    for what, fit in fits.items():
        of_stable, of_new = asked[what]
        requested = pods[STABLE] * of_stable + pods[NEW] * of_new
        yield _resource(
            f"node {what}", count * fit, "pods that fit", 1 - requested / np.maximum(live * fit * max(asked[what]), 0.5)
        )
    if nodes.places <= min(fits.values(), default=nodes.places):
        left = 1 - (pods[STABLE] + pods[NEW]) / np.maximum(live * nodes.places, 0.5)
        yield _resource("node places", count * nodes.places, "pods", left)
    yield from _allowed(scenario, journal, pods, asked, edges)


def _allowed(
    scenario: Scenario,
    journal: Journal,
    pods: tuple[Floats, Floats],
    asked: Mapping[str, tuple[int, int]],
    edges: NDArray[np.int64],
) -> Iterator[Resource]:
    """What somebody else limits: quota, and the connections of each dependency."""
    for what, limit in (("cpu", scenario.service.quota.cpu), ("memory", scenario.service.quota.memory)):
        if limit is not None:
            requested = pods[STABLE] * asked[what][STABLE] + pods[NEW] * asked[what][NEW]
            unit, scale = ("cores", 1000) if what == "cpu" else ("GiB", 2**30)
            yield _resource(f"quota {what}", limit / scale, unit, 1 - requested / max(limit, 0.5))
    if (most := scenario.service.quota.pods) is not None:
        yield _resource("quota pods", most, "pods", 1 - (pods[STABLE] + pods[NEW]) / max(most, 0.5))
    tightest = scenario.tightest_dependency()  # whose connections the gauge counts
    if tightest is not None:
        processes = _highest(stairs(journal, Gauge.CONNECTIONS, scenario.study.horizon), edges) / tightest.per_pod
        for each in scenario.dependencies:
            if each.per_pod:
                left = 1 - processes * each.per_pod / each.connections
                yield _resource(f"{each.name} connections", each.connections, "connections", left)


def _resource(name: str, limit: float, unit: str, left: Floats) -> Resource:
    return Resource(name=name, limit=float(limit), unit=unit, left=tuple(left.tolist()))


def _asked(scenario: Scenario, what: str) -> tuple[int, int]:
    """What a pod of each version requests."""
    stable, new = (request_of(pod) for pod in (scenario.service.containers, scenario.release.containers))
    return int(getattr(stable, what)), int(getattr(new, what))


def _slots(
    scenario: Scenario, ledger: Ledger, journal: Journal, strike: Strike | None, edges: NDArray[np.int64]
) -> Floats:
    """What is left of the slots of the busier version, by minute; nan while proxies know less than the truth."""
    window, horizon = scenario.study.window, scenario.study.horizon
    places = np.minimum(edges // window, len(ledger.requests) - 1)
    served = np.delete(ledger.arrived, list(NOT_SERVED), axis=3).sum(axis=3)
    work = np.tensordot(served, [slot_time(scenario, stream) for stream in scenario.traffic.streams], axes=([1], [0]))
    factors = (1.0, scenario.release.service_factor)
    uses = np.full((2, len(edges) - 1), np.nan)
    for version, gauge in ((STABLE, Gauge.LISTED_STABLE), (NEW, Gauge.LISTED_NEW)):
        listed = stairs(journal, gauge, horizon)
        asked = np.add.reduceat(work[:, version], places[:-1])[: len(edges) - 1] * factors[version]
        asked[-1] = work[places[-2] : places[-1], version].sum() * factors[version]
        offered = np.diff(listed.up_to(edges)) * scenario.service.concurrency
        whole = _lowest(listed, edges) > 0
        uses[version, whole] = asked[whole] / offered[whole]
    used = np.fmax(uses[STABLE], uses[NEW])
    hidden = peak.blind(scenario, strike)
    first, last = hidden.start * window, hidden.stop * window
    used[(edges[1:] > first) & (edges[:-1] < last)] = np.nan
    left: Floats = 1 - used
    return left


def _highest(steps: Stairs, edges: NDArray[np.int64]) -> Floats:
    """The highest value of a step function in each span between edges."""
    return _extreme(steps, edges, np.maximum)


def _lowest(steps: Stairs, edges: NDArray[np.int64]) -> Floats:
    return _extreme(steps, edges, np.minimum)


def _extreme(steps: Stairs, edges: NDArray[np.int64], better: np.ufunc) -> Floats:
    corners = np.union1d(steps.at, edges[:-1])
    corners = corners[corners < edges[-1]]
    values = steps.value[np.searchsorted(steps.at, corners, side="right") - 1]
    found: Floats = better.reduceat(values, np.searchsorted(corners, edges[:-1]))
    return found
