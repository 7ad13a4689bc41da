"""An attempt leaves its pod before its end: its client has gone, or its process has."""

from __future__ import annotations

from sim.jit import rule
from sim.outcomes import Outcome
from sim.requests.booking import proxy_unanswered
from sim.requests.compiled.agenda import DEADLINE, push
from sim.requests.compiled.downstream import hang_up
from sim.requests.compiled.flight import EMPTIED, HANGING, LOCKED, NOBODY, OPEN, OVER, PENDING, QUEUED, WORKING, Flight
from sim.requests.parts import plays_long_streams
from sim.requests.retrying import MIRRORED, patience
from sim.requests.rules import compute
from sim.telemetry import Telemetry
from sim.world import SILENCE_LIMIT, Columns

LOST = int(Outcome.LOST)


@rule
def is_open(columns: Columns, flight: Flight, row: int) -> bool:
    """Whether the attempt is an open connection."""
    return plays_long_streams(columns) and flight.attempts.doing[row] == OPEN


@rule
def leave(columns: Columns, flight: Flight, row: int, now: int) -> None:
    """Take an attempt out of its pod before its end: out of the queue, the slot, and the dependency."""
    attempts, pods = flight.attempts, columns.pods
    pod = attempts.pod[row]
    if attempts.doing[row] == QUEUED:
        leave_queue(columns, flight, row)
    else:
        if attempts.doing[row] == WORKING:
            compute(columns, pod, -1, now)
        elif is_open(columns, flight, row):
            pods.open[pod] -= 1
            flight.connections.left[row] = flight.connections.closes[row] - now
        elif attempts.doing[row] != LOCKED:
            hang_up(columns, flight, row)
        pods.in_flight[pod] -= 1
    attempts.doing[row] = OVER


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


@rule
def lose(columns: Columns, telemetry: Telemetry, flight: Flight, row: int, silent: bool, now: int) -> int:
    """The pod is dead: the attempt is lost at once, or (silent) its client waits in vain. The outcome, or PENDING."""
    attempts = flight.attempts
    was_open = is_open(columns, flight, row)
    leave(columns, flight, row, now)
    if attempts.waited_for[row] == 0 and attempts.nth[row] != MIRRORED:
        return PENDING
    stream = attempts.stream[row]
    if not silent or attempts.nth[row] == MIRRORED:
        proxy_unanswered(telemetry, attempts.proxy[row], stream, attempts.version[row])
        return LOST
    attempts.doing[row] = HANGING
    if was_open:
        flight.connections.closes[row] = now + SILENCE_LIMIT
    if was_open or columns.streams.timeout[stream] != patience(columns, attempts.pod[row], stream):
        push(flight, now + SILENCE_LIMIT, DEADLINE, attempts.address[row], row)
    return PENDING


@rule
def next_inside(columns: Columns, flight: Flight, pod: int) -> int:
    """The attempt of the lowest address inside the pod that is being emptied, NOBODY when it is empty."""
    if plays_long_streams(columns):
        return next_in_order(flight)
    attempts, pods = flight.attempts, columns.pods
    best = NOBODY
    if pods.in_flight[pod] + pods.queued[pod] == 0:
        return best
    for row in range(len(attempts)):
        inside = attempts.pod[row] == pod and attempts.doing[row] >= QUEUED
        if inside and (best == NOBODY or attempts.address[row] < attempts.address[best]):
            best = row
    return best


@rule
def next_in_order(flight: Flight) -> int:
    """The next of the rows that the engine has put in order: a pod of thousands is not searched for each of them."""
    place = flight.state[EMPTIED]
    row = flight.connections.inside[place]
    if row != NOBODY:
        flight.state[EMPTIED] = place + 1
    return row  # type: ignore[no-any-return]
