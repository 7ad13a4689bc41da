"""When a gate can first say something, and whether its hold lasts so long."""

from __future__ import annotations

from collections.abc import Iterator

from sim import units
from sim.gates import Gate
from sim.rollout_plan import plan_of
from sim.scenario.resolved import Scenario, Strategy


def told_verdicts(scenario: Scenario) -> Iterator[str]:
    """For each strategy with a gate: when its first verdict can fall, and from when on it can stop a release."""
    for strategy, gate, holds in _watched(scenario):
        verdict, stop = _soonest(gate, scenario)
        where = "the first hold" if gate.looks_between_holds else "each hold"
        lasts = " to ".join(_short(each) for each in dict.fromkeys((min(holds), max(holds))))
        yield (
            f"{strategy.name}: gate {strategy.gate}: first verdict {_short(verdict)} after {where} begins, can stop a"
            f" release after {_short(stop)}; holds last {lasts}"
        )


def short_holds(scenario: Scenario) -> Iterator[str]:
    """Holds that end before their gate's first verdict, and those that end before it can stop a release."""
    for strategy, gate, holds in _watched(scenario):
        verdict, stop = _soonest(gate, scenario)
        judged = holds[:1] if gate.looks_between_holds else holds
        for number, hold in enumerate(judged, 1):
            if hold < verdict:
                yield (
                    f"{strategy.name}: hold {number} of {_short(hold)} ends before the first verdict of the gate"
                    f" {strategy.gate}, which can fall after {_short(verdict)}"
                )
        lasts = sum(holds) if gate.looks_between_holds else max(holds)
        if verdict <= lasts < stop and not gate.holds_while_failing:
            whole = "all holds together last" if gate.looks_between_holds else "the longest hold lasts"
            yield (
                f"{strategy.name}: {whole} {_short(lasts)}, the gate {strategy.gate} can stop a release only after"
                f" {_short(stop)}"
            )


def _soonest(gate: Gate, scenario: Scenario) -> tuple[int, int]:
    """The first verdict and the first stop, with metrics that have two scrapes and are ingested, ns."""
    data = 2 * scenario.scraping.every + scenario.scraping.delay + gate.delay
    return gate.first_verdict(data), gate.first_stop(data)


def _watched(scenario: Scenario) -> Iterator[tuple[Strategy, Gate, list[int]]]:
    """Strategies with a gate and at least one judged hold, with how long each hold lasts, ns."""
    for strategy in scenario.strategies:
        gate = scenario.gates.get(strategy.gate or "")
        if gate is not None:
            asked = [held.lasts for held in plan_of(strategy.strategy, scenario.service.replicas).holds]
            holds = [max(lasts, gate.least_hold) for lasts in asked if lasts > 0 or gate.least_hold > 0]
            if holds:
                yield strategy, gate, holds


def _short(length: int) -> str:
    return units.show_duration(length, nearest=units.SECOND)
