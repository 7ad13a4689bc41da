"""The rows of the world's tables: their columns by name, with units; who writes which stands in ``sim/world.py``."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sim.versions import VERSIONS

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Table: TypeAlias = "np.recarray[Any, Any]"
"""Rows with named columns: ``pods.in_flight[3]``."""

NOT_HELD = -1
"""In place of a pod: the user holds no connection."""
LONG_AGO = -(2**62)

STREAM = np.dtype(
    [
        ("gap_law", "i8"),  # law of the gap in unit mean
        ("work_law", "i8"),  # law of the service time, ns
        ("timeout", "i8"),  # ns whoever makes an attempt waits for it; 0: for ever
        ("call_limit", "i8"),  # ns the client waits for all tries of its proxy together; 0: for ever
        ("limit", "i8"),  # ns the client waits in all, its own tries together; 0: for ever
        ("objective", "i8"),  # ns; a success above it is slow; 0: none is
        ("retry_on", "i8"),  # bit per outcome that somebody tries again; what each does stands in RETRY
        ("earns", "i8"),  # 1: requests earn retries for a budget
        ("dependency", "i8"),  # the downstream its requests call, NO_DEPENDENCY for none
        ("segments", "i8"),  # how many segments of the profile
        ("users", "i8"),  # of a closed loop; 0: requests come from outside
        ("long", "i8"),  # 1: those open at the horizon are not played on
        ("held", "i8"),  # 1: after its work a request stays open, without a slot: a long-lived connection
        ("length_law", "i8"),  # law of how long a connection lasts, ns
        ("rest_law", "i8"),  # law of what is left of one, or of the work of a long request, when the warm-up begins
        ("under_way", "i8"),  # requests under way when the warm-up begins
        ("reconnect_tries", "i8"),  # after the first, until a client gives up
        ("reconnect_wait", "i8"),  # ns before a connection that was cut is made again
        ("reconnect_cap", "i8"),  # ns, longest wait
        ("reconnect_jitter", "f8"),  # share of the wait that is drawn
        ("number", "i8"),  # arrivals so far
        ("mass", "f8"),  # expected arrivals up to the last one
        ("next_at", "i8"),  # ns of the next arrival, NEVER when there is none
        ("segment", "i8"),  # the segment the last arrival fell in
    ]
)
"""One row per request stream."""

CLIENT, PROXY = 0, 1
"""Who tries again. What a stream's client does stands in row 2 * stream of the retries, its proxy's in the next."""

RETRY = np.dtype(
    [
        ("rule", "i8"),  # number in the retry rules' choice
        ("tries", "i8"),  # after the first
        ("on", "i8"),  # bit per outcome
        ("first_wait", "i8"),  # ns
        ("cap", "i8"),  # ns, longest wait
        ("jitter", "f8"),  # share of the wait that is drawn
        ("budget", "f8"),  # retries earned per request; 0: no limit
        ("tokens", "f8"),  # retries that may still be made
        ("fresh", "i8"),  # 1: a try draws its work anew, 0: it keeps that of the request
        ("keeps", "i8"),  # 1: a try goes to the pool of the one before, 0: it is routed anew
        ("elsewhere", "i8"),  # 1: a try goes to another pod than the one before, where there is one
    ]
)
"""Two rows per request stream: its client's retries and its proxy's."""

SEGMENT = np.dtype(
    [
        ("start", "i8"),  # ns
        ("mass", "f8"),  # expected arrivals before the segment
        ("rate", "f8"),  # arrivals per ns at its start
        ("slope", "f8"),  # change of the rate per ns
    ]
)
"""One row per stream and segment of its rate profile."""

VERSION = np.dtype(
    [
        ("service_factor", "f8"),
        ("error_chance", "f8"),  # an answer fails iff its uniform is below
        ("seen_chance", "f8"),  # … and telemetry can see it iff its uniform is below this (≤ error_chance)
        ("cohort", "f8"),  # share of users in the cohort hurt more
        ("cohort_error", "f8"),  # error_chance for them
        ("cohort_seen", "f8"),
        ("crowd_error", "f8"),  # chance of a bad answer added when the pod's queue is full, less in proportion
        ("poison", "f8"),  # chance that a request brings its pod's process down
        ("leak", "f8"),  # share of a pod's free memory that a request leaves taken
        ("calls", "i8"),  # calls to the stream's dependency per request, one after another
        ("held_until", "i8"),  # ns before which no work begins: a lock is held; LONG_AGO for none
        ("repeats", "f8"),  # chance of a bad answer that every try of the request meets (≤ seen_chance)
        ("cohort_repeats", "f8"),
        ("crowd_repeats", "f8"),  # part of crowd_error that every try of the request meets
    ]
)
"""What the code of a version does to a request: [version, stream]. Chances are already folded together."""

POD = np.dtype(
    [
        ("version", "i8"),
        ("number", "i8"),  # creation number in its version
        ("answers", "i8"),  # Answers
        ("slots", "i8"),  # requests worked on at once
        ("queue_limit", "i8"),
        ("draining", "i8"),  # 1: tell the cluster when the last attempt has left
        ("speed", "f8"),  # factor on service times of this pod (1 = as measured)
        ("in_flight", "i8"),  # attempts in slots, and long-lived connections
        ("open", "i8"),  # long-lived connections, which take no slot
        ("queued", "i8"),
        ("queue_head", "i8"),  # engine's own attempt number, -1 for none
        ("queue_tail", "i8"),
        ("computing", "i8"),  # attempts that work in the pod itself, not waiting for a dependency
        ("busy", "i8"),  # ns of such work done, summed over attempts, up to busy_since
        ("busy_since", "i8"),
        ("memory", "f8"),  # what requests have left taken, as a share of the free memory
        ("memory_room", "f8"),  # above this share the kernel kills the process; 0: no limit
        ("deaths", "i8"),  # of its process
    ]
)
"""One row per pod ever created in this replication."""

DEPENDENCY = np.dtype(
    [
        ("slots", "i8"),  # calls worked on at once
        ("work_law", "i8"),  # law of one call's time, ns
        ("service_factor", "f8"),
        ("taken_until", "i8"),  # ns until which it works off what starting pods have asked for; LONG_AGO for none
        ("busy", "i8"),
        ("waiting", "i8"),
        ("head", "i8"),  # engine's own attempt number, -1 for none
        ("tail", "i8"),
    ]
)
"""One row per downstream with bounded concurrency, shared by all pods of both versions."""

HEALTH = np.dtype(
    [
        ("failures", "i8"),  # failed attempts in a row
        ("ejected", "i8"),  # 1: balancers do not see it
        ("times", "i8"),  # ejections that have not been forgiven yet
        ("returned_at", "i8"),  # ns of the last return
        ("listed_at", "i8"),  # ns since when this proxy knows it for ready
    ]
)
"""One row per proxy and pod."""

HELD = np.dtype(
    [
        ("pod", "i8"),  # NOT_HELD when the user holds no connection
        ("deaths", "i8"),  # of the pod when it was opened
        ("opened", "i8"),  # ns
        ("until", "i8"),  # ns at which it has been idle for too long
    ]
)
"""One row per user."""


def empty_table(row: np.dtype[Any], *shape: int) -> Table:
    """A table of such rows, all zero."""
    return np.zeros(shape, dtype=row).view(np.recarray)


def clean_versions(streams: int) -> Table:
    """Two versions that do no harm."""
    versions = empty_table(VERSION, VERSIONS, streams)
    versions.service_factor[:], versions.held_until[:] = 1.0, LONG_AGO
    return versions


def idle_dependencies(count: int) -> Table:
    """Nobody asks them for anything."""
    dependencies = empty_table(DEPENDENCY, count)
    dependencies.service_factor[:], dependencies.taken_until[:] = 1.0, LONG_AGO
    return dependencies


def empty_health(proxies: int, room: int) -> Table:
    """Nothing is held against any pod, and each has been known for long."""
    health = empty_table(HEALTH, proxies, room)
    health.listed_at[:] = health.returned_at[:] = LONG_AGO
    return health


def empty_held(users: int) -> Table:
    """Nobody holds a connection."""
    held = empty_table(HELD, users)
    held.pod[:] = NOT_HELD
    return held
