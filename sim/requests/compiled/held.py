"""Long-lived connections: open without a slot, ended by their client, or cut and made again."""

from __future__ import annotations

from sim.jit import rule
from sim.ledger import Ledger
from sim.outcomes import Outcome
from sim.requests.booking import book, note_attempt
from sim.requests.compiled.agenda import COMPLETION, RETRY, push
from sim.requests.compiled.conclusion import free_row, note_one_less, remember, take_row
from sim.requests.compiled.flight import NOBODY, WAITING, Flight
from sim.requests.long_lived import (
    NOT_DRAWN,
    UNOPENED,
    is_held,
    length_of,
    note_cut,
    note_open,
    note_reconnect,
    pause_before,
    tries_again,
)
from sim.requests.retrying import MIRRORED
from sim.requests.rules import address
from sim.rows import Ints
from sim.world import Columns

SUCCEEDED = int(Outcome.SUCCEEDED)


@rule
def note_try(columns: Columns, ledger: Ledger, flight: Flight, row: int, now: int) -> None:
    """A try to make a connection again is seen by whoever counts them."""
    if flight.attempts.nth[row] != MIRRORED and flight.connections.first_try[row] > 0:
        note_reconnect(columns, ledger, now)


@rule
def open_now(columns: Columns, ledger: Ledger, flight: Flight, row: int, now: int) -> None:
    """The connection is open from now on, until its client ends it."""
    attempts = flight.attempts
    stream, number, held = attempts.stream[row], attempts.number[row], flight.connections
    if held.left[row] == NOT_DRAWN:
        held.left[row] = length_of(columns, stream, number)
    held.opened[row], held.closes[row] = now, now + held.left[row]
    note_open(columns, ledger, stream, attempts.version[row], attempts.arrived[row], held.first_try[row], now)
    push(flight, held.closes[row], COMPLETION, attempts.address[row], row)


@rule
def end_connection(columns: Columns, ledger: Ledger, flight: Flight, row: int, outcome: int, now: int) -> None:
    """A connection has ended, was cut or could not be made: book it where it is over, and make it again."""
    attempts = flight.attempts
    stream, nth, held = attempts.stream[row], attempts.nth[row], flight.connections
    note_attempt(ledger, stream, attempts.version[row], outcome, now)
    if columns.settings.remembers == 1 and attempts.pod[row] != NOBODY:
        remember(columns, flight, row, outcome, now)
    was_open, tried = held.opened[row] != UNOPENED, nth - held.first_try[row]
    if not was_open and outcome != SUCCEEDED and tries_again(columns, stream, nth, tried + 1, now):
        waited = tried + int(held.first_try[row] > 0)
        plan_reconnect(columns, flight, row, held.first_try[row], attempts.arrived[row], waited, now)
        return
    conclude(columns, ledger, flight, row, outcome, now)
    if was_open and outcome != SUCCEEDED:
        note_cut(columns, ledger, stream, now)
        if tries_again(columns, stream, nth, 0, now):
            plan_reconnect(columns, flight, row, nth + 1, now, 0, now)
            return
    note_one_less(columns, flight, stream)


@rule
def conclude(columns: Columns, ledger: Ledger, flight: Flight, row: int, outcome: int, now: int) -> None:
    """Book the request; of a connection, the tries it took to make it."""
    attempts = flight.attempts
    stream, tries = attempts.stream[row], attempts.nth[row] + 1
    if is_held(columns, stream):
        tries -= flight.connections.first_try[row]
    book(
        columns,
        ledger,
        stream,
        attempts.number[row],
        attempts.arrived[row],
        now,
        outcome,
        tries,
        attempts.version[row],
        attempts.pod[row],
        attempts.user[row],
    )


@rule
def plan_reconnect(
    columns: Columns, flight: Flight, row: int, first_try: int, arrived: int, waited: int, now: int
) -> None:
    """The client, who wants the connection since ``arrived`` and has waited so many times, tries after another wait."""
    attempts = flight.attempts
    stream, number, nth = attempts.stream[row], attempts.number[row], attempts.nth[row]
    pause = pause_before(columns, stream, number, nth, waited)
    again, held = take_row(flight), flight.connections
    attempts.address[again] = address(stream, number, nth + 1)
    attempts.doing[again], attempts.waited_for[again] = WAITING, 1
    attempts.stream[again], attempts.number[again], attempts.nth[again] = stream, number, nth + 1
    attempts.arrived[again], attempts.user[again] = arrived, attempts.user[row]
    attempts.proxy[again] = attempts.proxy[row]
    attempts.work_luck[again], attempts.request_luck[again] = attempts.work_luck[row], attempts.request_luck[row]
    held.first_try[again], held.opened[again] = first_try, UNOPENED
    held.left[again] = held.left[row]
    attempts.calls[again], attempts.tries[again] = 0, 0
    push(flight, now + pause, RETRY, attempts.address[again], again)


@rule
def leave_open(columns: Columns, ledger: Ledger, flight: Flight, rows: Ints) -> None:
    """Nothing is played on: what these rows hold is booked as open at the horizon."""
    for place in range(len(rows)):
        conclude(columns, ledger, flight, rows[place], SUCCEEDED, columns.settings.horizon)
        note_one_less(columns, flight, flight.attempts.stream[rows[place]])
        free_row(flight, rows[place])
