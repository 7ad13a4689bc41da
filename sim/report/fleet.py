"""The fleet's arithmetic in words: one sentence for the answer, a few lines for ``rollrisk check``."""

from __future__ import annotations

import math
from collections.abc import Iterator

from sim import units
from sim.scenario.arithmetic import ANY_NUMBER, FleetArithmetic
from sim.scenario.demand import highest_rate, surge_heights
from sim.scenario.resolved import Scenario
from sim.study.pace import cost_of
from sim.study.planning import told
from sim.units import show_duration, show_share

LONG = 20.0
"""Seconds of a replication after which one is told."""


def sentence(fleet: FleetArithmetic, scenario: Scenario) -> str:
    """What the fleet carries, how busy it is at the peak, and with one node less; ``!`` marks more than it can."""
    replicas = scenario.service.replicas
    return (
        f"{replicas} pod{'s' if replicas > 1 else ''} carr{'y' if replicas > 1 else 'ies'} "
        f"{_rate(fleet.fleet_rate)} rps; peak {_rate(fleet.peak_rate)} rps = {_use(fleet.use_at_peak)}; "
        f"one node lost {_use(fleet.use_with_node_less)}"
    )


def lines(fleet: FleetArithmetic, scenario: Scenario) -> Iterator[str]:
    """The whole arithmetic, one fact per line."""
    work = ", ".join(f"{name} {seconds * 1000:.0f} ms" for name, seconds in fleet.work.items())
    yield f"mean work per request: {work}"
    yield f"one pod carries {_rate(fleet.pod_rate)} rps of this mix"
    yield sentence(fleet, scenario)
    nodes = scenario.nodes.count
    if fleet.pods_per_node >= ANY_NUMBER:
        yield (
            "pods ask for neither CPU nor memory (their requests are 0), so any number fits on a node; a kubelet takes "
            "110 unless it is told otherwise"
        )
    else:
        yield (
            f"{fleet.pods_per_node} pods fit on a node, {fleet.places} on {nodes} node{'s' if nodes > 1 else ''}; "
            f"the service asks for {scenario.service.replicas}"
        )
    yield from _connections(scenario)
    for each in fleet.dependencies:
        yield (
            f"{each.name}: {each.held} of {each.limit} connections held, at most {each.held_at_most} during a release"
            + ("" if each.use_at_peak is None else f"; {_use(each.use_at_peak)} busy at peak")
        )
    for height in surge_heights(scenario):
        condition = next(each for each in scenario.conditions if each.name == height.surge)
        often = "" if condition.chance >= 1.0 else f", in {show_share(condition.chance)} of replications"
        asked = f"up to {_rate(height.rate)} rps = {_use(height.fleet)}"
        called = "".join(f"; {name} {_use(use)}" for name, use in height.dependencies)
        yield f"{height.surge} ({show_duration(condition.at)} after the release{often}): {asked}{called}"
    yield f"about {fleet.requests_played:,.0f} requests are played per replication{_how_long(scenario)}"


def _connections(scenario: Scenario) -> Iterator[str]:
    """How many long-lived connections are open, and when they come back after a release has cut them."""
    pods, traffic = scenario.service.replicas, scenario.traffic
    for stream in traffic.streams:
        held = stream.long_lived
        if held is not None:
            count = highest_rate(scenario, stream) * held.length.mean() / units.SECOND
            soonest, latest = round(held.after * (1.0 - held.jitter)), held.after
            back = (
                f"{show_duration(latest)} later"
                if soonest == latest
                else (f"{show_duration(soonest)} to {show_duration(latest)} later")
            )
            yield (
                f"{stream.name}: about {count:,.0f} connections open at the peak, {count / pods:,.0f} a pod; "
                f"a pod that goes cuts them, and their clients come back {back}"
            )


def _how_long(scenario: Scenario) -> str:
    seconds = cost_of(scenario).release
    if seconds < LONG:
        return ""
    return f", about {told(seconds)} of a core each; rollrisk plan says how long a study takes"


def _rate(per_second: float) -> str:
    return f"{per_second:,.0f}" if per_second >= 10 else f"{per_second:.2g}"


def _use(share: float) -> str:
    if math.isinf(share):
        return "leaves no pod !"
    return f"{share:.0%}".replace("%", "\N{NO-BREAK SPACE}%") + ("\N{NO-BREAK SPACE}!" if share > 1 else "")
