"""When a gate can first say something, and whether its hold lasts so long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sim import units
from sim.gates import Gate
from sim.scenario.resolved import Scenario, Strategy


class Held(NamedTuple):
    """A judged hold of a strategy: what it is called and how long it lasts, ns."""

    name: str
    length: int


def told_verdicts(scenario: Scenario) -> Iterator[str]:
    """For each strategy with a gate: when its first verdict can fall, and from when on it can stop a release."""
    for strategy, gate, holds in _watched(scenario):
        verdict, stop = _soonest(gate, scenario)
        where = "the first hold" if gate.looks_between_holds else "each hold"
        lengths = sorted({hold.length for hold in holds})
        lasts = " to ".join(_short(each) for each in dict.fromkeys((lengths[0], lengths[-1])))
        yield (
            f"{strategy.name}: gate {strategy.gate}: first verdict {_short(verdict)} after {where} begins, can stop a"
            f" release after {_short(stop)}; holds last {lasts}"
        )


def short_holds(scenario: Scenario) -> Iterator[str]:
    """Holds that end before their gate's first verdict, and those that end before it can stop a release."""
    for strategy, gate, holds in _watched(scenario):
        verdict, stop = _soonest(gate, scenario)
        judged = holds[:1] if gate.looks_between_holds else holds
        for hold in judged:
            if hold.length < verdict:
                yield (
                    f"{strategy.name} {hold.name}: its hold of {_short(hold.length)} ends before the first verdict of"
                    f" the gate {strategy.gate}, which can fall after {_short(verdict)}"
                )
        lasts = sum(each.length for each in holds) if gate.looks_between_holds else max(each.length for each in holds)
        if verdict <= lasts < stop:
            whole = "all holds together last" if gate.looks_between_holds else "the longest hold lasts"
            yield (
                f"{strategy.name}: {whole} {_short(lasts)}, the gate {strategy.gate} can stop a release only after"
                f" {_short(stop)}"
            )


def _soonest(gate: Gate, scenario: Scenario) -> tuple[int, int]:
    """The first verdict and the first stop, with metrics that have two scrapes and are ingested, ns."""
    data = 2 * scenario.scraping.every + scenario.scraping.delay + gate.delay
    return gate.first_verdict(data), gate.first_stop(data)


def _watched(scenario: Scenario) -> Iterator[tuple[Strategy, Gate, list[Held]]]:
    """Strategies with a gate and at least one judged hold."""
    for strategy in scenario.strategies:
        gate = scenario.gates.get(strategy.gate or "")
        if gate is None:
            continue
        plan = strategy.strategy
        steps = [Held(f"step {number}", step.hold) for number, step in enumerate(getattr(plan, "steps", ()), 1)]
        more = [Held(name, getattr(plan, name, 0)) for name in ("bake", "keep_old")]
        asked = [each for each in (*steps, *more) if each.length > 0 or (each in steps and gate.least_hold > 0)]
        holds = [hold._replace(length=max(hold.length, gate.least_hold)) for hold in asked]
        if holds:
            yield strategy, gate, holds


def _short(length: int) -> str:
    return units.show_duration(length, nearest=units.SECOND)
