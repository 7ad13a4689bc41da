"""What *is*: the columns both planes share, who writes which, and the one order of coinciding events.

============== ======================================== ================== ===========================
group          columns                                  written by         read by
============== ======================================== ================== ===========================
``Settings``   key, horizon, balancer, users …          the builder        request plane
``Streams``    timeouts, retries, laws, profile         the builder        request plane
``Streams``    number, mass, next_at, segment           request plane      request plane
``Retries``    who tries again, when and how            the builder        request plane
``Retries``    tokens                                   request plane      request plane
``Laws``       the quantile functions of all laws       the builder        both planes
``Versions``   error chance, service factor …           cluster plane      request plane
``Routes``     mode, share, endpoint lists              cluster plane      request plane, cluster plane
``Routes``     turn, outstanding                        request plane      request plane
``Routes``     listed and the order, where pods are
               ejected                                  request plane      request plane
``Pods``       version, answers, slots, speed …         cluster plane      both planes
``Pods``       in_flight, open, queued, queue ends, busy,
               deaths                                   request plane      both planes
``Pods``       memory (also set back at a restart)      request plane      request plane
``Health``     listed_at                                cluster plane      request plane
``Health``     failures, ejected, times, returned_at    request plane      request plane
``Held``       pod, until …                             request plane      request plane
``Dependency`` service factor                           cluster plane      request plane
``Dependency`` busy, waiting, queue ends                request plane      request plane
============== ======================================== ================== ===========================

Time is an integer of nanoseconds; t = 0 is the release, the warm-up is negative. A *pool* is a set of endpoints that a
router may send to: the pods of the stable version, of the new one, or of both (a plain Kubernetes Service).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from sim.health import sort_out
from sim.rows import NOT_HELD, POD, Floats, Ints, Table, empty_health, empty_table
from sim.telemetry import Telemetry, grown_telemetry


class Rank(IntEnum):
    """The order of events that fall on one nanosecond: all of them, in one list.

    Inside a rank, events go by their entity (a number that names who, never when it was scheduled).
    The cluster's ranks come first: at one instant the cluster acts before any request does.
    """

    INTERNAL = 0  # SimPy's own zero-delay events: they belong to the event that caused them
    NODE = 1
    CONDITION = 2
    CONTAINER = 3
    PROBE = 4
    ENDPOINT = 5
    SCRAPE = 6
    GATE = 7
    ON_CALL = 8
    CONTROLLER = 9
    COMPLETION = 10
    DEADLINE = 11
    RETRY = 12
    RETURN = 13  # of a pod that a proxy had ejected
    ARRIVAL = 14


class Reason(IntEnum):
    """Why the request plane came back."""

    REACHED = 0  # the instant asked for
    FINISHED = 1  # the horizon is past, no arrivals are left and every request's outcome is known
    POD_DRAINED = 2  # a draining pod has nothing left to do
    POD_CRASHED = 3  # a poison request has brought its process down
    OUT_OF_MEMORY = 4  # its memory has grown past the limit


class Answers(IntEnum):
    """What a new connection to a pod meets."""

    REFUSES = 0  # no process listens: connection refused at once
    ACCEPTS = 1
    SILENT = 2  # the machine is gone: nothing answers, the client waits for its timeout


class Pool(IntEnum):
    """Sets of endpoints a router may send to."""

    STABLE = 0
    NEW = 1
    ALL = 2


class Routing(IntEnum):
    """How a request finds its version."""

    BY_WEIGHT = 0  # a router draws the version by weight, then the balancer picks inside it
    BY_POD = 1  # one Service over all pods: the balancer picks among both versions


POOLS = len(Pool)


class ClientGone(IntEnum):
    """What becomes of an attempt whose client has left."""

    WORK = 0  # it keeps its slot or its place in the queue to the end
    LEAVE_QUEUE = 1  # it leaves the queue, but a slot works on
    CANCEL = 2  # it gives everything back at once


NO_DEPENDENCY = -1
SILENCE_LIMIT = 60 * 10**9
"""How long a client without a timeout waits for a machine that is gone."""


class Settings(NamedTuple):
    """What does not change while a replication runs."""

    key_low: int
    key_high: int
    warm_up: int  # ns before the release at which arrivals start
    horizon: int  # ns at which arrivals stop
    window: int  # ns per ledger window
    balancer: int  # number in the balancers' choice
    proxies: int
    users: int
    user_skew: float  # exponent: user = floor(users * u**user_skew); 1 is even
    sticky: int  # 1: a user's version is drawn once, 0: each attempt draws
    client_gone: int  # ClientGone
    records: int  # 1: keep the per-request record
    remembers: int  # 1: proxies or clients remember something of the attempts before, by the settings that follow
    eject_after: int  # failed attempts in a row after which a proxy ejects a pod; 0: never
    eject_for: int  # ns, times how often it has been ejected
    eject_most: float  # no ejection while this share of the pods a proxy knows is ejected
    panic_below: float  # a proxy that has a smaller share left sends to all
    slow_start: int  # ns over which a new endpoint's weight grows to 1; 0: at once
    breaker: int  # most attempts that a proxy has outstanding at one pool; 0: no limit
    keep_alive: int  # ns a client's idle connection stays open; 0: each request is balanced by itself
    connection_age: int  # ns after which a connection is given up; 0: never
    long_lived: int = 0  # 1: some stream has requests that outlast the warm-up, or connections that stay open
    most_open: int = 0  # long-lived connections that a pod holds at once; 0: no limit


class Laws(NamedTuple):
    """Quantile functions as columns; see ``sim/laws``."""

    rule: Ints  # number in the laws' choice
    a: Floats
    b: Floats
    start: Ints  # first place in ``values``
    values: Floats


class Routes(NamedTuple):
    """Who may be sent what, as each proxy sees it."""

    mode: Ints  # [1] Routing
    new_share: Floats  # [proxy] weight of the new version
    cohort_share: Floats  # [proxy] share of users whose header sends them to the new version
    mirror_share: Floats  # [proxy] share of the stable version's requests that are copied to the new one
    known: Ints  # [proxy, pool] how many endpoints the proxy knows
    listed: Ints  # [proxy, pool] how many of them balancers see: not those it has ejected
    endpoint: Ints  # [proxy, pool, place] pod, ordered by (version, number), the ejected ones last
    turn: Ints  # [proxy, pool] round-robin counter
    outstanding: Ints  # [proxy, pool] attempts under way, where a breaker counts them


class Columns(NamedTuple):
    """All groups, as both engines receive them."""

    settings: Settings
    streams: Table  # STREAM
    retries: Table  # RETRY, [2 * stream + CLIENT or PROXY]
    profile: Table  # SEGMENT, [stream, segment]
    luck: Floats  # [stream, number modulo LUCK_KEPT, which] uniforms of the requests at hand, see sim/requests/luck.py
    laws: Laws
    versions: Table  # VERSION, [version, stream]
    routes: Routes
    pods: Table  # POD
    dependencies: Table  # DEPENDENCY
    health: Table  # HEALTH, [proxy, pod]; one pod where nobody looks
    held: Table  # HELD, [user]; one user where nobody holds connections


@dataclass(slots=True)
class World:
    """The columns of one replication, and the few operations that keep them whole."""

    columns: Columns
    telemetry: Telemetry
    pod_count: int = 0

    def add_pod(self, version: int, number: int, slots: int, queue_limit: int) -> int:
        """A new row for a pod that nobody can reach yet; its place is its name for both planes."""
        if self.pod_count == len(self.columns.pods):
            self.columns = self.columns._replace(pods=_grown(self.columns.pods))
            self.telemetry = grown_telemetry(self.telemetry, len(self.columns.pods))
            if looks_at_health(self.columns.settings):
                self.columns = self.columns._replace(health=_wider(self.columns.health))
        pods, pod = self.columns.pods, self.pod_count
        self.pod_count += 1
        pods.version[pod], pods.number[pod] = version, number
        pods.slots[pod], pods.queue_limit[pod] = slots, queue_limit
        pods.answers[pod], pods.draining[pod], pods.speed[pod] = Answers.REFUSES, 0, 1.0
        pods.in_flight[pod], pods.queued[pod], pods.open[pod] = 0, 0, 0
        pods.queue_head[pod], pods.queue_tail[pod] = -1, -1
        pods.busy[pod], pods.busy_since[pod], pods.computing[pod] = 0, 0, 0
        pods.memory[pod], pods.memory_room[pod], pods.deaths[pod] = 0.0, 1.0, 0
        return pod

    def list_endpoints(self, proxy: int, pool: int, pods: list[int]) -> None:
        """What a proxy believes from now on; kept in the order of (version, number), which is nobody's history."""
        routes = self.columns.routes
        if len(pods) > routes.endpoint.shape[2]:
            wider = np.zeros((*routes.endpoint.shape[:2], 2 * len(pods)), dtype=np.int64)
            wider[:, :, : routes.endpoint.shape[2]] = routes.endpoint
            routes = routes._replace(endpoint=wider)
            self.columns = self.columns._replace(routes=routes)
        places = np.array(pods, dtype=np.int64)
        rows = self.columns.pods[places]
        routes.endpoint[proxy, pool, : len(places)] = places[np.lexsort((rows["number"], rows["version"]))]
        routes.known[proxy, pool] = routes.listed[proxy, pool] = len(places)
        if self.columns.settings.eject_after > 0:
            sort_out(self.columns, proxy, pool)

    def note_listed(self, proxy: int, pod: int, now: int) -> None:
        """A proxy has just learned that a pod is ready: its slow start begins."""
        if self.columns.settings.slow_start > 0:
            self.columns.health.listed_at[proxy, pod] = now

    def holds(self, version: int, now: int) -> bool:
        """Whether some user holds a connection to a pod of the version on which the next request would go there."""
        columns = self.columns
        if columns.settings.keep_alive == 0:
            return False
        held = columns.held[(columns.held.pod != NOT_HELD) & (columns.held.until > now)]
        if columns.settings.connection_age > 0:
            held = held[now - held["opened"] < columns.settings.connection_age]
        pods = columns.pods[held["pod"]]
        works = (pods["answers"] != Answers.REFUSES) & (pods["deaths"] == held["deaths"])
        return bool((works & (pods["version"] == version)).any())

    def busy_until(self, pod: int, now: int) -> int:
        """Work done in a pod up to this very instant, in ns summed over attempts; waiting for others is no work."""
        pods = self.columns.pods
        return int(pods.busy[pod] + pods.computing[pod] * (now - pods.busy_since[pod]))


