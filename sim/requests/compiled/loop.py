"""The event loop: the next event by (time, rank, address), until an instant or a reason to come back.

The order is written once, here: of the agenda's first event, the earliest deadline and the next arrival the earlier one
is played; at one instant completions come before deadlines, deadlines before retries, retries before the return of
ejected pods, and arrivals come last.
"""

from __future__ import annotations

from sim.health import returning_to, take_back
from sim.jit import rule
from sim.ledger import Ledger
from sim.requests.compiled.agenda import (
    ADDRESS_MASK,
    ARRIVAL,
    COMPLETION,
    DEADLINE,
    RANK_SHIFT,
    RETURN,
    drop_first,
)
from sim.requests.compiled.arrival import (
    arrive,
    expect_everyone,
    expect_user,
    made_next,
    present,
    user_arrives,
)
from sim.requests.compiled.completion import complete, tell_drained
from sim.requests.compiled.conclusion import free_row, settle
from sim.requests.compiled.deadline import give_up
from sim.requests.compiled.downstream import begin_call
from sim.requests.compiled.flight import (
    BEGINS,
    CALLS,
    EARLIEST_DUE,
    EVENTS,
    FREE_ROWS,
    FREE_USER,
    LEFT_POD,
    MADE_NEXT,
    NEXT_STREAM,
    NOBODY,
    NOW,
    OPEN_LONG,
    OPEN_REQUESTS,
    OPENS,
    OVER,
    PENDING,
    PRESENTS,
    REASON,
    TRIES,
    WAITS_FULL,
    WORKING,
    Flight,
)
from sim.requests.compiled.held import end_connection, note_try, open_now
from sim.requests.compiled.leaving import is_open, lose, next_inside
from sim.requests.compiled.trial import begin, try_once
from sim.requests.compiled.waits import earliest_address, take_earliest
from sim.requests.long_lived import is_held
from sim.requests.parts import plays_long_streams
from sim.requests.retrying import MIRRORED
from sim.requests.rules import address
from sim.telemetry import Telemetry
from sim.versions import NEVER
from sim.world import Columns, Reason

REACHED, FINISHED = int(Reason.REACHED), int(Reason.FINISHED)
NO_ROOM = -1
"""Asks the engine for larger columns; never seen outside."""
PLAY, RESET, SILENCE = 0, 1, 2
"""What to do: play up to an instant, or empty a pod at that instant, where attempts are lost or wait in vain."""
SPARE_ROWS, SPARE_EVENTS = 4, 8
"""An event takes at most two rows and five places on the agenda."""


@rule
def run(
    columns: Columns, ledger: Ledger, flight: Flight, telemetry: Telemetry, until: int, order: int, pod: int
) -> int:
    """Play every event strictly before ``until`` or up to the first reason to come back; or empty a pod at ``until``.

    The kernel's one door and its one loop. Each turn plays one event. What several kinds of event may lead to stands
    once, after them, in :func:`follow`.

    The order of the arguments is measured: LLVM keeps other values in registers when it changes. With ``telemetry``
    before ``flight`` a request took 5 to 28 % longer, other orders up to 6 %.
    """
    state = flight.state
    if state[NEXT_STREAM] == NOBODY:
        expect_everyone(columns, flight)
    while True:
        if state[FREE_ROWS] < SPARE_ROWS or state[EVENTS] + SPARE_EVENTS > len(flight.agenda) or state[WAITS_FULL] == 1:
            return NO_ROOM
        arrives, leaves = columns.streams.next_at[state[NEXT_STREAM]], state[EARLIEST_DUE]
        due = flight.agenda.due[0] if state[EVENTS] > 0 else NEVER
        if order != PLAY:
            state[NOW], row = until, next_inside(columns, flight, pod)
            if row == NOBODY:
                return REACHED
            outcome = lose(columns, telemetry, flight, row, order == SILENCE, until)
        elif state[MADE_NEXT] != NOBODY:
            row, outcome = made_next(flight), TRIES
        elif is_over(columns, flight, until, min(arrives, leaves, due), arrives):
            return FINISHED if is_finished(columns, flight, until, min(arrives, leaves, due)) else REACHED
        elif leaves <= arrives and (leaves < due or (leaves == due and is_before_agenda(flight))):
            row, outcome = play_deadline(columns, telemetry, flight)
        elif due < arrives or (due == arrives and is_before_arrival(columns, flight)):
            row, outcome = play_first(columns, telemetry, flight)
        else:
            state[NOW], row, outcome = arrives, arrive(columns, flight, state[NEXT_STREAM]), PRESENTS

        if row != NOBODY:  # else the event was meant for an attempt that is over
            follow(columns, ledger, telemetry, flight, row, outcome, state[NOW])
            if state[REASON] != REACHED:
                return state[REASON]  # type: ignore[no-any-return]


