"""The line: ``replicate(scenario, strategy, case, index)`` is a pure function.

All below it says what a rollout is, all above it only counts. Here is the only loop of the house, and the only place
where the two planes meet: while the cluster's agenda has an event, the request plane plays up to that instant, then the
cluster plays the event. At one instant the cluster acts first, then requests up to the first reason to come back, then
the cluster handles that reason, until nothing is due.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sim.clock import Clock
from sim.draws import Key, replication_key
from sim.errors import ModelError, UsageError
from sim.journal import Journal, Milestone
from sim.ledger import Ledger
from sim.measures.latency_course import LatencyCourse
from sim.measures.measuring import measure
from sim.measures.settling import drift
from sim.measures.shipping import why_not_shipped
from sim.requests.columns import build_ledger, build_world
from sim.requests.contract import RequestEngine
from sim.requests.reference.engine import ReferenceEngine
from sim.rollout_plan import plan_of
from sim.scenario.arithmetic import pods_that_fit
from sim.scenario.demand import asked_by_one, highest_rate, outlasts, recorded_until, slot_time, under_way
from sim.scenario.quiet import quiet_after
from sim.scenario.resolved import Defect, Scenario, Strategy, Stream
from sim.scenario.retriers import most_attempts
from sim.scenario.weather import strikes, weathered
from sim.steps import Decision
from sim.swelling import ledger_of_named
from sim.world import Reason, World

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster

GOOD = "good"
ENGINES = ("compiled", "reference")
ROUND_LIMIT = 1_000_000
"""How often the planes may hand over at one instant before we call it a fault of ours."""
MOST_ROWS = 10_000_000
"""Requests of one replication of which a row may be kept: 720 MB."""
MOST_WARM_ROWS = 500_000
SEVERAL = 4
"""Rows for which there is room per long-lived connection: each time that it is cut gives one more."""
SECOND = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What one replication yields: gross figures, one number per measure, and which windows were down."""

    strategy: str  # "" for the twin
    case: str
    index: int
    values: Mapping[str, float]
    down: Mapping[str, bytes]  # packed bits per ledger window, by level or level/stream
    digest: int
    journal: Journal | None = None
    ledger: Ledger | None = None
    latency: LatencyCourse | None = None
    why: str = ""  # a good release that was to be shipped and was not: the cause, a colon, and how


