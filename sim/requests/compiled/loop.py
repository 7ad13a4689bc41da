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
)
from sim.requests.compiled.arrival import arrive, choose_next_stream
from sim.requests.compiled.completion import complete
from sim.requests.compiled.conclusion import free_row, settle
from sim.requests.compiled.deadline import give_up
from sim.requests.compiled.flight import (
    DRAINED,
    EARLIEST_DUE,
    EVENTS,
    FREE_ROWS,
    NEXT_STREAM,
    NOBODY,
    NOW,
    OPEN_REQUESTS,
    QUEUED,
    WAITS_FULL,
    WORKING,
    Flight,
)
from sim.requests.compiled.retry import try_again
from sim.requests.compiled.waits import earliest_address, take_earliest
from sim.requests.rules import expect_next_arrival, hold_slot
from sim.telemetry import Telemetry
from sim.versions import NEVER
from sim.world import Columns

GO_ON, REACHED, FINISHED, POD_DRAINED, NO_ROOM = 0, 1, 2, 3, 4
"""How the loop ends; ``NO_ROOM`` asks the engine for larger columns and is never seen outside."""
SPARE_ROWS = 4
"""An event takes at most two rows and three places on the agenda."""

LOST = int(Outcome.LOST)


@rule
def run(columns: Columns, ledger: Ledger, telemetry: Telemetry, flight: Flight, until: int, dying: int) -> int:
    """The kernel's one door, so that it is compiled once: end a dying pod's attempts, or play up to an instant."""
    if dying != NOBODY:
        return reset_pod(columns, ledger, telemetry, flight, dying, until)
    return play(columns, ledger, telemetry, flight, until)


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
        if state[DRAINED] != NOBODY:
            return POD_DRAINED


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
        complete(columns, ledger, telemetry, flight, row, now)
    elif rank == DEADLINE:
        give_up(columns, ledger, telemetry, flight, row, now)
    elif rank == RETRY:
        try_again(columns, ledger, telemetry, flight, row, now)


@rule
def reset_pod(columns: Columns, ledger: Ledger, telemetry: Telemetry, flight: Flight, pod: int, now: int) -> int:
    """End every attempt in the pod as lost, in the order of their addresses."""
    attempts = flight.attempts
    pods, state = columns.pods, flight.state
    inside = pods.in_flight[pod] + pods.queued[pod]
    if state[FREE_ROWS] < SPARE_ROWS or state[EVENTS] + inside + SPARE_ROWS > len(flight.agenda):
        return NO_ROOM
    state[NOW] = now
    hold_slot(columns, pod, -pods.in_flight[pod], now)
    pods.queued[pod] = 0
    for _ in range(inside):
        row = first_inside(flight, pod)
        if attempts.waited_for[row] == 1:
            proxy_unanswered(telemetry, attempts.proxy[row], attempts.stream[row], attempts.version[row])
            settle(columns, ledger, flight, row, LOST, now)
        free_row(flight, row)
    return GO_ON


@rule
def first_inside(flight: Flight, pod: int) -> int:
    """The attempt of the lowest address that works or queues in the pod; there is one."""
    attempts = flight.attempts
    best = NOBODY
    for row in range(len(flight.attempts)):
        inside = attempts.pod[row] == pod and attempts.doing[row] in (WORKING, QUEUED)
        if inside and (best == NOBODY or attempts.address[row] < attempts.address[best]):
            best = row
    return best