@rule
def follow(
    columns: Columns, ledger: Ledger, telemetry: Telemetry, flight: Flight, row: int, outcome: int, now: int
) -> None:
    """What an event leads to for its attempt: it is presented, made, has its outcome; and then for others."""
    if outcome == PRESENTS:
        row, outcome = present(columns, flight, row, now), TRIES
    if outcome == TRIES:
        if is_held(columns, flight.attempts.stream[row]):
            note_try(columns, ledger, flight, row, now)
        outcome = try_once(columns, ledger, telemetry, flight, row, now)
    if plays_long_streams(columns) and outcome == OPENS:
        open_now(columns, ledger, flight, row, now)
    elif outcome != PENDING and flight.attempts.nth[row] != MIRRORED:
        if is_held(columns, flight.attempts.stream[row]):
            end_connection(columns, ledger, flight, row, outcome, now)
        else:
            settle(columns, ledger, flight, row, outcome, now)
    begin_others(columns, ledger, flight, row, now)


@rule
def is_over(columns: Columns, flight: Flight, until: int, earliest: int, arrives: int) -> bool:
    """Whether nothing is left to play before ``until``, or at all."""
    return earliest >= until or (arrives == NEVER and is_finished(columns, flight, until, earliest))


@rule
def is_finished(columns: Columns, flight: Flight, until: int, earliest: int) -> bool:
    """Whether no request is left that is played on, and the cluster has nothing left to do before the horizon."""
    state, horizon = flight.state, columns.settings.horizon
    played_on = state[OPEN_REQUESTS] - state[OPEN_LONG] if plays_long_streams(columns) else state[OPEN_REQUESTS]
    no_more = columns.streams.next_at[state[NEXT_STREAM]] == NEVER and played_on == 0
    return no_more and until > horizon and (not plays_long_streams(columns) or earliest >= horizon)


@rule
def is_before_agenda(flight: Flight) -> bool:
    """Whether the earliest deadline comes before the agenda's first event, which is due at the same instant."""
    return (DEADLINE << RANK_SHIFT) | earliest_address(flight) < flight.agenda.order[0]  # type: ignore[no-any-return]


@rule
def is_before_arrival(columns: Columns, flight: Flight) -> bool:
    """Whether the agenda's first event comes before the next arrival from outside, at the same instant."""
    stream = flight.state[NEXT_STREAM]
    arrival = (ARRIVAL << RANK_SHIFT) | address(stream, columns.streams.number[stream], 0)
    return flight.agenda.order[0] < arrival  # type: ignore[no-any-return]


@rule
def play_deadline(columns: Columns, telemetry: Telemetry, flight: Flight) -> tuple[int, int]:
    """The client that waits least longer gives up: its attempt, NOBODY when it was answered in time; its outcome."""
    now, row = flight.state[EARLIEST_DUE], take_earliest(flight)
    if row == NOBODY:
        return NOBODY, PENDING
    flight.state[NOW] = now
    return row, give_up(columns, telemetry, flight, row, now)


@rule
def play_first(columns: Columns, telemetry: Telemetry, flight: Flight) -> tuple[int, int]:
    """Play the agenda's first event, or pass over it when its attempt is over."""
    attempts = flight.attempts
    now, order, row = flight.agenda.due[0], flight.agenda.order[0], flight.agenda.row[0]
    drop_first(flight)
    rank = order >> RANK_SHIFT
    if rank == RETURN:
        take_back(columns, returning_to(order & ADDRESS_MASK), row, now)
        return NOBODY, PENDING
    if attempts.address[row] != order & ADDRESS_MASK:
        return NOBODY, PENDING
    flight.state[NOW] = now
    if rank == COMPLETION:
        is_at_work = attempts.doing[row] >= WORKING
        return row, complete(columns, telemetry, flight, row, now) if is_at_work else PENDING
    if rank == DEADLINE:
        return row, give_up(columns, telemetry, flight, row, now)
    if rank == ARRIVAL:
        user_arrives(columns, flight, row)
        return row, PRESENTS
    return row, TRIES


@rule
def begin_others(columns: Columns, ledger: Ledger, flight: Flight, row: int, now: int) -> None:
    """What an event has led to for others: a slot, calls, a free user, a pod with nothing left in it."""
    state, attempts = flight.state, flight.attempts
    if state[FREE_USER] != NOBODY:
        state[FREE_USER] = NOBODY
        expect_user(columns, flight, attempts.stream[row], attempts.number[row] + 1, now)
    if attempts.doing[row] == OVER:
        free_row(flight, row)
    if state[BEGINS] != NOBODY:
        if is_open(columns, flight, state[BEGINS]):
            open_now(columns, ledger, flight, state[BEGINS], now)
        else:
            begin(columns, flight, state[BEGINS], now)
        state[BEGINS] = NOBODY
    while state[CALLS] != NOBODY:
        caller = state[CALLS]
        state[CALLS] = attempts.next[caller]
        begin_call(columns, flight, caller, now)
    if state[LEFT_POD] != NOBODY:
        tell_drained(columns, flight, state[LEFT_POD])
        state[LEFT_POD] = NOBODY