def replicate(
    scenario: Scenario,
    *,
    strategy: str | None,
    case: str,
    index: int,
    engine: str = "compiled",
    story: bool = False,
    requests: bool = False,
) -> Record:
    """Play one release (or, with ``strategy=None``, none: the twin) and measure it.

    ``case`` is "good" or a defect's name; ``index`` names the luck, which is the same for every strategy and case.
    With ``story`` the record carries the journal, the ledger and the latency of every window; with ``requests`` too,
    that ledger has a row for every request.

    Raises :class:`UsageError` for a strategy, case or engine that the scenario does not have.
    """
    chosen, defect = strategy_named(scenario, strategy), defect_named(scenario, case)
    key = replication_key(scenario.study.seed, index)
    scenario = weathered(scenario, key)
    latency = LatencyCourse(scenario.study.window) if story else None
    records = rows_of_requests(scenario, asked=requests)
    ledger, journal = _played(scenario, chosen, defect, key, engine, records=records, course=latency)
    values, down = measured(scenario, ledger, journal, released=chosen is not None, bad=defect is not None)
    why = ""
    if chosen is None:
        values |= warmth(scenario, key, engine)
    elif defect is None and plan_of(chosen.strategy, scenario.service.replicas).ships:
        why = why_not_shipped(journal, scenario.study.horizon)
    if chosen is not None:
        values["not_shipped"] = float(bool(why))
    return Record(
        strategy=strategy or "",
        case=case,
        index=index,
        values=values,
        down=down,
        digest=int(ledger.digest[0]),
        journal=journal if story else None,
        ledger=ledger if story else None,
        latency=latency,
        why=why,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of a good release, and how many requests it took to see."""

    why: str  # empty: it reached everybody
    requests: int


def fate(scenario: Scenario, *, strategy: str, index: int, engine: str = "compiled") -> Fate:
    """Play a good release until it is known whether it ships, by the same rules and luck as :func:`replicate`.

    That is until it begins to be taken back, or until it has been promoted and nobody will take it back any more
    (:func:`sim.scenario.quiet.quiet_after`); where a condition strikes or somebody was paged, until the horizon.
    """
    chosen, key = strategy_named(scenario, strategy), replication_key(scenario.study.seed, index)
    assert chosen is not None
    calm = scenario.oncall is None or not any(strikes(each, key) for each in scenario.conditions)
    scenario = weathered(scenario, key)
    quiet = quiet_after(scenario) if calm else None

    def known(journal: Journal, now: int) -> bool:
        if Milestone.ROLLBACK in journal.milestones:
            return True
        decided = journal.milestones.get(Milestone.DECIDED)
        promoted = journal.decision is Decision.PROMOTED and decided is not None and not journal.pages
        return promoted and quiet is not None and decided is not None and now >= decided + quiet

    ledger, journal = _played(scenario, chosen, None, key, engine, records=0, known=known)
    ships = plan_of(chosen.strategy, scenario.service.replicas).ships
    why = why_not_shipped(journal, scenario.study.horizon) if ships else ""
    return Fate(why=why, requests=int(ledger.requests.sum()))


def _played(
    scenario: Scenario,
    strategy: Strategy | None,
    defect: Defect | None,
    key: Key,
    engine: str,
    *,
    records: int,
    course: LatencyCourse | None = None,
    known: Callable[[Journal, int], bool] | None = None,
) -> tuple[Ledger, Journal]:
    world, ledger = build_world(scenario, key, records=records), build_ledger(scenario, records=records)
    journal, clock = Journal(), Clock(initial_time=-scenario.study.warm_up)
    requests = make_engine(engine, world, ledger)

    from sim.cluster.cluster import Cluster

    cluster = Cluster(
        scenario=scenario,
        strategy=strategy,
        defect=defect,
        key=key,
        world=world,
        clock=clock,
        engine=requests,
        journal=journal,
    )
    if course is not None:
        course.watch(clock, ledger, scenario.study.horizon)
    play(cluster, clock, requests, None if known is None else lambda: known(journal, int(clock.now)))
    if 0 < records < ledger.finished[0]:
        raise ModelError(f"{int(ledger.finished[0]):,} requests were played, but there was room for {records:,} rows")
    return ledger_of_named(ledger, scenario.traffic.booked_at), journal


def warmth(scenario: Scenario, key: Key, engine: str) -> dict[str, float]:
    """Whether the twin had settled at t = 0: its warm-up alone, played once more with a row for each request.

    A profile is level before the release, and bursts swing otherwise in each replication. A recording swings alike in
    all, which would look like a service that has not settled: there is nothing where a stream is one, nor where there
    would be too many rows.
    """
    study = scenario.study
    alone = replace(scenario, study=replace(study, horizon=study.window))
    swings = any(stream.arrivals.instants() is not None for stream in scenario.traffic.played)
    if swings or study.warm_up <= 0 or most_requests(alone) > MOST_WARM_ROWS:
        return {}
    ledger, _ = _played(alone, None, None, key, engine, records=_room(alone))
    lasting = [place for place, stream in enumerate(scenario.traffic.played) if outlasts(stream, study.warm_up)]
    rows = ledger.record[: int(ledger.finished[0])]
    return {"drift": drift(rows[~np.isin(rows[:, 0], lasting)] if lasting else rows, study.warm_up)}


def rows_of_requests(scenario: Scenario, *, asked: bool = False) -> int:
    """How many rows a record of every request needs, warm-up included: 0 where none is asked for.

    Raises :class:`UsageError` where they are too many.
    """
    if scenario.study.user_cutoff is None and not asked:
        return 0
    if most_requests(scenario) > MOST_ROWS:
        why = "a sample of requests" if scenario.study.user_cutoff is None else "study.user_cutoff: user-uptime"
        raise UsageError(
            f"{why} keeps a row for each of up to {most_requests(scenario):,.0f} requests, at most {MOST_ROWS:,} are "
            "allowed; write a shorter horizon or leave it out"
        )
    return _room(scenario)


def most_requests(scenario: Scenario) -> float:
    """Requests expected in one replication if the rate were always the highest, warm-up included.

    Users of a closed loop ask oftenest where they never wait, because all are refused.
    """
    length = scenario.study.horizon + scenario.study.warm_up
    return sum(_most_of(scenario, stream, length) for stream in scenario.traffic.played)


def _most_of(scenario: Scenario, stream: Stream, length: int) -> float:
    again = SEVERAL if stream.long_lived is not None else 1
    begun = again * under_way(scenario, stream)
    recorded, users = recorded_until(stream, length), stream.arrivals.population()
    if recorded is not None:
        return again * recorded + begun
    if users:
        return float(users * asked_by_one(stream.arrivals, length))
    arriving = highest_rate(scenario, stream) * stream.arrivals.steepest() * length / SECOND
    return float(again * arriving + begun)


def _room(scenario: Scenario) -> int:
    """Far more rows than any luck fills, for a row beyond the last would be written into nowhere.

    Of ``2n + 10,000`` gaps of any law that arrivals can have (gamma, standard deviation at most ten means), the sum
    falls short of n means with a chance below 1e-50; for closed loops see
    :func:`sim.scenario.demand.asked_by_one`. Rows that stay empty take no memory.
    """
    return 2 * math.ceil(most_requests(scenario)) + 10_000 * len(scenario.traffic.played)


def play(cluster: Cluster, clock: Clock, requests: RequestEngine, enough: Callable[[], bool] | None = None) -> None:
    """The only loop: both planes, until every request's outcome is known, or ``enough()`` is."""
    instant, rounds = clock.now, 0
    while enough is None or not enough():
        stop = requests.advance(clock.next_at())
        if stop.reason == Reason.FINISHED:
            return
        if stop.reason == Reason.REACHED:
            clock.step()
        else:
            clock.move_to(stop.at)
            cluster.heed(stop.reason, stop.pod)
        rounds = rounds + 1 if clock.now == instant else 0
        instant = clock.now
        if rounds > ROUND_LIMIT:
            raise ModelError(f"the planes hand over to each other without end at {instant} ns")


def make_engine(name: str, world: World, ledger: Ledger) -> RequestEngine:
    """A request engine by its word."""
    makers: Mapping[str, Callable[[World, Ledger], RequestEngine]] = {
        "compiled": _compiled,
        "reference": ReferenceEngine,
    }
    if name not in makers:
        raise UsageError(f"there is no request engine {name!r}; there are: {', '.join(ENGINES)}")
    return makers[name](world, ledger)


def _compiled(world: World, ledger: Ledger) -> RequestEngine:
    from sim.requests.compiled.engine import CompiledEngine

    return CompiledEngine(world, ledger)


def strategy_named(scenario: Scenario, name: str | None) -> Strategy | None:
    """The scenario's strategy of that name; None stays None."""
    if name is None:
        return None
    for strategy in scenario.strategies:
        if strategy.name == name:
            return strategy
    known = ", ".join(strategy.name for strategy in scenario.strategies)
    raise UsageError(f"the scenario has no strategy {name!r}; it has: {known}")


def defect_named(scenario: Scenario, case: str) -> Defect | None:
    """The defect of a release case; None for a good release."""
    if case == GOOD:
        return None
    for defect in scenario.release.defects:
        if defect.name == case:
            return defect
    known = ", ".join([GOOD, *(defect.name for defect in scenario.release.defects)])
    raise UsageError(f"the scenario has no release case {case!r}; it has: {known}")


def measured(
    scenario: Scenario, ledger: Ledger, journal: Journal, *, released: bool, bad: bool
) -> tuple[dict[str, float], dict[str, bytes]]:
    """The measures of a finished replication, by the definitions of ``sim/measures.py``."""
    streams, tightest = scenario.traffic.streams, scenario.tightest_dependency()
    return measure(
        ledger=ledger,
        journal=journal,
        streams=[stream.name for stream in streams],
        window=scenario.study.window,
        horizon=scenario.study.horizon,
        released=released,
        bad=bad,
        mean_work=[slot_time(scenario, stream) for stream in streams],
        concurrency=scenario.service.concurrency,
        node_count=max(scenario.nodes.count, scenario.nodes.most),
        pods_per_node=pods_that_fit(scenario, scenario.service.containers),
        per_pod_connections=tightest.per_pod if tightest else 0,
        connection_limit=tightest.connections if tightest else 0,
        user_cutoff=scenario.study.user_cutoff,
        loops=[place for place, stream in enumerate(streams) if stream.arrivals.population()],
        retried=any(most_attempts(stream) > 1 for stream in streams),
        long_lived=[place for place, stream in enumerate(streams) if stream.long_lived is not None],
        long=any(outlasts(stream, scenario.study.warm_up) for stream in streams),
    )
