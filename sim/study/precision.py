"""How sure a study is, how sure it was asked to be, and how many more replications that takes.

A goal is one figure that must be known well enough: the expected loss on the deciding measure of each strategy that may
be recommended, and its difference from the leading one. It is reached when the half-width is below the greater of what
was asked (a share of the figure, or an absolute half-width) and half the zone in which the reader is indifferent.

Replications are added per case and alike for all strategies, where the variance asks for them: n of a case in
proportion to its probability times its standard deviation (Neyman). Everything here is a function of complete rows
below the present targets, so that neither speed nor a kill and resume can change where a study stops.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sim.scenario.resolved import Scenario
from sim.stats import stopping
from sim.stats.stopping import Precision
from sim.study import estimates
from sim.study.findings import Estimate
from sim.study.joins import sign
from sim.study.rows import Floats, Table

LEAST_GROWTH = 1.1
"""Least growth between two looks: each look makes the workers wait for the slowest of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A figure that must be known well enough."""

    what: str
    estimate: Estimate
    asked: Precision
    spread: Mapping[str, float]  # case -> standard deviation

    @property
    def reached(self) -> float:
        """The half-width as a share of what is allowed; at most 1 when the goal is reached."""
        half, target = self.estimate.half_width, self.asked.target(self.estimate.value)
        if half == 0:
            return 0.0
        return half / target if target > 0 and not math.isnan(half) else math.inf


def goals(table: Table, scenario: Scenario, counts: Mapping[str, int], running: Sequence[str]) -> tuple[Goal, ...]:
    """Every figure of those who can win that must be known, from the first ``counts`` rows of each case."""
    losses = {name: _losses(table, scenario, counts, name) for name in running}
    known = {name: _goal(scenario, name, columns) for name, columns in losses.items()}
    lead = min(known, key=lambda name: sign(scenario.study.decide_by) * known[name].estimate.value)
    scale = {name: max(abs(goal.estimate.value), abs(known[lead].estimate.value)) for name, goal in known.items()}
    apart = [
        _goal(scenario, f"{name} minus {lead}", _minus(columns, losses[lead]), scale=scale[name])
        for name, columns in losses.items()
        if name != lead
    ]
    return (*known.values(), *apart)


def worst(found: Sequence[Goal]) -> Goal:
    """The goal that is furthest from being reached."""
    return max(found, key=lambda goal: goal.reached)


def are_met(found: Sequence[Goal]) -> bool:
    """Whether every goal is reached."""
    return worst(found).reached <= 1


def next_counts(found: Sequence[Goal], scenario: Scenario, counts: Mapping[str, int]) -> dict[str, int]:
    """Replications per case for the next look, for the sake of the furthest goal; unchanged when there is none."""
    if are_met(found):
        return dict(counts)
    shares, goal = dict(scenario.cases()), worst(found)
    factor = max(LEAST_GROWTH, goal.reached**2)  # a half-width falls with the square root of the number
    varying = [case for case in counts if shares[case] * goal.spread[case] > 0]
    wanted = stopping.next_counts(
        [shares[case] for case in varying],
        [goal.spread[case] for case in varying],
        [counts[case] for case in varying],
        factor,
        max(scenario.study.cap, *counts.values()),
    )
    return {**counts, **dict(zip(varying, wanted, strict=True))}


def asked(scenario: Scenario) -> str:
    """The precision that was asked for, in words.

    Half the zone of indifference is always enough, so it is named too.
    """
    study, parts = scenario.study, []
    if study.precision is not None:
        parts.append(f"±{study.precision * 100:g} % of each expected loss")
    if study.half_width is not None:
        parts.append(f"±{study.half_width:g}")
    if study.indifferent > 0 or not parts:
        parts.append(f"±{study.indifferent / 2:.4g}, half of study.indifferent")
    return " or ".join(parts)


def reached(found: Sequence[Goal]) -> str:
    """The precision that was reached, in words: that of the figure which is furthest from its goal."""
    goal = worst(found)
    half, value = goal.estimate.half_width, abs(goal.estimate.value)
    if math.isnan(half):
        return "nothing yet"
    relative = f" (±{100 * half / value:.2g} %)" if value > 0 else ""
    return f"±{half:.3g}{relative} for {goal.what}"


def _losses(table: Table, scenario: Scenario, counts: Mapping[str, int], strategy: str) -> dict[str, Floats]:
    return estimates.samples(table, scenario, counts, scenario.study.decide_by, strategy, estimates.RELEASE)


def _minus(first: Mapping[str, Floats], second: Mapping[str, Floats]) -> dict[str, Floats]:
    return {case: first[case] - second[case] for case in first}


def _goal(scenario: Scenario, what: str, columns: Mapping[str, Floats], scale: float | None = None) -> Goal:
    study = scenario.study
    found = estimates.estimate(columns, estimates.weights(scenario, estimates.RELEASE), study.confidence)
    relative = (study.precision or 0.0) * (abs(found.value) if scale is None else scale)
    return Goal(
        what=what,
        estimate=found,
        asked=Precision(absolute=max(relative, study.half_width or 0.0), indifferent=study.indifferent),
        spread={case: float(column.std(ddof=1)) if len(column) > 1 else 0.0 for case, column in columns.items()},
    )
