"""From a resolved scenario to the columns both engines play on."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from sim.draws import Key
from sim.errors import ModelError
from sim.laws import pack
from sim.ledger import Ledger, empty_ledger
from sim.requests.choices import number_of
from sim.requests.luck import LUCK_KEPT, LUCK_WORDS
from sim.scenario.arithmetic import profile_at
from sim.scenario.resolved import Dependency, Scenario, Stream
from sim.telemetry import empty_telemetry
from sim.units import show_rate
from sim.versions import NEVER
from sim.world import (
    DEPENDENCY,
    NO_DEPENDENCY,
    POD,
    SEGMENT,
    STREAM,
    ClientGone,
    Columns,
    Settings,
    Table,
    World,
    clean_versions,
    empty_routes,
    empty_table,
)

_SECOND = 1e9
_FIRST_PODS = 64


def build_world(scenario: Scenario, key: Key, *, records: int = 0) -> World:
    """The columns of one replication before anything has happened; no pods, no endpoints."""
    streams, proxies = scenario.traffic.streams, scenario.service.proxies
    called = [each for each in scenario.dependencies if each.concurrency is not None]
    laws = pack(
        [law for stream in streams for law in (stream.arrivals.gap(), stream.work)] + [each.work for each in called]
    )
    table = streams_of(scenario)
    columns = Columns(
        settings=settings_of(scenario, key, records=records),
        streams=table,
        profile=profile_of(scenario, table),
        luck=np.zeros((len(streams), LUCK_KEPT, LUCK_WORDS)),
        laws=laws,
        versions=clean_versions(len(streams)),
        routes=empty_routes(proxies, _FIRST_PODS),
        pods=empty_table(POD, _FIRST_PODS),
        dependencies=dependencies_of(called, first_law=2 * len(streams)),
    )
    return World(columns, empty_telemetry(pods=_FIRST_PODS, streams=len(streams), proxies=proxies))


def build_ledger(scenario: Scenario, *, records: int = 0) -> Ledger:
    """An empty ledger of the right shape."""
    study = scenario.study
    return empty_ledger(
        windows=-(-study.horizon // study.window),
        streams=len(scenario.traffic.streams),
        users=scenario.traffic.users,
        records=records,
        never=NEVER,
    )


def settings_of(scenario: Scenario, key: Key, *, records: int = 0) -> Settings:
    """What does not change while a replication runs."""
    study, traffic = scenario.study, scenario.traffic
    return Settings(
        key_low=key.low,
        key_high=key.high,
        warm_up=study.warm_up,
        horizon=study.horizon,
        window=study.window,
        balancer=number_of("balancers", scenario.service.balancer.kind),
        proxies=scenario.service.proxies,
        users=traffic.users,
        user_skew=1.0 / (1.0 - traffic.user_skew),
        sticky=int(traffic.sticky),
        answer_per_attempt=0,
        client_gone=int(ClientGone[traffic.on_client_gone.upper()]),
        records=int(records > 0),
    )


def streams_of(scenario: Scenario) -> Table:
    """One row per stream: its patience, its retries and its laws."""
    table = empty_table(STREAM, len(scenario.traffic.streams))
    for place, stream in enumerate(scenario.traffic.streams):
        table.gap_law[place], table.work_law[place] = 2 * place, 2 * place + 1
        table.timeout[place], table.objective[place] = stream.timeout, stream.objective
        retries = stream.retries
        table.retry_rule[place] = number_of("retries", retries.kind)
        table.retry_max[place], table.retry_on[place] = retries.tries(), retries.outcomes()
        table.retry_wait[place], table.retry_cap[place], table.retry_jitter[place] = retries.waits()
        table.next_at[place], table.dependency[place] = NEVER, NO_DEPENDENCY
        table.retry_budget[place] = table.retry_tokens[place] = retries.budget_per_request()
        if stream.calls:
            called = [each.name for each in scenario.dependencies if each.concurrency is not None]
            table.dependency[place] = called.index(next(iter(stream.calls)))
    return table


def dependencies_of(called: Sequence[Dependency], first_law: int) -> Table:
    """One row per dependency of bounded concurrency."""
    table = empty_table(DEPENDENCY, len(called))
    for place, dependency in enumerate(called):
        table.slots[place], table.work_law[place] = dependency.concurrency, first_law + place
        table.service_factor[place] = 1.0
    return table


def profile_of(scenario: Scenario, streams: Table) -> Table:
    """One row per stream and segment; notes in the streams' table how many segments each has."""
    study = scenario.study
    segments = [
        profile_segments(scenario.traffic.profile, stream, -study.warm_up, study.horizon)
        for stream in scenario.traffic.streams
    ]
    table = empty_table(SEGMENT, len(segments), max(len(rows) for rows in segments))
    for place, rows in enumerate(segments):
        streams.segments[place] = len(rows)
        for k, row in enumerate(rows):
            table[place, k] = row
    return table


def profile_segments(
    profile: tuple[tuple[int, float], ...], stream: Stream, begin: int, end: int
) -> list[tuple[int, float, float, float]]:
    """A profile as segments of linear rate from ``begin`` on: (start, mass before, rate at start, slope), per ns.

    The profile is constant before its first point and after its last.
    """
    points = [(begin, profile_at(profile, begin))]
    points += [(at, share) for at, share in profile if begin < at < end]
    points += [(end, profile_at(profile, end))]
    peak, mass, segments = stream.peak / _SECOND, 0.0, []
    for (at, share), (then, next_share) in itertools.pairwise(points):
        rate, length = peak * share, then - at
        slope = peak * (next_share - share) / length
        segments.append((at, mass, rate, slope))
        mass += (rate + peak * next_share) / 2 * length
    segments.append((end, mass, peak * points[-1][1], 0.0))
    if mass >= 2**45:
        raise ModelError(f"stream {stream.name} at {show_rate(stream.peak)} makes more requests than can be numbered")
    return segments
