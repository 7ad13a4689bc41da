"""Rules on size: what a machine can play. They catch a slipped digit or unit before it fills the memory or the day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim import units
from sim.laws import Law
from sim.scenario.demand import asked_by_one
from sim.scenario.document import Trail
from sim.scenario.horizon import horizon
from sim.scenario.model.written import Written
from sim.scenario.rules.rule import Breach, Rule, reads
from sim.scenario.rules.weather import swollen

MOST_PODS = 50_000
"""Of one service, and as many nodes; the largest clusters in use have some 10,000 nodes."""
MOST_USERS = 100_000_000
"""A byte is kept of each."""
LONGEST_HORIZON = 31 * units.DAY
"""Measures are kept by the second."""
MOST_REQUESTS = 10_000_000_000
"""Of one replication: half an hour to an hour of one core."""
MOST_OF_A_USER = 2**23
"""Requests of one user of a closed loop: half of those that can be numbered, for nobody asks exactly as often."""
MOST_CELLS = 10_000_000
"""Of the table of outcomes, windows times streams; each takes 700 bytes of memory."""
LONGEST_ONE, LONGEST_IN_ALL = 2.0**55, 2.0**60
"""ns: of one request, which is cut off there; and of all of a release, a quarter of what the clock can count."""
MOST_STREAMS = 64
"""Surges included: an attempt's name has room for so many."""


@reads("service")
def a_fleet_has_a_size_that_can_be_played(written: Written) -> Iterator[Breach]:
    """Every pod is a process."""
    if written.service.replicas > MOST_PODS:
        yield ("service", "replicas"), f"{written.service.replicas:,} pods are too many; allowed: up to {MOST_PODS:,}"


@reads("service", "strategies")
def a_surge_has_a_size_that_can_be_played(written: Written) -> Iterator[Breach]:
    """Pods of both versions, at once."""
    replicas = written.service.replicas
    for name, strategy in written.strategies.items():
        surge = getattr(strategy, "surge", None)
        pods = replicas + surge.up(replicas) if surge is not None else 0
        if pods > 2 * MOST_PODS:
            yield ("strategies", name, "surge"), f"{pods:,} pods at once are too many; allowed: up to {2 * MOST_PODS:,}"


@reads("nodes")
def a_pool_has_a_size_that_can_be_played(written: Written) -> Iterator[Breach]:
    """Every node is a row."""
    for name in ("count", "most"):
        count = getattr(written.nodes, name)
        if count > MOST_PODS:
            yield ("nodes", name), f"{count:,} nodes are too many; allowed: up to {MOST_PODS:,}"


@reads("traffic")
def users_can_be_told_apart(written: Written) -> Iterator[Breach]:
    """Who was hit is kept per user."""
    count = written.traffic.users.count
    if count > MOST_USERS:
        yield ("traffic", "users", "count"), f"{count:,} users are too many; allowed: up to {MOST_USERS:,}"


@reads("traffic")
def users_of_a_loop_are_among_the_users(written: Written) -> Iterator[Breach]:
    """Who was hit is kept for each of the users, and whoever asks in a loop is one of them."""
    count = written.traffic.users.count
    for name, stream in written.traffic.streams.items():
        asking = stream.arrivals.population()
        if asking > count:
            found = f"{asking:,} users ask in a closed loop; there are {count:,}"
            yield (
                ("traffic", "streams", name, "arrivals", "users"),
                f"{found}: write {asking:,} or more as traffic.users.count",
            )


@reads("traffic", "conditions")
def streams_can_be_numbered(written: Written) -> Iterator[Breach]:
    """Requests are numbered in each stream, and a surge is a stream more for each that it swells."""
    named = len(written.traffic.streams)
    added = sum(len(swollen(written, condition)) for condition in written.conditions.values())
    if named + added > MOST_STREAMS:
        surges = f", and surges add {added}" if added else ""
        found = f"{named} streams are written{surges}; allowed: up to {MOST_STREAMS} together"
        yield ("traffic", "streams") if named > MOST_STREAMS else ("conditions",), found


