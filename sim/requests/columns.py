"""From a resolved scenario to the columns both engines play on."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.draws import Key, Purpose, draw
from sim.errors import ModelError
from sim.laws import Law, pack
from sim.laws.equilibrium import Rest, poisson_quantile
from sim.ledger import Ledger, empty_ledger
from sim.requests.choices import number_of
from sim.requests.luck import LUCK_KEPT, LUCK_WORDS
from sim.requests.retrying import policy_of
from sim.rows import (
    CLIENT,
    POD,
    PROXY,
    RETRY,
    SEGMENT,
    STREAM,
    Table,
    clean_versions,
    empty_health,
    empty_held,
    empty_table,
    idle_dependencies,
)
from sim.scenario.demand import has_long_streams, outlasts, profile_at, under_way
from sim.scenario.resolved import Dependency, Scenario, Stream
from sim.scenario.retriers import retriers_of, waits_of
from sim.telemetry import empty_telemetry
from sim.units import show_rate
from sim.versions import NEVER
from sim.world import NO_DEPENDENCY, ClientGone, Columns, Settings, World, empty_routes, looks_at_health

_SECOND = 1e9
SECOND = 10**9
_FIRST_PODS = 64


def build_world(scenario: Scenario, key: Key, *, records: int = 0) -> World:
    """The columns of one replication before anything has happened; no pods, no endpoints."""
    streams, proxies = scenario.traffic.played, scenario.service.proxies
    called = [each for each in scenario.dependencies if each.concurrency is not None]
    laws = pack(
        [law for stream in streams for law in (stream.arrivals.gap(), stream.work)]
        + [each.work for each in called]
        + [law for stream in streams if outlasts(stream, scenario.study.warm_up) for law in lasting_of(stream)]
    )
    table, settings = streams_of(scenario), settings_of(scenario, key, records=records)
    note_long(scenario, table, key, first_law=2 * len(streams) + len(called))
    columns = Columns(
        settings=settings,
        streams=table,
        retries=retries_of(scenario),
        profile=profile_of(scenario, table, key),
        luck=np.zeros((len(streams), LUCK_KEPT, LUCK_WORDS)),
        laws=laws,
        versions=clean_versions(len(streams)),
        routes=empty_routes(proxies, _FIRST_PODS),
        pods=empty_table(POD, _FIRST_PODS),
        dependencies=dependencies_of(called, first_law=2 * len(streams)),
        health=empty_health(proxies, _FIRST_PODS if looks_at_health(settings) else 1),
        held=empty_held(scenario.traffic.users if settings.keep_alive else 1),
    )
    return World(columns, empty_telemetry(pods=_FIRST_PODS, streams=len(streams), proxies=proxies))


def build_ledger(scenario: Scenario, *, records: int = 0) -> Ledger:
    """An empty ledger of the right shape."""
    study = scenario.study
    return empty_ledger(
        windows=-(-study.horizon // study.window),
        streams=len(scenario.traffic.played),
        users=scenario.traffic.users,
        records=records,
        never=NEVER,
        seconds=-(-study.horizon // SECOND) if any(each.long_lived for each in scenario.traffic.played) else 1,
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
        client_gone=int(ClientGone[traffic.on_client_gone.upper()]),
        records=int(records > 0),
        long_lived=int(has_long_streams(scenario)),
        most_open=scenario.service.max_connections or 0,
        **remembering(scenario),
    )


def remembering(scenario: Scenario) -> dict[str, Any]:
    """What proxies and clients remember, as settings; all 0 where nobody does."""
    service, held, outliers = scenario.service, scenario.traffic.connections, scenario.service.outliers
    return {
        "remembers": int(any((outliers, held, service.breaker))),
        "eject_after": outliers.after if outliers else 0,
        "eject_for": outliers.eject_for if outliers else 0,
        "eject_most": outliers.most if outliers else 0.0,
        "panic_below": outliers.panic if outliers else 0.0,
        "slow_start": service.slow_start,
        "breaker": service.breaker or 0,
        "keep_alive": held.idle if held else 0,
        "connection_age": held.age if held else 0,
    }


def streams_of(scenario: Scenario) -> Table:
    """One row per stream: its patience, which outcomes are tried again, and its laws."""
    table = empty_table(STREAM, len(scenario.traffic.played))
    for place, stream in enumerate(scenario.traffic.played):
        table.gap_law[place], table.work_law[place] = 2 * place, 2 * place + 1
        waits = waits_of(stream)
        table.timeout[place], table.call_limit[place], table.limit[place] = waits.attempt, waits.call, waits.request
        table.objective[place] = stream.objective
        table.users[place] = stream.arrivals.population()
        for retries in retriers_of(stream):
            table.retry_on[place] |= retries.outcomes() if retries.tries() > 0 else 0
            table.earns[place] |= int(retries.budget_per_request() > 0.0)
        table.next_at[place], table.dependency[place] = NEVER, NO_DEPENDENCY
        if stream.calls:
            called = [each.name for each in scenario.dependencies if each.concurrency is not None]
            table.dependency[place] = called.index(next(iter(stream.calls)))
    return table


def retries_of(scenario: Scenario) -> Table:
    """Two rows per stream: what its client does after a failure, and what its proxy does."""
    table = empty_table(RETRY, 2 * len(scenario.traffic.played))
    for place, stream in enumerate(scenario.traffic.played):
        for retries in retriers_of(stream):
            row = policy_of(place, PROXY if retries.is_proxy() else CLIENT)
            table.rule[row] = number_of("retries", retries.kind)
            table.tries[row], table.on[row] = retries.tries(), retries.outcomes()
            table.first_wait[row], table.cap[row], table.jitter[row] = retries.waits()
            table.budget[row] = table.tokens[row] = retries.budget_per_request()
            table.fresh[row], table.keeps[row] = retries.draws_work_anew(), retries.keeps_version()
            table.elsewhere[row] = retries.goes_elsewhere()
    return table


def lasting_of(stream: Stream) -> tuple[Law, Rest]:
    """How long what a long stream brings lasts, and what is left of it when it is looked at."""
    lasting = stream.work if stream.long_lived is None else stream.long_lived.length
    return lasting, Rest(lasting)


def note_long(scenario: Scenario, table: Table, key: Key, *, first_law: int) -> None:
    """Note which streams outlast the warm-up, how many of their requests are under way then, and their laws."""
    law = first_law
    for place, stream in enumerate(scenario.traffic.played):
        if not outlasts(stream, scenario.study.warm_up):
            continue
        table.long[place], table.length_law[place], table.rest_law[place] = 1, law, law + 1
        law += 2
        luck = draw(key, Purpose.UNDER_WAY, place)[0]
        mean = under_way(scenario, stream)
        even = stream.arrivals.gap().deterministic
        table.under_way[place] = int(mean + luck) if even else poisson_quantile(mean, luck)
        held = stream.long_lived
        if held is not None:
            table.held[place], table.reconnect_tries[place] = 1, held.tries
            table.reconnect_wait[place], table.reconnect_cap[place] = held.after, held.cap
            table.reconnect_jitter[place] = held.jitter


def dependencies_of(called: Sequence[Dependency], first_law: int) -> Table:
    """One row per dependency of bounded concurrency."""
    table = idle_dependencies(len(called))
    for place, dependency in enumerate(called):
        table.slots[place], table.work_law[place] = dependency.concurrency, first_law + place
    return table


def profile_of(scenario: Scenario, streams: Table, key: Key) -> Table:
    """One row per stream and segment; notes in the streams' table how many segments each has."""
    segments = [segments_of(scenario, stream, place, key) for place, stream in enumerate(scenario.traffic.played)]
    table = empty_table(SEGMENT, len(segments), max(len(rows) for rows in segments))
    for place, rows in enumerate(segments):
        streams.segments[place] = len(rows)
        table[place, : len(rows)] = rows
    return table


