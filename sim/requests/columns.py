"""From a resolved scenario to the columns both engines play on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.draws import Key
from sim.errors import ModelError
from sim.laws import pack
from sim.ledger import Ledger, empty_ledger
from sim.requests.choices import number_of
from sim.scenario.resolved import Scenario, Stream
from sim.telemetry import empty_telemetry
from sim.units import show_rate
from sim.world import NEVER, Columns, Settings, Streams, World, clean_versions, empty_pods, empty_routes

_SECOND = 1e9
_FIRST_PODS = 64


def build_world(scenario: Scenario, key: Key, *, records: int = 0) -> World:
    """The columns of one replication before anything has happened; no pods, no endpoints."""
    streams, proxies = scenario.traffic.streams, scenario.service.proxies
    laws = pack([law for stream in streams for law in (stream.arrivals.gap(), stream.work)])
    columns = Columns(
        settings=settings_of(scenario, key, records=records),
        streams=streams_of(scenario),
        laws=laws,
        versions=clean_versions(len(streams)),
        routes=empty_routes(proxies, _FIRST_PODS),
        pods=empty_pods(_FIRST_PODS),
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
        records=int(records > 0),
    )


def streams_of(scenario: Scenario) -> Streams:
    """One row per stream: its patience, its retries, its laws and its profile."""
    streams, study = scenario.traffic.streams, scenario.study
    begin, end = -study.warm_up, study.horizon
    segments = [profile_segments(scenario.traffic.profile, stream, begin, end) for stream in streams]
    width = max(len(rows) for rows in segments)
    profile = np.zeros((4, len(streams), width))
    for stream, rows in enumerate(segments):
        profile[:, stream, : len(rows)] = np.array(rows).T
    waits = [stream.retries.waits() for stream in streams]

    def row(values: Sequence[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.array(values, dtype=np.int64)

    return Streams(
        gap_law=row([2 * place for place in range(len(streams))]),
        work_law=row([2 * place + 1 for place in range(len(streams))]),
        timeout=row([stream.timeout for stream in streams]),
        objective=row([stream.objective for stream in streams]),
        retry_rule=row([number_of("retries", stream.retries.kind) for stream in streams]),
        retry_max=row([stream.retries.tries() for stream in streams]),
        retry_on=row([stream.retries.outcomes() for stream in streams]),
        retry_wait=row([first for first, _, _ in waits]),
        retry_cap=row([longest for _, longest, _ in waits]),
        retry_jitter=np.array([jitter for _, _, jitter in waits], dtype=np.float64),
        segments=row([len(rows) for rows in segments]),
        segment_start=profile[0].astype(np.int64),
        segment_mass=profile[1],
        segment_rate=profile[2],
        segment_slope=profile[3],
        number=row([0] * len(streams)),
        mass=np.zeros(len(streams)),
        next_at=row([NEVER] * len(streams)),
        segment=row([0] * len(streams)),
        user_luck=np.zeros(len(streams)),
        work_luck=np.zeros(len(streams)),
        answer_luck=np.zeros(len(streams)),
    )


def profile_segments(
    profile: Sequence[tuple[int, float]], stream: Stream, begin: int, end: int
) -> list[tuple[float, float, float, float]]:
    """A profile as segments of linear rate from ``begin`` on: (start, mass before, rate at start, slope), per ns.

    The profile is constant before its first point and after its last.
    """
    points = [(begin, share_at(profile, begin))]
    points += [(at, share) for at, share in profile if begin < at < end]
    points += [(end, share_at(profile, end))]
    peak, mass, segments = stream.peak / _SECOND, 0.0, []
    for (at, share), (then, next_share) in zip(points, points[1:], strict=False):
        rate, length = peak * share, then - at
        slope = peak * (next_share - share) / length
        segments.append((float(at), mass, rate, slope))
        mass += (rate + peak * next_share) / 2 * length
    segments.append((float(end), mass, peak * points[-1][1], 0.0))
    if mass >= 2**45:
        raise ModelError(f"stream {stream.name} at {show_rate(stream.peak)} makes more requests than can be numbered")
    return segments


def share_at(profile: Sequence[tuple[int, float]], at: int) -> float:
    """The profile's share at a moment, linear between its points.

    >>> share_at([(0, 0.5), (10, 1.0)], 5), share_at([(0, 0.5), (10, 1.0)], -3)
    (0.75, 0.5)
    """
    before = [(when, share) for when, share in profile if when <= at]
    after = [(when, share) for when, share in profile if when > at]
    if not before:
        return after[0][1]
    if not after:
        return before[-1][1]
    (left, low), (right, high) = before[-1], after[0]
    return low + (high - low) * (at - left) / (right - left)
