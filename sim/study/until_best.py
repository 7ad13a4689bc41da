"""Run until the best is known: which strategies are left, and how far to play for the next look.

One observation is a release by its probabilities: the losses of all varying cases of one index, weighted. A case in
which no strategy's loss ever varies is known and adds its constant. All varying cases grow alike, so that every index
below the shortest of them is a complete observation; strategies that are out are still played, for the tables of the
answer compare all of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from sim.scenario.resolved import Scenario
from sim.stats import selection
from sim.study import estimates
from sim.study.findings import Selected
from sim.study.joins import sign
from sim.study.rows import Floats, Table

GROWTH = 1.5
"""By how much the observations grow between two looks."""


def selected(table: Table, scenario: Scenario, counts: Mapping[str, int]) -> Selected | None:
    """What the procedure comes to on complete rows; None where it was not asked for, or there is nothing to choose."""
    names = tuple(strategy.name for strategy in scenario.strategies)
    first = _first(scenario)
    if not scenario.study.until_best or len(names) < 2:
        return None
    losses, _ = _observations(table, scenario, counts)
    zone, confidence = scenario.study.indifferent, scenario.study.confidence
    if len(losses) < first:
        return Selected(left=names, seen=len(losses), needed=first)
    found = selection.select(losses, zone, first=first, confidence=confidence)
    needed = found.seen if found.decided else selection.observations_needed(losses, zone, confidence)
    return Selected(left=tuple(names[place] for place in found.left), seen=found.seen, needed=needed)


def next_counts(found: Selected, table: Table, scenario: Scenario, counts: Mapping[str, int]) -> dict[str, int]:
    """Replications per case for the next look; unchanged when the best is known or the cap is reached."""
    if found.best is not None:
        return dict(counts)
    losses, varying = _observations(table, scenario, counts)
    wanted = min(max(_first(scenario), math.ceil(GROWTH * len(losses))), max(scenario.study.cap, len(losses)))
    return {case: max(count, wanted) if case in varying else count for case, count in counts.items()}


def _first(scenario: Scenario) -> int:
    """The first stage is fixed by the file alone, so that going on with a longer study never changes it."""
    return max(selection.FIRST, min(scenario.study.pilot, scenario.study.cap))


def _observations(table: Table, scenario: Scenario, counts: Mapping[str, int]) -> tuple[Floats, frozenset[str]]:
    """Observations by strategy, and the cases that vary."""
    measure, direction = scenario.study.decide_by, sign(scenario.study.decide_by)
    columns = {
        each.name: estimates.samples(table, scenario, counts, measure, each.name, estimates.RELEASE)
        for each in scenario.strategies
    }
    varying = frozenset(case for case in counts if any(np.ptp(of_case[case]) > 0 for of_case in columns.values()))
    rows = min((counts[case] for case in varying), default=min(counts.values()))
    shares = dict(scenario.cases())
    sums = [
        sum(shares[case] * (column[:rows] if case in varying else column[0]) for case, column in of_case.items())
        for of_case in columns.values()
    ]
    return direction * np.column_stack([np.broadcast_to(each, rows) for each in sums]), varying
