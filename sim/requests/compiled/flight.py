"""Work in flight: the columns the compiled engine owns.

An *attempt* is a row. Rows are recycled through a free list, so memory follows the work in flight and not the number of
requests. An event on the agenda names a row and the address of the attempt it was meant for; when the row has moved on
to another attempt the event is stale and is passed over.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.world import Floats, Ints

FREE, WAITING, QUEUED, WORKING, HANGING = 0, 1, 2, 3, 4
"""What an attempt does: nothing, waits for its retry, waits in a queue, holds a slot, hangs on a silent pod."""

NOW, EVENTS, FIRST_FREE, OPEN_REQUESTS, DRAINED, NEXT_STREAM, FREE_ROWS = 0, 1, 2, 3, 4, 5, 6
"""Places in ``Flight.state``."""
STATE_SIZE = 7
NOBODY = -1


class Flight(NamedTuple):
    """Rows of attempts, the agenda's heap, and a few counters."""

    state: Ints
    # the agenda, a binary heap ordered by (due, order)
    due: Ints
    order: Ints  # rank and address in one number
    row: Ints
    # attempts
    address: Ints  # who is in this row, NOBODY when free
    doing: Ints
    stream: Ints
    number: Ints
    nth: Ints
    arrived: Ints  # of the request
    user: Ints
    called: Ints  # of the attempt
    proxy: Ints
    pod: Ints
    version: Ints
    outcome: Ints  # what will be answered, fixed when the slot is taken
    waited_for: Ints  # 1: the client is still there
    next: Ints  # next in the pod's queue, or next free row
    work_luck: Floats
    request_luck: Floats  # answer luck of the request
    attempt_luck: Floats  # answer luck that counts for this attempt


def empty_flight(rows: int, now: int) -> Flight:
    """Nothing in flight; room for so many attempts and four events each."""
    state = np.zeros(STATE_SIZE, dtype=np.int64)
    state[NOW], state[DRAINED], state[NEXT_STREAM], state[FREE_ROWS] = now, NOBODY, NOBODY, rows
    agenda = 4 * rows
    columns = {name: np.zeros(rows, dtype=np.int64) for name in Flight._fields[4:-3]}
    columns["address"][:] = NOBODY
    columns["next"][:] = np.arange(1, rows + 1)
    luck = {name: np.zeros(rows) for name in Flight._fields[-3:]}
    heap = {name: np.zeros(agenda, dtype=np.int64) for name in ("due", "order", "row")}
    return Flight(state=state, **heap, **columns, **luck)


def grown_flight(flight: Flight) -> Flight:
    """The same work with room for twice as much."""
    rows = len(flight.address)
    larger = empty_flight(2 * rows, 0)
    for name in Flight._fields[1:]:
        old = getattr(flight, name)
        getattr(larger, name)[: len(old)] = old
    larger.state[:] = flight.state
    larger.state[FREE_ROWS] += rows
    # the new rows go in front of the old free list, whose last link pointed past the old end
    larger.next[rows:] = np.arange(rows + 1, 2 * rows + 1)
    larger.next[2 * rows - 1] = flight.state[FIRST_FREE]
    larger.state[FIRST_FREE] = rows
    return larger