def segments_of(scenario: Scenario, stream: Stream, place: int, key: Key) -> NDArray[Any]:
    """A stream's segments: of its recording, of its own swings, or of the profile alone; none in a closed loop."""
    study, arrivals = scenario.study, stream.arrivals
    begin, end = -study.warm_up, study.horizon
    if arrivals.population():
        return np.array([(begin, 0.0, 0.0, 0.0)], dtype=SEGMENT)
    instants = arrivals.instants()
    if instants is not None:
        return recorded_segments(np.asarray(instants, dtype=np.int64) + begin)
    path = arrivals.swings(lambda nth: draw(key, Purpose.BURST, place, nth)[0], end - begin)
    profile = scenario.traffic.profile_of(stream)
    if path:
        return swinging_segments(profile, stream.peak / _SECOND, path, begin, end)
    return np.array(profile_segments(profile, stream, begin, end), dtype=SEGMENT)


def recorded_segments(instants: NDArray[np.int64]) -> NDArray[Any]:
    """Segments by which the k-th request, whose mass is k + 1, comes at the k-th instant, and none after the last.

    >>> recorded_segments(np.array([5, 7]))["start"].tolist()
    [-9223372036854775808, 5, 7, 7]
    """
    segments = np.zeros(len(instants) + 2, dtype=SEGMENT)
    segments["start"] = np.concatenate([[np.iinfo(np.int64).min], instants, instants[-1:]])
    segments["mass"][:-1], segments["mass"][-1] = np.arange(len(instants) + 1), len(instants) + 0.5
    segments["rate"][:-1] = 1.0
    return segments


def swinging_segments(
    profile: tuple[tuple[int, float], ...], peak: float, path: Sequence[tuple[int, float]], begin: int, end: int
) -> NDArray[Any]:
    """A profile times a path of factors (ns from ``begin``, factor), as segments of linear rate, per ns."""
    times, shares = zip(*profile, strict=True)
    jumps, factors = (np.array(column) for column in zip(*path, strict=True))
    inside = [when for when in times if begin < when < end]
    starts = np.unique(np.concatenate([jumps + begin, np.array(inside, dtype=np.int64)]))
    ends = np.append(starts[1:], end)
    factor = factors[np.searchsorted(jumps + begin, starts, side="right") - 1]
    rate, last = (peak * factor * np.interp(moments, times, shares) for moments in (starts, ends))
    length = ends - starts
    segments = np.zeros(len(starts) + 1, dtype=SEGMENT)
    segments["start"], segments["rate"][:-1] = np.append(starts, end), rate
    segments["slope"][:-1] = (last - rate) / length
    segments["mass"][1:] = np.cumsum((rate + last) / 2 * length)
    segments["rate"][-1] = last[-1]
    return segments


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
