"""The event loop: the next event by (time, rank, address), until an instant or a reason to come back.

The order is written once, here: of the agenda's first event and the next arrival the earlier one is played; at one
instant completions come before deadlines, deadlines before retries, retries before arrivals.
"""

from __future__ import annotations

from sim.jit import rule
from sim.ledger import Ledger
from sim.requests.compiled.agenda import ADDRESS_MASK, COMPLETION, DEADLINE, RANK_SHIFT, RETRY, drop_first
from sim.requests.compiled.arrival import arrive, choose_next_stream
from sim.requests.compiled.completion import complete, tell_drained
from sim.requests.compiled.conclusion import free_row, settle
from sim.requests.compiled.deadline import give_up
from sim.requests.compiled.downstream import begin_call
from sim.requests.compiled.flight import (
    BEGINS,
    CALLING,
    CALLS,
    EARLIEST_DUE,
    EVENTS,
    FREE_ROWS,
    LEFT_POD,
    NEXT_STREAM,
    NOBODY,
    NOW,
    OPEN_REQUESTS,
    OVER,
    PENDING,
    REASON,
    WAITS_FULL,
    WORKING,
    Flight,
)
from sim.requests.compiled.leaving import first_inside, lose
from sim.requests.compiled.trial import begin, try_once
from sim.requests.compiled.waits import earliest_address, take_earliest
from sim.requests.rules import expect_next_arrival
from sim.telemetry import Telemetry
from sim.versions import NEVER
from sim.world import Columns, Reason

REACHED, FINISHED = int(Reason.REACHED), int(Reason.FINISHED)
NO_ROOM = -1
"""Asks the engine for larger columns; never seen outside."""
PLAY, RESET, SILENCE = 0, 1, 2
"""What to do: play up to an instant, or empty a pod at that instant, where attempts are lost or wait in vain."""
SPARE_ROWS = 4
"""An event takes at most two rows and three places on the agenda."""


@rule
def run(
    columns: Columns, ledger: Ledger, telemetry: Telemetry, flight: Flight, until: int, order: int, pod: int
) -> int:
    """Play every event strictly before ``until`` or up to the first reason to come back; or empty a pod at ``until``.

    The kernel's one door and its one loop. Each turn plays one event. What several kinds of event may lead to stands
    here once, after them: an attempt is made, has its outcome, begins its work, calls.
    """
    state, attempts = flight.state, flight.attempts
    if state[NEXT_STREAM] == NOBODY:
        for stream in range(len(columns.streams.next_at)):
            expect_next_arrival(columns, stream)
        choose_next_stream(columns, flight)
    while True:
        arrives = columns.streams.next_at[state[NEXT_STREAM]]
        due = flight.agenda.due[0] if state[EVENTS] > 0 else NEVER
        leaves = state[EARLIEST_DUE]
        if order == PLAY:
            if arrives == NEVER and state[OPEN_REQUESTS] == 0 and until > columns.settings.horizon:
                return FINISHED
            if arrives >= until and due >= until and leaves >= until:
                return REACHED
        if state[FREE_ROWS] < SPARE_ROWS or state[EVENTS] + SPARE_ROWS > len(flight.agenda) or state[WAITS_FULL] == 1:
            return NO_ROOM

        tries, outcome = False, PENDING
        if order != PLAY:
            now, row = until, first_inside(flight, pod)
            if row == NOBODY:
                return REACHED
            outcome = lose(columns, telemetry, flight, row, order == SILENCE, now)
        elif leaves <= arrives and (leaves < due or (leaves == due and is_before_agenda(flight))):
            now, row = leaves, take_earliest(flight)
            if row != NOBODY:
                outcome = give_up(columns, telemetry, flight, row, now)
        elif due <= arrives:
            now, place, row = due, flight.agenda.order[0], flight.agenda.row[0]
            drop_first(flight)
            rank = place >> RANK_SHIFT
            if attempts.address[row] != place & ADDRESS_MASK:
                row = NOBODY
            elif rank == COMPLETION:
                if attempts.doing[row] == WORKING or attempts.doing[row] == CALLING:
                    outcome = complete(columns, telemetry, flight, row, now)
            elif rank == DEADLINE:
                outcome = give_up(columns, telemetry, flight, row, now)
            elif rank == RETRY:
                tries = True
        else:
            now, row = arrives, arrive(columns, flight, state[NEXT_STREAM], arrives)
            tries = True

        if row == NOBODY:
            continue  # the event was meant for an attempt that is over
        state[NOW] = now
        if tries:
            outcome = try_once(columns, ledger, telemetry, flight, row, now)
        if outcome != PENDING:
            settle(columns, ledger, flight, row, outcome, now)
        if attempts.doing[row] == OVER:
            free_row(flight, row)
        if state[BEGINS] != NOBODY:
            begin(columns, flight, state[BEGINS], now)
            state[BEGINS] = NOBODY
        while state[CALLS] != NOBODY:
            caller = state[CALLS]
            state[CALLS] = attempts.next[caller]
            begin_call(columns, flight, caller, now)
        if state[LEFT_POD] != NOBODY:
            tell_drained(columns, flight, state[LEFT_POD])
            state[LEFT_POD] = NOBODY
        if state[REASON] != REACHED:
            return state[REASON]  # type: ignore[no-any-return]


@rule
def is_before_agenda(flight: Flight) -> bool:
    """Whether the earliest deadline comes before the agenda's first event, which is due at the same instant."""
    return (DEADLINE << RANK_SHIFT) | earliest_address(flight) < flight.agenda.order[0]  # type: ignore[no-any-return]
