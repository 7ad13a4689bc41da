"""Whether each strategy ships: what became of its good releases, played until that is settled.

Good releases are looked at after the pilot, then after as many as would show a share of at most ``false_aborts`` if
none of the rest were lost (59 of them for 5 %), and each time at least twice as many, up to the cap. Where arithmetic
says that the gate alone stops more than ``false_aborts``, and the plays do not speak against it, that settles it: the
strategy does not ship. That a gate stops few settles nothing: quota, deadlines and people lose good releases, too.

Who is looked at when follows from complete rows alone. Beyond the pilot these plays count for nothing but this: they
need no twin, and are over as soon as it is known whether the release ships (:func:`sim.replication.fate`).
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from sim.rollout_plan import plan_of
from sim.scenario.resolved import Scenario, Strategy
from sim.scenario.strictness import chance_by_arithmetic, how
from sim.stats.settling import at_least, at_most, trials_without_a_hit
from sim.steps import Decision
from sim.study.cells import FATE, GOOD, Cell, Job, fate_jobs
from sim.study.findings import Shipping, Ships
from sim.study.pilot import first_counts
from sim.study.reasons import clause
from sim.study.rows import Table

DOUBLE = 2


def shipping(table: Table, scenario: Scenario) -> dict[str, Shipping]:
    """By strategy, on as many looks as there are rows for; before the first, on the releases that there are."""
    return {
        each.name: next(reversed(tuple(_looks(table, scenario, each))), None) or _before(table, scenario, each)
        for each in scenario.strategies
    }


def _before(table: Table, scenario: Scenario, strategy: Strategy) -> Shipping:
    """What the good releases say that an interrupted study has of a strategy."""
    jobs = (Job(Cell(strategy.name, GOOD), index) for index in range(first_counts(scenario)[GOOD]))
    whys = [_why(table, job) for job in itertools.takewhile(lambda job: job in table, jobs)]
    return judged(scenario, strategy, whys, chance_by_arithmetic(scenario, strategy)) if whys else _unknown(scenario)


def _unknown(scenario: Scenario) -> Shipping:
    return Shipping(standing=Ships.NOT_SETTLED, allowed=scenario.study.false_aborts)


def to_settle(table: Table, scenario: Scenario) -> tuple[Job, ...]:
    """Good releases beyond the pilot that settle who ships, as far as the looks so far can tell, in index order."""
    wanted = {each.name: _looked_at(table, scenario, each)[1] for each in scenario.strategies}
    return tuple(fate_jobs(wanted, first_counts(scenario)[GOOD]))


def _looked_at(table: Table, scenario: Scenario, strategy: Strategy) -> tuple[Shipping, int]:
    """What the last look came to, and how many good releases the next one takes."""
    looks = tuple(_looks(table, scenario, strategy))
    found = looks[-1] if looks else _unknown(scenario)
    return found, max(found.played, _next(found, scenario))


def _looks(table: Table, scenario: Scenario, strategy: Strategy) -> Iterator[Shipping]:
    """Look after look, as a study would, as long as there are rows for one."""
    decision = plan_of(strategy.strategy, scenario.service.replicas).decision
    if decision is not Decision.PROMOTED:
        yield Shipping(
            standing=Ships.EXEMPT,
            low=0.0,
            high=0.0,
            allowed=scenario.study.false_aborts,
            ends_nowhere=decision is Decision.UNFINISHED,
        )
        return
    chance = chance_by_arithmetic(scenario, strategy)
    count, seen = first_counts(scenario)[GOOD], 0
    whys: list[str] = []
    while count > seen:
        jobs = [_job(scenario, strategy.name, index) for index in range(seen, count)]
        if not all(job in table for job in jobs):
            return
        whys += [_why(table, job) for job in jobs]
        found = judged(scenario, strategy, whys, chance)
        yield found
        seen, count = count, _next(found, scenario)


def _job(scenario: Scenario, strategy: str, index: int) -> Job:
    """In the pilot a whole replication, beyond it one that is played for nothing else."""
    return Job(Cell(strategy, GOOD if index < first_counts(scenario)[GOOD] else FATE), index)


def _why(table: Table, job: Job) -> str:
    """Why a release was not shipped; empty where it was."""
    row = table[job]
    return row.why or ("unknown: no reason was kept" if row.values.get("not_shipped", 0.0) else "")


def judged(scenario: Scenario, strategy: Strategy, whys: list[str], chance: float | None) -> Shipping:
    """What good releases say of a strategy: why each was not shipped (empty where it was), and what arithmetic says."""
    allowed, confidence = scenario.study.false_aborts, scenario.study.confidence
    lost, played = sum(map(bool, whys)), len(whys)
    low, high = at_least(lost, played, confidence), at_most(lost, played, confidence)
    causes = Counter(why.partition(": ")[0] for why in whys if why)
    told = tuple(sorted(causes.items(), key=lambda each: (-each[1], each[0])))
    quote = next((why for why in whys if why and why.partition(": ")[0] == told[0][0]), "") if told else ""
    by_arithmetic = chance is not None and chance > allowed and low <= allowed and bool(lost) and high >= chance
    found = Shipping(
        standing=Ships.DOES_NOT if by_arithmetic else _standing(low, high, allowed),
        lost=lost,
        played=played,
        low=low,
        high=high,
        allowed=allowed,
        causes=told,
        quote=quote.partition(": ")[2],
        chance=chance,
        method="" if chance is None or not strategy.gate else how(scenario, strategy),
        by_arithmetic=by_arithmetic,
    )
    return replace(found, more=_more(found, scenario), why=clause(scenario, strategy, found))


def _standing(low: float, high: float, allowed: float) -> Ships:
    if low > allowed:
        return Ships.DOES_NOT
    return Ships.SHIPS if high <= allowed else Ships.NOT_SETTLED


def _more(found: Shipping, scenario: Scenario) -> int | None:
    """Further good releases that would settle it if none of them is lost."""
    if found.standing is not Ships.NOT_SETTLED:
        return None
    whole = trials_without_a_hit(found.lost, found.played, found.allowed, scenario.study.confidence)
    return None if whole is None else max(0, whole - found.played)


def _next(found: Shipping, scenario: Scenario) -> int:
    """Good releases for the next look: as many as would settle it, at least twice as many, at most the cap."""
    if found.standing is not Ships.NOT_SETTLED or found.more is None:
        return found.played
    twice = DOUBLE * found.played if found.lost else 0
    return max(found.played, min(scenario.study.cap, max(found.played + found.more, twice)))
