"""What a good release costs, why, and what cures it: "why do we get 502s in every good deploy?"

A few good releases of each strategy that loses requests are played in detail, then again with each change that might
help, on the same luck. A change is named where it halves what fails, with figures before and after and with what it
costs in turn. Only as much time is played as a rollout takes, and a while more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from sim import units
from sim.errors import RollriskError
from sim.outcomes import Outcome
from sim.scenario.corners import with_values
from sim.scenario.demand import requests_played
from sim.scenario.resolved import Scenario, Strategy
from sim.study.beside import Beside, Played
from sim.study.cells import GOOD, Cell
from sim.study.cures import Guess, guesses, together
from sim.study.figures import rounded, with_noise
from sim.study.findings import Cure, Cut, Estimate, GoodPrice
from sim.study.good_release import CUT, DURING, FROM, LINE, TOTAL, UNTIL, WORST
from sim.study.rows import Table

RELEASES = 4
"""Good releases played in detail, as the scenario is and with each change; fewer where they have many requests."""
MOST_REQUESTS = 60_000_000
"""Played for the changes of all strategies together: some twenty seconds of one processor."""
CHANGES = 8
"""Reckoned with for each strategy."""
FEWEST = 2.0
"""Net failed requests per good release below which nobody asks why."""
HELPS, EASES = 0.5, 0.8
"""A change is named that leaves at most this share of the failures; one that eases them is tried with others."""
CURED = 0.1
"""So small a share left is a cure."""
NAMED = 3
Rows: TypeAlias = Sequence[Mapping[str, float]]
Tried: TypeAlias = list[tuple[Guess, Cure, Rows]]


def prices(scenario: Scenario, table: Table, counts: Mapping[str, int], beside: Beside) -> tuple[GoodPrice, ...]:
    """Of each strategy whose good releases fail requests, in the order of the scenario."""
    losing = [each for each in scenario.strategies if _loss(table, each, counts[GOOD]) >= FEWEST]
    if not losing or beside.stop():
        return ()
    short = _shortened(scenario, table, losing, counts[GOOD])
    count = releases_each(2 * requests_played(short), len(losing))
    played = beside.play(short, [_cell(each) for each in losing], max(1, count), LINE)
    seen = {each.name: list(played.figures(_cell(each))) for each in losing}
    found = {each.name: _told(each.name, seen[each.name]) for each in losing if seen[each.name]}
    if count:
        trial = _Trial(scenario, short.study.horizon, losing, seen, beside, count)
        for name, price in found.items():
            cures, no_help = _tried(trial, name)
            found[name] = replace(price, cures=cures, no_help=no_help)
    return tuple(found.values())


def releases_each(requests: float, strategies: int) -> int:
    """How many releases each change is tried on, where one and its twin have so many requests; 0: none is tried.

    >>> releases_each(100_000, 1), releases_each(5_000_000, 1), releases_each(5_000_000, 4)
    (4, 1, 0)
    """
    return min(RELEASES, int(MOST_REQUESTS / max(1.0, requests * strategies * CHANGES)))


def clause(good: Sequence[GoodPrice], recommended: str | None, fails: Mapping[str, Estimate]) -> str:
    """What the verdict adds where only good releases are asked about: of the one chosen its best cure, else of each.

    What the chosen one's good releases fail stands in the verdict's first sentence already.
    """
    told = []
    for each in (each for each in good if recommended in (None, each.strategy) and each.strategy in fails):
        if recommended is None:
            told.append(f"A good release by {each.strategy} fails {with_noise(fails[each.strategy])} requests.")
        if each.cures:
            cure = each.cures[0]
            told.append(f"With {cure.change} a good release by {each.strategy} fails {rounded(cure.after, 1.0)}.")
    return "".join(f" {sentence}" for sentence in told)


def _loss(table: Table, strategy: Strategy, count: int) -> float:
    column = table.column("failed_requests", _cell(strategy), count)
    return float(np.nan_to_num(column).mean()) if len(column) else 0.0


def _cell(strategy: Strategy) -> Cell:
    return Cell(strategy.name, GOOD)


def _shortened(scenario: Scenario, table: Table, losing: Sequence[Strategy], count: int) -> Scenario:
    """Watched for half as long again as the longest rollout, and three minutes."""
    longest = max(float(np.nanmax(table.column("duration", _cell(each), count))) for each in losing)
    window = scenario.study.window
    wanted = round(1.5 * longest * units.SECOND) + 3 * units.MINUTE
    return _watched(scenario, min(scenario.study.horizon, -(-wanted // window) * window))


def _watched(scenario: Scenario, horizon: int) -> Scenario:
    return replace(scenario, study=replace(scenario.study, horizon=horizon, user_cutoff=None))


def _mean(rows: Sequence[Mapping[str, float]], name: str) -> float:
    return float(np.mean([row.get(name, 0.0) for row in rows]))


def _told(strategy: str, rows: Sequence[Mapping[str, float]]) -> GoodPrice:
    """What was seen in the releases played in detail."""
    cuts, steps = _sums(rows, CUT), _sums(rows, DURING)
    by_step: dict[str, float] = {}
    for name, failed in steps.items():
        text = name.partition("/")[2]
        by_step[text] = by_step.get(text, 0.0) + failed / len(rows)
    told = [Cut(stream=s, outcome=o, version=v, failed=failed / len(rows)) for (s, o, v), failed in _parts(cuts)]
    loud = [row for row in rows if FROM in row] or [{FROM: 0.0, UNTIL: 0.0, WORST: 0.0}]
    return GoodPrice(
        strategy=strategy,
        releases=len(rows),
        failed=_mean(rows, TOTAL),
        cuts=tuple(sorted((cut for cut in told if cut.failed > 0), key=lambda cut: -cut.failed)),
        begins=min(row[FROM] for row in loud),
        ends=max(row[UNTIL] for row in loud),
        worst=max(row[WORST] for row in loud),
        steps=tuple(sorted(by_step.items(), key=lambda step: -step[1])),
        duration=_mean(rows, "duration"),
    )


def _sums(rows: Sequence[Mapping[str, float]], beginning: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for row in rows:
        for name, value in row.items():
            if name.startswith(beginning):
                found[name.removeprefix(beginning)] = found.get(name.removeprefix(beginning), 0.0) + value
    return found


def _parts(cuts: Mapping[str, float]) -> Iterator[tuple[tuple[str, str, str], float]]:
    for name, failed in cuts.items():
        stream, outcome, version = name.rsplit("/", 2)
        yield (stream, outcome, version), failed


@dataclass(frozen=True, slots=True)
class _Trial:
    """Changes on trial; each is played once for all strategies that ask for it."""

    scenario: Scenario
    horizon: int
    losing: Sequence[Strategy]
    seen: Mapping[str, Sequence[Mapping[str, float]]]
    beside: Beside
    count: int

    def rows(self, guess: Guess, strategy: str) -> list[Mapping[str, float]]:
        """A strategy's good releases with a change; none where the change does not fit the scenario."""
        try:
            changed = _watched(with_values(self.scenario, guess.values), self.horizon)
        except RollriskError:
            return []
        played: Played = self.beside.play(changed, [Cell(strategy, GOOD)], self.count, LINE)
        return list(played.figures(Cell(strategy, GOOD)))