def _grown(pods: Table) -> Table:
    """The same rows with room for twice as many."""
    larger = empty_table(POD, 2 * len(pods))
    larger[: len(pods)] = pods
    return larger


def _wider(health: Table) -> Table:
    """The same rows with room for twice as many pods."""
    proxies, room = health.shape
    larger = empty_health(proxies, 2 * room)
    larger[:, :room] = health
    return larger


def looks_at_health(settings: Settings) -> bool:
    """Whether anybody asks for what proxies remember of pods."""
    return settings.eject_after > 0 or settings.slow_start > 0


def empty_routes(proxies: int, room: int) -> Routes:
    """Routes on which nobody can be reached; everything goes to the stable version."""
    return Routes(
        mode=np.full(1, Routing.BY_WEIGHT, dtype=np.int64),
        new_share=np.zeros(proxies),
        cohort_share=np.zeros(proxies),
        mirror_share=np.zeros(proxies),
        known=np.zeros((proxies, POOLS), dtype=np.int64),
        listed=np.zeros((proxies, POOLS), dtype=np.int64),
        endpoint=np.zeros((proxies, POOLS, room), dtype=np.int64),
        turn=np.zeros((proxies, POOLS), dtype=np.int64),
        outstanding=np.zeros((proxies, POOLS), dtype=np.int64),
    )
