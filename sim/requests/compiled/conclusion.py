"""An attempt ends for its client: another try, or the request's outcome. And rows of attempts come and go."""

from __future__ import annotations

from sim.draws import block, uniform
from sim.jit import rule
from sim.ledger import Ledger
from sim.requests.booking import book, note_attempt
from sim.requests.choices import WAIT
from sim.requests.compiled.agenda import RETRY as RETRY_RANK
from sim.requests.compiled.agenda import push
from sim.requests.compiled.flight import FIRST_FREE, FREE, FREE_ROWS, NOBODY, OPEN_REQUESTS, WAITING, Flight
from sim.requests.rules import RETRY, address, entity, may_retry
from sim.world import Columns


@rule
def take_row(flight: Flight) -> int:
    """A free row; the loop has made sure that there is one."""
    row = flight.state[FIRST_FREE]
    flight.state[FIRST_FREE] = flight.next[row]
    flight.state[FREE_ROWS] -= 1
    return row  # type: ignore[no-any-return]


@rule
def free_row(flight: Flight, row: int) -> None:
    """The attempt is over for everybody; events that still name it are stale."""
    flight.address[row], flight.doing[row] = NOBODY, FREE
    flight.next[row] = flight.state[FIRST_FREE]
    flight.state[FIRST_FREE] = row
    flight.state[FREE_ROWS] += 1


@rule
def conclude(columns: Columns, ledger: Ledger, flight: Flight, row: int, outcome: int, now: int) -> None:
    """The attempt has ended for its client, and holds nothing in a pod: settle the request and free the row."""
    settle(columns, ledger, flight, row, outcome, now)
    free_row(flight, row)


@rule
def settle(columns: Columns, ledger: Ledger, flight: Flight, row: int, outcome: int, now: int) -> None:
    """Try again after a wait, or book the request's outcome."""
    stream, number, nth = flight.stream[row], flight.number[row], flight.nth[row]
    note_attempt(ledger, stream, flight.version[row], outcome, now)
    if may_retry(columns, stream, nth, outcome):
        settings = columns.settings
        words = block(settings.key_low, settings.key_high, RETRY, entity(stream, number), nth)
        pause = WAIT(columns.streams.retry_rule[stream], columns, stream, nth, uniform(words[0]))
        again = take_row(flight)
        flight.address[again] = address(stream, number, nth + 1)
        flight.doing[again], flight.waited_for[again] = WAITING, 1
        flight.stream[again], flight.number[again], flight.nth[again] = stream, number, nth + 1
        flight.arrived[again], flight.user[again] = flight.arrived[row], flight.user[row]
        flight.work_luck[again], flight.request_luck[again] = flight.work_luck[row], flight.request_luck[row]
        push(flight, now + pause, RETRY_RANK, flight.address[again], again)
        return
    flight.state[OPEN_REQUESTS] -= 1
    book(
        columns,
        ledger,
        stream,
        number,
        flight.arrived[row],
        now,
        outcome,
        nth + 1,
        flight.version[row],
        flight.pod[row],
        flight.user[row],
    )