def _tried(trial: _Trial, strategy: str) -> tuple[tuple[Cure, ...], tuple[str, ...]]:
    """The cures of a strategy, and what was tried for nothing."""
    before = trial.seen[strategy][: trial.count]
    fails = _mean(before, TOTAL)
    chosen = next(each for each in trial.losing if each.name == strategy)
    tried: list[tuple[Guess, Cure, Rows]] = []
    for guess in guesses(trial.scenario, chosen, _ways(trial.seen[strategy])):
        tried += _try(trial, strategy, guess, before)
    if tried and not any(cure.after <= CURED * fails for _, cure, _ in tried):
        tried += _second_round(trial, chosen, tried, before)
    helpful = sorted((cure for _, cure, _ in tried if cure.after <= HELPS * fails), key=lambda cure: _rank(cure, fails))
    if helpful and helpful[0].after <= CURED * fails:
        helpful = [cure for cure in helpful if cure.after <= CURED * fails]
    return tuple(helpful[:NAMED]), tuple(cure.change for _, cure, _ in tried if cure.after > HELPS * fails)


def _second_round(trial: _Trial, chosen: Strategy, tried: Sequence[tuple[Guess, Cure, Rows]], before: Rows) -> Tried:
    """The change that helps most with each that what it leaves asks for, and all that ease it at once."""
    best, cure, rows = min(tried, key=lambda each: each[1].after)
    fails = _mean(before, TOTAL)
    if cure.after > EASES * fails:
        return []
    more = [
        each for each in guesses(trial.scenario, chosen, _ways(rows)) if not each.values.keys() & best.values.keys()
    ]
    wholes = [together([best, each]) for each in more]
    wholes.append(together([guess for guess, each, _ in tried if each.after <= EASES * fails]))
    found: Tried = []
    for whole in dict.fromkeys(each.change for each in wholes if each is not None):
        found += _try(trial, chosen.name, next(each for each in wholes if each and each.change == whole), before)
    return found


def _ways(rows: Rows) -> dict[tuple[Outcome, str], float]:
    """How many fail per release, by outcome and by whose pod it was."""
    found: dict[tuple[Outcome, str], float] = {}
    for (_, outcome, version), failed in _parts(_sums(rows, CUT)):
        way = (Outcome[outcome], version)
        found[way] = found.get(way, 0.0) + failed / len(rows)
    return found


def _rank(cure: Cure, fails: float) -> tuple[bool, float, float]:
    """Cures before what only helps; of cures the one that costs least pods and time."""
    cured = cure.after <= CURED * fails
    return (not cured, cure.always if cured else cure.after, cure.longer)


def _try(trial: _Trial, strategy: str, guess: Guess, before: Rows) -> Tried:
    rows = trial.rows(guess, strategy)
    if not rows:
        return []
    now = before[: len(rows)]
    more = guess.values.get("service.replicas", trial.scenario.service.replicas) - trial.scenario.service.replicas
    cure = Cure(
        why=guess.why,
        change=guess.change,
        before=_mean(now, TOTAL),
        after=_mean(rows, TOTAL),
        longer=_mean(rows, "duration") - _mean(now, "duration"),
        pods=_mean(rows, "peak_pods") - _mean(now, "peak_pods"),
        always=float(more),
    )
    return [(guess, cure, rows)]
