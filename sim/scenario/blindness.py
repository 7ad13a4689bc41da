"""What nobody will see: steps too small or short for a gate, defects no gate looks at, strategies nobody watches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim import units
from sim.rollout_plan import plan_of
from sim.scenario.demand import highest_rate
from sim.scenario.first_verdicts import short_holds
from sim.scenario.resolved import Defect, Scenario, Strategy
from sim.steps import Decision


def blind_spots(scenario: Scenario) -> tuple[str, ...]:
    """One sentence per blind spot, for ``check``, for ``run`` and for the report."""
    return (
        *_unseen_defects(scenario),
        *_starved_steps(scenario),
        *_unwatched(scenario),
        *_misplaced(scenario),
        *short_holds(scenario),
    )


def _unseen_defects(scenario: Scenario) -> Iterator[str]:
    used = {strategy.gate for strategy in scenario.strategies}
    gates = {name: gate for name, gate in scenario.gates.items() if name in used}
    for defect in scenario.release.defects:
        if getattr(defect.failure, "visible", 1.0) == 0.0:
            yield f"{defect.name}: no gate can see it, telemetry shows none of its bad answers"
        elif gates and not any(_looks_at(gate, defect, scenario) for gate in gates.values()):
            yield f"{defect.name}: no gate looks at it ({_why(defect)})"


def _looks_at(gate: Any, defect: Defect, scenario: Scenario) -> bool:
    """Whether a gate of known make could fail by this defect alone; an unknown make is trusted."""
    success, reads_latency = getattr(gate, "success", 0.0), getattr(gate, "needs_latency", True)
    if getattr(defect.failure, "kind", "") == "latency":
        timeouts = any(stream.timeout for stream in scenario.traffic.streams)
        return reads_latency or (success is not None and timeouts)
    rate, visible = (getattr(defect.failure, name, None) for name in ("rate", "visible"))
    if rate is None or visible is None:  # the rate of a poison request is none of bad answers: it takes others with it
        return True
    if not success:
        return success is not None
    seen = float(rate.quantile(0.95)) * visible
    return bool(seen + scenario.release.new_errors > 1.0 - success)


def _why(defect: Defect) -> str:
    if getattr(defect.failure, "kind", "") == "latency":
        return "they judge success only, and slow answers succeed"
    return "its errors stay within what they let pass"


def _starved_steps(scenario: Scenario) -> Iterator[str]:
    """Steps in which a gate can expect fewer requests than it needs, at the height of the profile."""
    for strategy in scenario.strategies:
        gate = scenario.gates.get(strategy.gate or "")
        needed = getattr(gate, "min_requests", 0)
        for place, weight in _weights(strategy, scenario.service.replicas):
            for name, rate in _series(scenario, gate, weight):
                between = max(0, getattr(gate, "window", 0) - scenario.scraping.every)  # from first scrape to last
                seen = rate * between / units.SECOND
                if seen < needed:
                    window = units.show_duration(getattr(gate, "window", 0))
                    yield (
                        f"{strategy.name}{place}: {units.show_count(seen)} {name} in a window of {window},"
                        f" the gate {strategy.gate} needs {needed}"
                    )


def _weights(strategy: Strategy, replicas: int) -> list[tuple[str, float]]:
    """The share of the new version at each step that is judged."""
    steps = getattr(strategy.strategy, "steps", None)
    if steps is None:
        return [("", 1.0)]
    reached = getattr(strategy.strategy, "reached", None)
    shares = reached(replicas) if reached else [getattr(step, "share", step.weight) for step in steps]
    return [(f" step {number}", share) for number, share in enumerate(shares, 1)]


def _series(scenario: Scenario, gate: Any, weight: float) -> list[tuple[str, float]]:
    """What a gate counts apart, and how much of it comes per second."""
    traffic = scenario.traffic
    rates = {each.name: highest_rate(scenario, each) for each in traffic.streams}
    per = getattr(gate, "per", "version")
    if per == "stream":
        return [(f"{name} requests", rate * weight) for name, rate in rates.items()]
    return [("requests", sum(rates.values()) * (1.0 if per == "service" else weight))]


def _unwatched(scenario: Scenario) -> Iterator[str]:
    some_are_bad = scenario.release.change_failure_rate > 0.0 and bool(scenario.release.defects)
    if scenario.oncall is None:
        for strategy in scenario.strategies:
            releases = plan_of(strategy.strategy, scenario.service.replicas).decision is not Decision.UNFINISHED
            if some_are_bad and strategy.gate is None and releases:
                yield f"{strategy.name}: no gate, and nobody is on call: nothing can stop a bad release"
            plan = strategy.strategy
            if any(getattr(each, "approve", False) for each in (plan, *getattr(plan, "steps", ()))):
                yield f"{strategy.name}: waits for a person to let it go on, and nobody is on call: it never goes on"
    for name, gate in scenario.gates.items():
        window = getattr(gate, "window", None)
        if window is not None and window < 2 * scenario.scraping.every:
            yield f"gate {name}: its window is shorter than two scrape intervals, a rate has no value in some or all"


def _misplaced(scenario: Scenario) -> Iterator[str]:
    """Gates that read the wrong series."""
    reads = {"stable": "the running version's pods", "service": "all pods", "nothing": "no pods"}
    for strategy in scenario.strategies:
        gate = scenario.gates.get(strategy.gate or "")
        if gate is None:
            continue
        wrong = getattr(gate, "wrong_series", None)
        if wrong is not None and wrong.chance > 0:
            seldom = "" if wrong.chance >= 1.0 else f" in {units.show_share(wrong.chance)} of releases"
            yield f"{strategy.name}: queries of the gate {strategy.gate} select {reads[wrong.reads]}{seldom}"
