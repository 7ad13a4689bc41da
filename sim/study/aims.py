"""What a study goes on for: losses known precisely enough, or the best strategy known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from sim.scenario.resolved import Scenario
from sim.study import precision, until_best
from sim.study.contest import contenders
from sim.study.findings import Selected
from sim.study.rows import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """How far a study is from its aim, by complete rows."""

    met: bool
    reached: str  # in words
    ratio: float  # 1 or less when it is met
    next_counts: Callable[[Mapping[str, int]], dict[str, int]]  # replications per case for the next look
    selected: Selected | None = None


def asked(scenario: Scenario) -> str:
    """The aim in words."""
    study = scenario.study
    if study.until_best and len(scenario.strategies) > 1:
        sure = f"{100 * study.confidence:g} % confidence"
        return f"the best strategy, or one within {study.indifferent:.4g} of it, with {sure}"
    return precision.asked(scenario)


def aim_of(table: Table, scenario: Scenario, counts: Mapping[str, int]) -> Aim:
    """Look at the first ``counts`` rows of each case; of strategies that do not ship nothing needs to be known."""
    running = contenders(table, scenario)
    if not running:
        return Aim(met=True, reached="nothing to choose: no strategy ships", ratio=0.0, next_counts=dict)
    if len(running) == 1 < len(scenario.strategies) and scenario.study.until_best:
        return Aim(met=True, reached=f"only {running[0]} may be chosen", ratio=0.0, next_counts=dict)
    selected = until_best.selected(table, scenario, counts, running)
    if selected is not None:
        return Aim(
            met=selected.best is not None,
            reached=_left(selected),
            ratio=(selected.needed / selected.seen) ** 0.5 if selected.best is None else 1.0,
            next_counts=partial(until_best.next_counts, selected, table, scenario, running=running),
            selected=selected,
        )
    goals = precision.goals(table, scenario, counts, running)
    return Aim(
        met=precision.are_met(goals),
        reached=precision.reached(goals),
        ratio=precision.worst(goals).reached,
        next_counts=partial(precision.next_counts, goals, scenario),
    )


def _left(found: Selected) -> str:
    if found.best is not None:
        return f"{found.best} after {found.seen} bad releases of each kind"
    names = f"{', '.join(found.left[:-1])} or {found.left[-1]}"
    return f"{names} after {found.seen} bad releases of each kind; {found.needed:,} are expected to be enough"