@reads("service", "oncall", "strategies", "study", "traffic", "conditions", "release")
def a_replication_comes_to_an_end(written: Written) -> Iterator[Breach]:
    """A month is watched at most, and requests are played one by one."""
    asked = written.study.horizon
    watched = horizon(written)[0] if asked is None else asked
    if watched > LONGEST_HORIZON:
        allowed = units.show_duration(LONGEST_HORIZON)
        found = (
            f"{units.show_duration(watched, units.MINUTE)} would be watched per replication; allowed: up to {allowed}"
        )
        where: Trail = ("strategies",) if asked is None else ("study", "horizon")
        yield where, found + ("; shorten the longest hold, or set study.horizon" if asked is None else "")
        return
    streams = written.traffic.streams
    own = sum(stream.rate for stream in streams.values() if stream.peak is None)
    peak = sum(stream.rate for stream in streams.values() if stream.peak is not None)
    for condition in written.conditions.values():
        more = sum(streams[name].rate for name in swollen(written, condition))
        peak += more * (getattr(condition.failure, "factor", 1.0) - 1.0) if more else 0.0
    highest = max(share for _, share in written.traffic.profile.points)
    requests = (own + peak * highest) * (watched + written.study.warm_up) / units.SECOND
    if requests > MOST_REQUESTS:
        found = f"{requests:,.0f} requests at most would be played per replication; allowed: up to {MOST_REQUESTS:,}"
        yield ("traffic", "streams"), f"{found}; lower the peaks or set a shorter study.horizon"


@reads("service", "oncall", "strategies", "study", "traffic", "conditions", "release")
def what_is_counted_can_be_kept(written: Written) -> Iterator[Breach]:
    """Outcomes are kept for each window of each stream."""
    study = written.study
    watched = horizon(written)[0] if study.horizon is None else study.horizon
    streams = len(written.traffic.streams)
    streams += sum(len(swollen(written, condition)) for condition in written.conditions.values())
    cells = streams * watched / max(1, study.window)
    if cells > MOST_CELLS:
        found = f"{cells:,.0f} windows of streams would be counted; allowed: up to {MOST_CELLS:,}"
        yield ("study", "window"), f"{found}; write a longer study.window or a shorter study.horizon"


@reads("service", "oncall", "strategies", "study", "traffic", "conditions", "release", "dependencies")
def all_work_comes_to_an_end(written: Written) -> Iterator[Breach]:
    """Requests that wait are played to their end, one after the other, and the clock counts nanoseconds in 63 bits."""
    study = written.study
    watched = horizon(written)[0] if study.horizon is None else study.horizon
    seconds = (watched + study.warm_up) / units.SECOND
    happens = [each.failure for part in (written.release.defects, written.conditions) for each in part.values()]
    slower = max([1.0, *(_factor(failure) for failure in happens)]) * max(1.0, written.release.version.work)
    for name, stream in written.traffic.streams.items():
        called = [
            count * _mean(written.dependencies[each].work)
            for each, count in stream.calls.items()
            if each in written.dependencies
        ]
        whole = (_mean(stream.work) * slower + sum(called) * slower) * max(1.0, stream.rate * seconds)
        if whole > LONGEST_IN_ALL:
            years = whole / (365 * units.DAY)
            found = f"the requests of one release would take {years:,.0f} years, one after the other"
            allowed = f"allowed: up to {LONGEST_IN_ALL / (365 * units.DAY):,.0f}"
            yield ("traffic", "streams", name, "work"), f"{found}; {allowed}; lower the work, the peak or study.horizon"


def _mean(law: Any) -> float:
    """Of a law of times, what is far beyond a release left out; 0 of none."""
    return 0.0 if law is None else float(law.mean_up_to(LONGEST_ONE))


def _factor(failure: Any) -> float:
    """How many times as long a failure lets work take, at most but for one in a thousand."""
    factor = getattr(failure, "factor", 1.0)
    return float(factor.quantile(0.999)) if isinstance(factor, Law) else float(factor)


@reads("service", "oncall", "strategies", "study", "traffic", "release")
def requests_of_one_user_can_be_numbered(written: Written) -> Iterator[Breach]:
    """A user of a closed loop who hardly thinks, and is refused at once, asks millions of times."""
    study = written.study
    length = study.warm_up + (horizon(written)[0] if study.horizon is None else study.horizon)
    for name, stream in written.traffic.streams.items():
        asked = asked_by_one(stream.arrivals, length) if stream.arrivals.population() else 0.0
        if asked >= MOST_OF_A_USER:
            found = f"a user who is refused at once each time would ask {asked:,.0f} times"
            yield (
                ("traffic", "streams", name, "arrivals", "think"),
                f"{found}; allowed: below {MOST_OF_A_USER:,}; let users think longer, or set a shorter study.horizon",
            )


RULES: tuple[Rule, ...] = (
    a_fleet_has_a_size_that_can_be_played,
    a_surge_has_a_size_that_can_be_played,
    a_pool_has_a_size_that_can_be_played,
    users_can_be_told_apart,
    users_of_a_loop_are_among_the_users,
    streams_can_be_numbered,
    a_replication_comes_to_an_end,
    what_is_counted_can_be_kept,
    all_work_comes_to_an_end,
    requests_of_one_user_can_be_numbered,
)
