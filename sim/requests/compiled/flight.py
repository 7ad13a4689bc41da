"""Work in flight: the columns the compiled engine owns.

An *attempt* is a row. Rows are recycled through a free list, so memory follows the work in flight and not the number of
requests. An event on the agenda names a row and the address of the attempt it was meant for; when the row has moved on
to another attempt the event is stale and is passed over.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.rows import Ints, Table, empty_table
from sim.versions import NEVER

FREE, OVER, WAITING, HANGING, QUEUED, WORKING, CALLING, IN_LINE, LOCKED, OPEN = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
"""What an attempt does: nothing, is over for everybody, waits for its time, hangs on a silent pod; in a pod: waits in
its queue, works in a slot, is worked on by a dependency, waits in line for one, waits in a slot for a lock, is an open
connection. From ``QUEUED`` on it is in a pod, from ``WORKING`` up to ``LOCKED`` in a slot."""

NOW, EVENTS, FIRST_FREE, OPEN_REQUESTS, NEXT_STREAM, FREE_ROWS = 0, 1, 2, 3, 4, 5
EARLIEST_DUE, EARLIEST_STREAM, WAITS_FULL, REASON, REASON_POD = 6, 7, 8, 9, 10
BEGINS, CALLS, LEFT_POD, MADE_NEXT, FREE_USER = 11, 12, 13, 14, 15
OPEN_LONG, EMPTIED = 16, 17
"""Places in ``Flight.state``; ``REASON`` is a :class:`sim.world.Reason`, REACHED when there is none. Those from BEGINS
to FREE_USER are what an event leaves for later in the loop: the attempt that begins its work, the first of those whose
calls begin, the pod that an attempt has left, the attempt that is made right after its copy, and the one that has ended
a request of a closed loop, whose user is free. ``OPEN_LONG`` counts the open requests of long streams, ``EMPTIED`` the
attempts that have left the pod that is being emptied."""
STATE_SIZE = 18
NOBODY = -1
PENDING, TRIES, PRESENTS, GONE, OPENS = -1, -2, -3, -4, -5
"""In place of an outcome: the attempt goes on; it is made now; it is a request's first and may have a copy; it will not
be made, for its client's time is over; its connection is open from now on."""


ATTEMPT = np.dtype(
    [
        ("address", "i8"),  # who is in this row, NOBODY when free
        ("doing", "i8"),
        ("stream", "i8"),
        ("number", "i8"),
        ("nth", "i8"),
        ("arrived", "i8"),  # of the request
        ("user", "i8"),
        ("called", "i8"),  # of the attempt
        ("proxy", "i8"),
        ("pool", "i8"),
        ("pod", "i8"),
        ("version", "i8"),
        ("outcome", "i8"),  # what will be answered, fixed when the slot is taken
        ("waited_for", "i8"),  # 1: the client is still there; nobody waits for a mirrored copy
        ("calls_left", "i8"),  # to the dependency, after the work in the pod
        ("next", "i8"),  # next in the pod's queue, in a dependency's line, or next free row
        ("work_luck", "f8"),
        ("request_luck", "f8"),  # answer luck of the request
        ("own_luck", "f8"),  # answer luck of this attempt, where retries have one
        # what follows is kept only where somebody retries
        ("calls", "i8"),  # that the client has made again
        ("tries", "i8"),  # that the proxy has made again in this call
        ("call_ends", "i8"),  # ns at which the client's call is over, NEVER
        ("ends", "i8"),  # ns at which the client's patience with the whole request is over, NEVER
    ]
)
"""One row per attempt in flight."""

CONNECTION = np.dtype(
    [
        ("first_try", "i8"),  # the attempt's number when it was made, or made again
        ("opened", "i8"),  # ns, UNOPENED before
        ("closes", "i8"),  # ns at which its client ends it, or gives up on a silent pod
        ("left", "i8"),  # ns for which it is to be open, NOT_DRAWN before it is known
        # what follows is a list of its own: not of the attempt in the same row
        ("inside", "i8"),  # rows of the attempts in the pod that is emptied, by address, then NOBODY
    ]
)
"""What an attempt at a connection that stays open has besides, in the same row; one row where there are none."""

EVENT = np.dtype([("due", "i8"), ("order", "i8"), ("row", "i8")])
"""One row per event: when, rank and address in one number, and the attempt's row."""

WAIT = np.dtype([("due", "i8"), ("address", "i8"), ("row", "i8")])
"""One row per client that waits: until when, for which attempt, and its row."""


class Flight(NamedTuple):
    """Work in flight: a few counters, the agenda's heap ordered by (due, order), attempts, connections, clients."""

    state: Ints
    agenda: Table  # EVENT
    attempts: Table  # ATTEMPT
    connections: Table  # CONNECTION
    waits: Table  # WAIT, [stream, place], a ring per stream
    first_wait: Ints  # [stream] entries ever dropped
    past_wait: Ints  # [stream] entries ever made


def empty_flight(rows: int, streams: int, now: int, *, long_lived: bool) -> Flight:
    """Nothing in flight; room for so many attempts (a power of two), and as many events and waiting clients."""
    state = np.zeros(STATE_SIZE, dtype=np.int64)
    state[NOW], state[NEXT_STREAM], state[FREE_ROWS] = now, NOBODY, rows
    state[EARLIEST_DUE] = NEVER
    state[BEGINS:OPEN_LONG] = NOBODY
    attempts = empty_table(ATTEMPT, rows)
    attempts.address[:] = NOBODY
    attempts.next[:] = np.arange(1, rows + 1)
    queues = np.zeros(streams, dtype=np.int64), np.zeros(streams, dtype=np.int64)
    connections = empty_table(CONNECTION, rows if long_lived else 1)
    return Flight(state, empty_table(EVENT, 4 * rows), attempts, connections, empty_table(WAIT, streams, rows), *queues)


def grown_flight(flight: Flight) -> Flight:
    """The same work with room for twice as much."""
    streams, rows = flight.waits.shape
    larger = empty_flight(2 * rows, streams, 0, long_lived=len(flight.connections) > 1)
    larger.agenda[: len(flight.agenda)] = flight.agenda
    larger.attempts[:rows] = flight.attempts
    larger.connections[: len(flight.connections)] = flight.connections
    larger.connections.inside[len(flight.connections) :] = NOBODY
    larger.state[:] = flight.state
    larger.state[FREE_ROWS] += rows
    larger.state[WAITS_FULL] = 0
    # the new rows go in front of the old free list
    larger.attempts.next[rows:] = np.arange(rows + 1, 2 * rows + 1)
    larger.attempts.next[2 * rows - 1] = flight.state[FIRST_FREE]
    larger.state[FIRST_FREE] = rows
    larger.first_wait[:], larger.past_wait[:] = flight.first_wait, flight.past_wait
    for stream in range(streams):
        places = np.arange(flight.first_wait[stream], flight.past_wait[stream])
        larger.waits[stream, places & (2 * rows - 1)] = flight.waits[stream, places & (rows - 1)]
    return larger
