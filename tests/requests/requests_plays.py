"""Generated plays for the request plane: streams, pods, and what a cluster might do to them, at any moment.

A play is data. ``perform`` runs it through an engine and gives everything that can be seen of the run, so that two
engines can be compared field by field.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import strategies as st

from sim.draws import replication_key
from sim.laws import Law, pack
from sim.laws.deterministic import Deterministic
from sim.laws.exponential import Exponential
from sim.laws.lognormal import Lognormal
from sim.laws.uniform import Uniform
from sim.ledger import Ledger, empty_ledger
from sim.requests.choices import number_of
from sim.requests.contract import RequestEngine
from sim.requests.luck import LUCK_KEPT, LUCK_WORDS
from sim.rows import (
    POD,
    RETRY,
    SEGMENT,
    STREAM,
    clean_versions,
    empty_health,
    empty_held,
    empty_table,
    idle_dependencies,
)
from sim.telemetry import empty_telemetry
from sim.versions import NEVER
from sim.world import Answers, Columns, Pool, Reason, Routing, Settings, World, empty_routes, looks_at_health

MILLISECOND = 10**6
SECOND = 10**9
RECORDS = 200_000
ENGINES_OWN = ("queue_head", "queue_tail", "head", "tail")
"""How an engine links what waits is its own affair."""


@dataclass(frozen=True, kw_only=True)
class StreamOfPlay:
    """One stream of requests."""

    rate: float = 100.0  # per second
    gap: Law = field(default_factory=lambda: Exponential(mean=1.0))
    work: Law = field(default_factory=lambda: Exponential(mean=20 * MILLISECOND))
    timeout: int = 0
    retry_rule: str = "none"
    retry_max: int = 0
    retry_on: int = 0
    retry_wait: int = 0
    jitter: float = 0.0
    objective: int = 0
    slope: float = 0.0  # change of the rate per second, per second
    budget: float = 0.0  # retries earned per request
    fresh: int = 0
    keeps: int = 0
    elsewhere: int = 0
    proxy_max: int = 0
    proxy_on: int = 0
    proxy_wait: int = 0
    proxy_budget: float = 0.0
    call_limit: int = 0
    limit: int = 0
    dependency: int = -1
    loop: int = 0  # users of a closed loop, who think for the gap
    long: int = 0
    length: Law | None = None  # of a connection that stays open
    rest: Law = field(default_factory=lambda: Exponential(mean=500.0 * MILLISECOND))
    under_way: int = 0
    reconnect_tries: int = 3
    reconnect_wait: int = 20 * MILLISECOND


@dataclass(frozen=True, kw_only=True)
class Play:
    """What is asked and what happens to the pods meanwhile."""

    seed: int = 1
    length: int = 5 * SECOND
    warm_up: int = SECOND
    balancer: str = "random"
    streams: tuple[StreamOfPlay, ...] = (StreamOfPlay(),)
    pods: tuple[tuple[int, int, int], ...] = ((0, 4, 10),)  # version, slots, queue
    proxies: int = 1
    users: int = 50
    user_skew: float = 1.0
    sticky: int = 0
    client_gone: int = 0
    dependencies: tuple[tuple[int, Law], ...] = ()  # slots and work of each
    eject_after: int = 0
    eject_for: int = 0
    eject_most: float = 0.5
    panic_below: float = 0.5
    slow_start: int = 0
    breaker: int = 0
    keep_alive: int = 0
    connection_age: int = 0
    most_open: int = 0
    actions: tuple[tuple[int, str, tuple[float, ...]], ...] = ()  # (when, what, arguments)


def columns_of(play: Play) -> Columns:
    """The columns of a play before anything has happened."""
    count = len(play.streams)
    first_long = 2 * count + len(play.dependencies)
    key = replication_key(play.seed, 0)

    streams, profile = empty_table(STREAM, count), empty_table(SEGMENT, count, 1)
    retries = empty_table(RETRY, 2 * count)
    for k, stream in enumerate(play.streams):
        streams.gap_law[k], streams.work_law[k] = 2 * k, 2 * k + 1
        streams.timeout[k], streams.objective[k] = stream.timeout, stream.objective
        streams.call_limit[k], streams.limit[k] = stream.call_limit, stream.limit
        retriers = (
            (2 * k, stream.retry_max, stream.retry_on, stream.retry_wait, stream.budget),
            (2 * k + 1, stream.proxy_max, stream.proxy_on, stream.proxy_wait, stream.proxy_budget),
        )
        for row, most, on, wait, budget in () if stream.length else retriers:  # connections have a rule of their own
            retries.rule[row] = number_of("retries", stream.retry_rule)
            retries.tries[row], retries.on[row] = most, on
            retries.first_wait[row], retries.cap[row], retries.jitter[row] = wait, 4 * wait, stream.jitter
            retries.budget[row], retries.tokens[row] = budget, 2 * budget
            retries.fresh[row] = stream.fresh
            retries.keeps[row], retries.elsewhere[row] = stream.keeps, stream.elsewhere
            streams.retry_on[k] |= on if most else 0
            streams.earns[k] |= int(budget > 0.0)
        streams.segments[k], streams.next_at[k] = 1, NEVER
        streams.dependency[k], streams.users[k] = stream.dependency, stream.loop
        streams.long[k], streams.under_way[k] = stream.long, stream.under_way
        streams.held[k] = stream.length is not None
        streams.length_law[k], streams.rest_law[k] = first_long + 2 * k, first_long + 2 * k + 1
        streams.reconnect_tries[k], streams.reconnect_jitter[k] = stream.reconnect_tries, stream.jitter
        streams.reconnect_wait[k], streams.reconnect_cap[k] = stream.reconnect_wait, 4 * stream.reconnect_wait
        profile.start[k, 0], profile.rate[k, 0] = -play.warm_up, stream.rate / SECOND
        profile.slope[k, 0] = stream.slope / SECOND / SECOND
    settings = Settings(
        key_low=key.low,
        key_high=key.high,
        warm_up=play.warm_up,
        horizon=play.length,
        window=SECOND,
        balancer=number_of("balancers", play.balancer),
        proxies=play.proxies,
        users=play.users,
        user_skew=play.user_skew,
        sticky=play.sticky,
        client_gone=play.client_gone,
        records=1,
        remembers=int(play.eject_after > 0 or play.breaker > 0 or play.keep_alive > 0),
        eject_after=play.eject_after,
        eject_for=play.eject_for,
        eject_most=play.eject_most,
        panic_below=play.panic_below,
        slow_start=play.slow_start,
        breaker=play.breaker,
        keep_alive=play.keep_alive,
        connection_age=play.connection_age,
        long_lived=int(any(stream.long for stream in play.streams)),
        most_open=play.most_open,
    )
    lasting = [law for s in play.streams for law in (s.length or s.rest, s.rest)]
    called = [work for _, work in play.dependencies]
    laws = pack([law for s in play.streams for law in (s.gap, s.work)] + called + lasting)
    dependencies = idle_dependencies(len(play.dependencies))
    for k, (slots, _) in enumerate(play.dependencies):
        dependencies.slots[k], dependencies.work_law[k] = slots, 2 * count + k
    return Columns(
        settings,
        streams,
        retries,
        profile,
        np.zeros((count, LUCK_KEPT, LUCK_WORDS)),
        laws,
        clean_versions(count),
        empty_routes(play.proxies, 4),
        empty_table(POD, 2),
        dependencies,
        empty_health(play.proxies, 2 if looks_at_health(settings) else 1),
        empty_held(play.users if play.keep_alive else 1),
    )


def perform(play: Play, make: Callable[[World, Ledger], RequestEngine]) -> dict[str, Any]:
    """Run a play and give all that can be seen of it."""
    count = len(play.streams)
    world = World(columns_of(play), empty_telemetry(pods=2, streams=count, proxies=play.proxies))
    windows = play.length // SECOND + 1
    ledger = empty_ledger(windows=windows, streams=count, users=play.users, records=RECORDS, never=NEVER, seconds=4)
    for version, slots, queue in play.pods:
        pod = world.add_pod(version, world.pod_count, slots, queue)
        world.columns.pods.answers[pod] = Answers.ACCEPTS
        world.columns.pods.busy_since[pod] = -play.warm_up
    list_all(world, play.proxies)
    engine = make(world, ledger)
    stops = []
    for when, what, arguments in (*sorted(play.actions, key=lambda action: action[0]), (NEVER, "end", ())):
        while True:
            stop = engine.advance(when)
            stops.append((int(stop.reason), int(stop.pod)) if stop.reason != Reason.FINISHED else "finished")
            if stop.reason == Reason.POD_DRAINED:
                stops.append(int(stop.at))
                world.columns.pods.draining[stop.pod] = 0
            elif stop.reason in (Reason.POD_CRASHED, Reason.OUT_OF_MEMORY):
                stops.append(int(stop.at))
                world.columns.pods.answers[stop.pod] = Answers.REFUSES
                world.columns.pods.memory[stop.pod] = 0.0
                engine.reset(stop.pod, stop.at)
            else:
                break
        if stop.reason == Reason.FINISHED:
            break
        if what != "end":
            act(world, engine, play, when, what, arguments)
    finished = int(ledger.finished[0])
    seen = {f"ledger.{name}": getattr(ledger, name).copy() for name in Ledger._fields if name != "record"}
    seen["ledger.record"] = ledger.record[:finished].copy()
    seen |= {f"telemetry.{name}": column.copy() for name, column in world.telemetry._asdict().items()}
    seen |= {f"routes.{name}": column.copy() for name, column in world.columns.routes._asdict().items()}
    for group in ("streams", "retries", "pods", "dependencies", "health", "held"):
        table = getattr(world.columns, group)
        shown = [name for name in table.dtype.names if name not in ENGINES_OWN]
        seen |= {f"{group}.{name}": table[name].copy() for name in shown}
    seen["stops"] = stops
    return seen


def list_all(world: World, proxies: int, pods: list[int] | None = None) -> None:
    """Let every proxy know these pods (all by default), in the pools of their versions."""
    listed = list(range(world.pod_count)) if pods is None else pods
    version = world.columns.pods.version
    for proxy in range(proxies):
        world.list_endpoints(proxy, Pool.STABLE, [pod for pod in listed if version[pod] == 0])
        world.list_endpoints(proxy, Pool.NEW, [pod for pod in listed if version[pod] == 1])
        world.list_endpoints(proxy, Pool.ALL, listed)


def act(world: World, engine: RequestEngine, play: Play, when: int, what: str, arguments: tuple[float, ...]) -> None:
    """Something the cluster does."""
    pods, routes = world.columns.pods, world.columns.routes
    pod = int(arguments[0] * world.pod_count) if arguments else 0
    version, stream = (
        int(arguments[0] * 2) if arguments else 0,
        int(arguments[-1] * len(play.streams)) if arguments else 0,
    )
    if what == "kill":
        pods.answers[pod] = Answers.REFUSES
        engine.reset(pod, when)
    elif what == "revive":
        pods.answers[pod] = Answers.ACCEPTS
    elif what == "silence":
        pods.answers[pod] = Answers.SILENT
        engine.silence(pod, when)
    elif what == "drain":
        pods.draining[pod] = 1
        pods.answers[pod] = Answers.REFUSES
    elif what == "add":
        new = world.add_pod(version, world.pod_count, 1 + int(3 * arguments[1]), int(4 * arguments[2]))
        world.columns.pods.answers[new] = Answers.ACCEPTS
        world.columns.pods.busy_since[new] = when
        list_all(world, play.proxies)
        for proxy in range(play.proxies):
            world.note_listed(proxy, new, when)
    elif what == "unlist":
        proxy = int(arguments[1] * play.proxies)
        for pool in Pool:
            listed = [int(p) for p in routes.endpoint[proxy, pool, : routes.known[proxy, pool]] if p != pod]
            world.list_endpoints(proxy, pool, listed)
    elif what == "weight":
        routes.mode[0] = Routing.BY_WEIGHT
        routes.new_share[int(arguments[1] * play.proxies)] = arguments[0]
    elif what == "mirror":
        routes.mirror_share[int(arguments[1] * play.proxies)] = arguments[0]
    elif what == "cohort":
        routes.cohort_share[int(arguments[1] * play.proxies)] = arguments[0] * arguments[0]
    elif what == "spread":
        routes.mode[0] = Routing.BY_POD
    elif what == "errors":
        versions = world.columns.versions
        versions.error_chance[version, stream] = arguments[1]
        versions.seen_chance[version, stream] = arguments[1] * arguments[2]
        versions.cohort[version, stream] = arguments[2]
        versions.cohort_error[version, stream] = min(1.0, arguments[1] * 2)
        versions.cohort_seen[version, stream] = arguments[1]
        versions.repeats[version, stream] = versions.seen_chance[version, stream] * arguments[0]
        versions.cohort_repeats[version, stream] = arguments[1] * arguments[0]
    elif what == "poison":
        world.columns.versions.poison[version, stream] = arguments[1] * 0.1
    elif what == "leak":
        world.columns.versions.leak[version, stream] = 1.0
        pods.memory_room[int(arguments[1] * world.pod_count)] = 10.0
    elif what == "crowd":
        world.columns.versions.crowd_error[version, stream] = arguments[1]
        world.columns.versions.crowd_repeats[version, stream] = arguments[1] * arguments[2]
    elif what == "calls":
        world.columns.versions.calls[version, stream] = int(3 * arguments[1])
        if len(world.columns.dependencies):
            world.columns.dependencies.service_factor[0] = 0.5 + arguments[2]
    elif what == "herd":
        for k in range(len(world.columns.dependencies)):
            taken = world.columns.dependencies.taken_until
            taken[k] = max(int(taken[k]), when) + int(arguments[k % 3] * SECOND / 4)
    elif what == "lock":
        world.columns.versions.held_until[version, stream] = when + int(arguments[1] * SECOND)
    elif what == "fail":
        world.columns.versions.error_chance[:], world.columns.versions.seen_chance[:] = arguments[1], arguments[1]
    elif what == "repeat":
        versions = world.columns.versions
        versions.error_chance[:] = versions.seen_chance[:] = arguments[0]
        versions.repeats[:] = arguments[0] * arguments[1]
    elif what == "bad new":
        versions = world.columns.versions
        versions.error_chance[1], versions.seen_chance[1], versions.repeats[1] = arguments * 3
    elif what == "refuse first":
        pods.answers[0] = Answers.REFUSES
    elif what == "all to new":
        routes.new_share[:], world.columns.versions.service_factor[1] = arguments
    elif what == "slow":
        world.columns.versions.service_factor[version, stream] = 0.5 + 3 * arguments[1]
        pods.speed[int(arguments[2] * world.pod_count)] = 2.0


ACTIONS = (
    *("kill", "revive", "silence", "drain", "add", "unlist", "weight", "spread", "errors", "slow"),
    *("poison", "leak", "crowd", "calls", "mirror", "cohort", "lock", "herd"),
)
BALANCERS = ("random", "round_robin", "least_request", "two_choices", "ring_hash")
CLOSED: dict[str, Any] = {"loop": 7, "gap": Deterministic(value=40.0 * MILLISECOND)}
LONG: dict[str, Any] = {"long": 1, "under_way": 5}
HELD: dict[str, Any] = LONG | {"length": Exponential(mean=500.0 * MILLISECOND), "under_way": 9}
GRID_HELD: dict[str, Any] = HELD | {"length": Deterministic(value=400.0 * MILLISECOND)}
below_one = st.floats(0, 0.999, allow_nan=False)


def works() -> st.SearchStrategy[Law]:
    """Service times: smooth ones, and ones on a coarse grid, which make ties."""
    return st.one_of(
        st.integers(1, 30).map(lambda k: Deterministic(value=float(k * 10 * MILLISECOND))),
        st.integers(1, 60).map(lambda k: Exponential(mean=float(k * MILLISECOND))),
        st.just(Uniform(low=float(MILLISECOND), high=float(80 * MILLISECOND))),
        st.just(Lognormal(percentiles=((0.5, 20.0 * MILLISECOND), (0.95, 100.0 * MILLISECOND)))),
    )


@st.composite
def streams(draw: st.DrawFn) -> StreamOfPlay:
    """A stream, often one whose requests fall on a grid."""
    even = draw(st.booleans())
    gap: Law = Deterministic(value=1.0) if even else Exponential(mean=1.0)
    return StreamOfPlay(
        rate=draw(st.sampled_from([10.0, 50.0, 100.0])),
        work=draw(works()),
        timeout=draw(st.sampled_from([0, 20, 50, 100, 300])) * MILLISECOND,
        retry_rule="backoff",
        retry_max=draw(st.integers(0, 3)),
        retry_on=draw(st.integers(0, 255)) & ~1,
        retry_wait=draw(st.sampled_from([0, 10, 50])) * MILLISECOND,
        jitter=draw(st.sampled_from([0.0, 0.5, 1.0])),
        objective=draw(st.sampled_from([0, 30])) * MILLISECOND,
        slope=draw(st.sampled_from([0.0, 0.0, 10.0, -5.0])),
        budget=draw(st.sampled_from([0.0, 0.2])),
        fresh=draw(st.integers(0, 1)),
        keeps=draw(st.integers(0, 1)),
        elsewhere=draw(st.integers(0, 1)),
        proxy_max=draw(st.sampled_from([0, 0, 1, 3])),
        proxy_on=draw(st.integers(0, 255)) & ~1,
        proxy_wait=draw(st.sampled_from([0, 0, 20])) * MILLISECOND,
        proxy_budget=draw(st.sampled_from([0.0, 0.1])),
        call_limit=draw(st.sampled_from([0, 0, 40, 120])) * MILLISECOND,
        limit=draw(st.sampled_from([0, 0, 100, 250])) * MILLISECOND,
        dependency=draw(st.sampled_from([-1, 0, 0, 1])),
        **draw(st.sampled_from([{"gap": gap}, {"gap": gap} | LONG, {"gap": gap} | HELD, CLOSED, CLOSED | {"long": 1}])),
    )


@st.composite
def plays(draw: st.DrawFn) -> Play:
    """A play in which anything may happen to anybody, often at the same instant."""
    length = draw(st.integers(1, 4)) * SECOND
    moments = st.integers(-10, length // (100 * MILLISECOND)).map(lambda k: k * 100 * MILLISECOND)
    action = st.tuples(moments, st.sampled_from(ACTIONS), st.tuples(below_one, below_one, below_one))
    pod = st.tuples(st.integers(0, 1), st.integers(1, 4), st.integers(0, 5))
    return Play(
        seed=draw(st.integers(0, 10**6)),
        length=length,
        balancer=draw(st.sampled_from(BALANCERS)),
        streams=tuple(draw(st.lists(streams(), min_size=1, max_size=3))),
        pods=tuple(draw(st.lists(pod, min_size=1, max_size=6))),
        proxies=draw(st.integers(1, 2)),
        user_skew=draw(st.sampled_from([1.0, 2.5])),
        sticky=draw(st.integers(0, 1)),
        client_gone=draw(st.integers(0, 2)),
        dependencies=tuple((draw(st.integers(1, 4)), draw(works())) for _ in range(2)),
        eject_after=draw(st.sampled_from([0, 1, 2, 4])),
        eject_for=draw(st.sampled_from([50, 100, 300])) * MILLISECOND,
        eject_most=draw(st.sampled_from([0.1, 0.5, 1.0])),
        panic_below=draw(st.sampled_from([0.0, 0.5])),
        slow_start=draw(st.sampled_from([0, 0, 500])) * MILLISECOND,
        breaker=draw(st.sampled_from([0, 0, 3])),
        keep_alive=draw(st.sampled_from([0, 0, 60, 500])) * MILLISECOND,
        connection_age=draw(st.sampled_from([0, 400])) * MILLISECOND,
        most_open=draw(st.sampled_from([0, 0, 5])),
        actions=tuple(draw(st.lists(action, max_size=12))),
    )


def differences(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """The names of everything that is not the same to the bit."""
    return [name for name in one if not same(one[name], other[name])]


def same(one: Any, other: Any) -> bool:
    """Equality of arrays or plain values, shapes and kinds included."""
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and bool(np.array_equal(one, other))
    return bool(one == other)


def hard_play(seed: int) -> Play:
    """A play made by a generator of its own, the same for ever: short, crowded, with deaths and ties."""
    luck, again = random.Random(seed), random.Random(-1 - seed)
    grid = seed % 2 == 0
    works: list[Law] = [Deterministic(value=30.0 * MILLISECOND), Exponential(mean=25.0 * MILLISECOND)]
    length = 2 * SECOND
    gap: dict[str, Any] = {"gap": Deterministic(value=1.0) if grid else Exponential(mean=1.0)}

    def stream() -> StreamOfPlay:
        return StreamOfPlay(
            rate=luck.choice([50.0, 100.0]),
            work=Deterministic(value=0.0) if seed % 4 == 0 else works[0] if grid else luck.choice(works),
            timeout=luck.choice([0, 50, 100]) * MILLISECOND,
            retry_rule="backoff",
            retry_max=luck.choice([0, 2, 3]),
            retry_on=luck.randrange(256) & ~1,
            retry_wait=luck.choice([0, 10, 20]) * MILLISECOND,
            jitter=luck.choice([0.0, 0.5]),
            objective=30 * MILLISECOND,
            budget=luck.choice([0.0, 0.2]),
            fresh=again.randrange(2),
            keeps=again.randrange(2),
            elsewhere=again.randrange(2),
            proxy_max=again.choice([0, 1, 2]),
            proxy_on=again.randrange(256) & ~1,
            proxy_wait=again.choice([0, 10]) * MILLISECOND,
            call_limit=again.choice([0, 40, 120]) * MILLISECOND,
            limit=again.choice([0, 100, 200]) * MILLISECOND,
            dependency=luck.choice([-1, 0]),
            **luck.choice([gap, gap | (GRID_HELD if grid else HELD), gap | LONG, CLOSED, CLOSED | {"long": 1}]),
        )

    def action() -> tuple[int, str, tuple[float, ...]]:
        moment = luck.randrange(-5, length // (100 * MILLISECOND)) * 100 * MILLISECOND
        return moment, luck.choice(ACTIONS), (luck.random(), luck.random(), luck.random())

    return Play(
        seed=seed,
        length=length,
        balancer=luck.choice(BALANCERS),
        streams=tuple(stream() for _ in range(1 + seed % 3)),
        pods=tuple((k % 2, luck.randint(1, 3), luck.randint(0, 4)) for k in range(1 + luck.randrange(7))),
        proxies=1 + seed % 2,
        sticky=luck.randrange(2),
        client_gone=luck.randrange(3),
        dependencies=((luck.randint(1, 3), luck.choice(works)),),
        eject_after=luck.choice([0, 1, 3]),
        eject_for=50 * MILLISECOND,
        slow_start=luck.choice([0, 500]) * MILLISECOND,
        breaker=luck.choice([0, 3]),
        keep_alive=luck.choice([0, 100]) * MILLISECOND,
        connection_age=luck.choice([0, 300]) * MILLISECOND,
        most_open=luck.choice([0, 4]),
        actions=(
            (0, "calls", (0.0, 0.9, 0.5, 0.0)),
            (0, "fail", (0.0, 0.2 * (seed % 3))),
            *(action() for _ in range(12)),
            (SECOND, "kill", (0.0,)),
            (SECOND, "revive", (0.0,)),
        ),
    )
