"""Run until the best is known: which strategies are left, and how far to play for the next look.

One observation is a release by its probabilities: the losses of all varying cases of one index, weighted. A case in
which no strategy's loss ever varies is known and adds its constant. All varying cases grow alike, so that every index
below the shortest of them is a complete observation. A strategy that is out is played no further: its figures rest on
what was played up to the look at which it went, and its differences on the indexes that both have.

Who went out when follows from the rows alone, look by look; so it is the same after any kill and resume. Who does not
ship (:mod:`sim.study.contest`) takes no part.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from sim.scenario.resolved import Scenario
from sim.stats import selection
from sim.study import estimates
from sim.study.contest import contenders, left_out
from sim.study.findings import Selected
from sim.study.joins import sign
from sim.study.pilot import first_counts
from sim.study.rows import Floats, Table
from sim.study.trimmed import Limits, Trimmed

GROWTH = 1.5
"""By how much the observations grow between two looks."""


def selected(table: Table, scenario: Scenario, counts: Mapping[str, int], running: Sequence[str]) -> Selected | None:
    """What the procedure comes to on complete rows; None where it was not asked for, or there is nothing to choose.

    ``running`` are those who may be recommended.
    """
    names = tuple(running)
    first = _first(scenario)
    if not scenario.study.until_best or len(names) < 2:
        return None
    losses, _ = _observations(table, scenario, counts, names)
    zone, confidence = scenario.study.indifferent, scenario.study.confidence
    if len(losses) < first:
        return Selected(left=names, seen=len(losses), needed=first)
    found = selection.select(losses, zone, first=first, confidence=confidence)
    left = losses[:, list(found.left)]
    return Selected(
        left=tuple(names[place] for place in found.left),
        seen=found.seen,
        needed=found.seen
        if found.decided
        else selection.observations_needed(left, zone, confidence, contestants=len(names)),
        gone=frozenset(names[place] for place in found.gone),
    )


def limits(table: Table, scenario: Scenario, counts: Mapping[str, int]) -> Limits:
    """How far each strategy that is out by the first ``counts`` rows was played: to the look at which it went.

    Also where no best is looked for: who does not ship is out after the pilot.
    """
    return _looks(table, scenario, lambda at, _: all(at[case] <= counts[case] for case in at))[1]


def reach(table: Table, scenario: Scenario) -> dict[str, int]:
    """Replications of each case without a gap, for all strategies that have to be played so far."""

    def complete(at: Mapping[str, int], active: tuple[str, ...]) -> bool:
        return all(table.prefix(active, case) >= at[case] for case in at)

    active, _ = _looks(table, scenario, complete)
    return {case: table.prefix(active, case) for case, _ in scenario.cases()}


def _looks(
    table: Table, scenario: Scenario, may_look: Callable[[Mapping[str, int], tuple[str, ...]], bool]
) -> tuple[tuple[str, ...], Limits]:
    """Look after look as a study would, as long as one may: who is still played, and how far the others were."""
    active, at = contenders(table, scenario), first_counts(scenario)
    found: dict[str, Mapping[str, int]] = dict(left_out(scenario, active))
    running = active
    while may_look(at, active):
        trimmed = Trimmed(table, found)
        looked = selected(trimmed, scenario, at, running)
        if looked is None:
            break
        found |= {name: at for name in looked.gone if name not in found}
        active = tuple(name for name in active if name not in found)
        wanted = next_counts(looked, trimmed, scenario, at, running)
        if wanted == at:
            break
        at = wanted
    return active, found


def next_counts(
    found: Selected, table: Table, scenario: Scenario, counts: Mapping[str, int], running: Sequence[str]
) -> dict[str, int]:
    """Replications per case for the next look; unchanged when the best is known or the cap is reached."""
    if found.best is not None:
        return dict(counts)
    losses, varying = _observations(table, scenario, counts, running)
    wanted = min(max(_first(scenario), math.ceil(GROWTH * len(losses))), max(scenario.study.cap, len(losses)))
    return {case: max(count, wanted) if case in varying else count for case, count in counts.items()}


def _first(scenario: Scenario) -> int:
    """The first stage is fixed by the file alone, so that going on with a longer study never changes it."""
    return max(selection.FIRST, min(scenario.study.pilot, scenario.study.cap))


def _observations(
    table: Table, scenario: Scenario, counts: Mapping[str, int], running: Sequence[str]
) -> tuple[Floats, frozenset[str]]:
    """Observations by strategy, and the cases that vary."""
    measure, direction = scenario.study.decide_by, sign(scenario.study.decide_by)
    columns = {name: estimates.samples(table, scenario, counts, measure, name, estimates.RELEASE) for name in running}
    varying = frozenset(case for case in counts if any(np.ptp(of_case[case]) > 0 for of_case in columns.values()))
    rows = min((counts[case] for case in varying), default=min(counts.values()))
    shares = dict(scenario.cases())
    losses = np.full((rows, len(columns)), np.nan)
    for place, of_case in enumerate(columns.values()):
        own = min((len(of_case[case]) for case in varying), default=rows)
        losses[:own, place] = direction * sum(
            shares[case] * (column[: min(own, rows)] if case in varying else column[0])
            for case, column in of_case.items()
        )
    return losses, varying
