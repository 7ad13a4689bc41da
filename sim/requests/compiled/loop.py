"""The event loop: the next event by (time, rank, address), until an instant or a reason to come back.

The order is written once, here: of the agenda's first event and the next arrival the earlier one is played; at one
instant completions come before deadlines, deadlines before retries, retries before arrivals.
"""

from __future__ import annotations

from sim.jit import rule
from sim.ledger import Ledger
from sim.outcomes import Outcome
from sim.requests.booking import proxy_unanswered
from sim.requests.compiled.agenda import (
    ADDRESS_MASK,
    COMPLETION,
    DEADLINE,
    RANK_SHIFT,
    RETRY,
    drop_first,
    push,
)
from sim.requests.compiled.arrival import arrive, choose_next_stream
from sim.requests.compiled.completion import complete
from sim.requests.compiled.conclusion import conclude, free_row
from sim.requests.compiled.deadline import give_up
from sim.requests.compiled.flight import (
    CALLING,
    EARLIEST_DUE,
    EVENTS,
    FREE_ROWS,
    HANGING,
    NEXT_STREAM,
    NOBODY,
    NOW,
    OPEN_REQUESTS,
    QUEUED,
    REASON,
    WAITS_FULL,
    WORKING,
    Flight,
)
from sim.requests.compiled.leaving import leave
from sim.requests.compiled.retry import try_again
from sim.requests.compiled.waits import earliest_address, take_earliest
from sim.requests.rules import expect_next_arrival, patience
from sim.telemetry import Telemetry
from sim.versions import NEVER
from sim.world import SILENCE_LIMIT, Columns, Reason

REACHED, FINISHED = int(Reason.REACHED), int(Reason.FINISHED)
NO_ROOM = -1
"""Asks the engine for larger columns; never seen outside."""
RESET, SILENCE = 1, 2
"""What to do with a pod instead of playing; 0 plays."""
SPARE_ROWS = 4
"""An event takes at most two rows and three places on the agenda."""

LOST = int(Outcome.LOST)


@rule
def run(
    columns: Columns, ledger: Ledger, telemetry: Telemetry, flight: Flight, until: int, order: int, pod: int
) -> int:
    """The kernel's one door, so that it is compiled once: play up to an instant, or empty a pod at that instant."""
    if order == 0:
        return play(columns, ledger, telemetry, flight, until)
    return empty_pod(columns, ledger, telemetry, flight, pod, order, until)


@rule
def play(columns: Columns, ledger: Ledger, telemetry: Telemetry, flight: Flight, until: int) -> int:
    """Play every event strictly before ``until``, or up to the first reason to come back."""
    state = flight.state
    if state[NEXT_STREAM] == NOBODY:
        for stream in range(len(columns.streams.next_at)):
            expect_next_arrival(columns, stream)
        choose_next_stream(columns, flight)
    while True:
        arrives = columns.streams.next_at[state[NEXT_STREAM]]
        if arrives == NEVER and state[OPEN_REQUESTS] == 0 and until > columns.settings.horizon:
            return FINISHED
        due = flight.agenda.due[0] if state[EVENTS] > 0 else NEVER
        leaves = state[EARLIEST_DUE]
        if arrives >= until and due >= until and leaves >= until:
            return REACHED
        if state[FREE_ROWS] < SPARE_ROWS or state[EVENTS] + SPARE_ROWS > len(flight.agenda) or state[WAITS_FULL] == 1:
            return NO_ROOM
        if leaves <= arrives and (leaves < due or (leaves == due and is_before_agenda(flight))):
            row = take_earliest(flight)
            if row != NOBODY:
                state[NOW] = leaves
                give_up(columns, ledger, telemetry, flight, row, leaves)
        elif due <= arrives:
            play_first(columns, ledger, telemetry, flight)
        else:
            state[NOW] = arrives
            arrive(columns, ledger, telemetry, flight, state[NEXT_STREAM], arrives)
        if state[REASON] != REACHED:
            return state[REASON]  # type: ignore[no-any-return]


@rule
def is_before_agenda(flight: Flight) -> bool:
    """Whether the earliest deadline comes before the agenda's first event, which is due at the same instant."""
    return (DEADLINE << RANK_SHIFT) | earliest_address(flight) < flight.agenda.order[0]  # type: ignore[no-any-return]


@rule
def play_first(columns: Columns, ledger: Ledger, telemetry: Telemetry, flight: Flight) -> None:
    """Play the agenda's first event, or pass over it when its attempt is gone."""
    attempts = flight.attempts
    now, order, row = flight.agenda.due[0], flight.agenda.order[0], flight.agenda.row[0]
    drop_first(flight)
    flight.state[NOW] = now
    if attempts.address[row] != order & ADDRESS_MASK:
        return
    rank = order >> RANK_SHIFT
    if rank == COMPLETION:
        if attempts.doing[row] in (WORKING, CALLING):
            complete(columns, ledger, telemetry, flight, row, now)
    elif rank == DEADLINE:
        give_up(columns, ledger, telemetry, flight, row, now)
    elif rank == RETRY:
        try_again(columns, ledger, telemetry, flight, row, now)


@rule
def empty_pod(
    columns: Columns, ledger: Ledger, telemetry: Telemetry, flight: Flight, pod: int, order: int, now: int
) -> int:
    """Take every attempt out of the pod, by address: they are lost (RESET), or their clients wait in vain (SILENCE)."""
    attempts, pods, state = flight.attempts, columns.pods, flight.state
    inside = pods.in_flight[pod] + pods.queued[pod]
    if state[FREE_ROWS] < SPARE_ROWS or state[EVENTS] + 2 * inside + SPARE_ROWS > len(flight.agenda):
        return NO_ROOM
    state[NOW] = now
    for _ in range(inside):
        row = first_inside(flight, pod)
        leave(columns, flight, row, now)
        if attempts.waited_for[row] == 0:
            free_row(flight, row)
        elif order == RESET:
            proxy_unanswered(telemetry, attempts.proxy[row], attempts.stream[row], attempts.version[row])
            conclude(columns, ledger, flight, row, LOST, now)
        else:
            attempts.doing[row] = HANGING
            if columns.streams.timeout[attempts.stream[row]] != patience(columns, pod, attempts.stream[row]):
                push(flight, now + SILENCE_LIMIT, DEADLINE, attempts.address[row], row)
    return REACHED


@rule
def first_inside(flight: Flight, pod: int) -> int:
    """The attempt of the lowest address inside the pod; there is one."""
    attempts = flight.attempts
    best = NOBODY
    for row in range(len(flight.attempts)):
        inside = attempts.pod[row] == pod and attempts.doing[row] >= QUEUED
        if inside and (best == NOBODY or attempts.address[row] < attempts.address[best]):
            best = row
    return best
