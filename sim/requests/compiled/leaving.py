"""An attempt leaves its pod before its end: its client has gone, or its process has."""

from __future__ import annotations

from sim.jit import rule
from sim.requests.compiled.downstream import hang_up
from sim.requests.compiled.flight import NOBODY, QUEUED, WORKING, Flight
from sim.requests.rules import compute
from sim.world import Columns


@rule
def leave(columns: Columns, flight: Flight, row: int, now: int) -> None:
    """Take an attempt out of its pod before its end: out of the queue, the slot, and the dependency."""
    attempts, pods = flight.attempts, columns.pods
    pod = attempts.pod[row]
    if attempts.doing[row] == QUEUED:
        leave_queue(columns, flight, row)
        return
    if attempts.doing[row] == WORKING:
        compute(columns, pod, -1, now)
    else:
        hang_up(columns, flight, row, now)
    pods.in_flight[pod] -= 1


@rule
def leave_queue(columns: Columns, flight: Flight, row: int) -> None:
    """Take an attempt out of the middle of its pod's queue."""
    attempts, pods = flight.attempts, columns.pods
    pod, before = attempts.pod[row], NOBODY
    here = pods.queue_head[pod]
    while here != row:
        before, here = here, attempts.next[here]
    if before == NOBODY:
        pods.queue_head[pod] = attempts.next[row]
    else:
        attempts.next[before] = attempts.next[row]
    if pods.queue_tail[pod] == row:
        pods.queue_tail[pod] = before
    pods.queued[pod] -= 1
