"""An attempt ends for its client: another try, or the request's outcome. And rows of attempts come and go."""

from __future__ import annotations

from sim.draws import block, uniform
from sim.health import note_health, return_address
from sim.jit import rule
from sim.ledger import Ledger
from sim.outcomes import Outcome
from sim.requests.booking import book, note_attempt
from sim.requests.choices import WAIT
from sim.requests.compiled.agenda import RETRY as RETRY_RANK
from sim.requests.compiled.agenda import RETURN, push
from sim.requests.compiled.flight import (
    FIRST_FREE,
    FREE,
    FREE_ROWS,
    FREE_USER,
    NOBODY,
    OPEN_REQUESTS,
    WAITING,
    Flight,
)
from sim.requests.connections import rest
from sim.requests.luck import entity
from sim.requests.picking import count_outstanding
from sim.requests.rules import RETRY, address, may_retry
from sim.versions import NEVER
from sim.world import Columns

REFUSED, REJECTED = int(Outcome.REFUSED), int(Outcome.REJECTED)


@rule
def take_row(flight: Flight) -> int:
    """A free row; the loop has made sure that there is one."""
    attempts = flight.attempts
    row = flight.state[FIRST_FREE]
    flight.state[FIRST_FREE] = attempts.next[row]
    flight.state[FREE_ROWS] -= 1
    return row  # type: ignore[no-any-return]


@rule
def free_row(flight: Flight, row: int) -> None:
    """The attempt is over for everybody; events that still name it are stale."""
    attempts = flight.attempts
    attempts.address[row], attempts.doing[row] = NOBODY, FREE
    attempts.next[row] = flight.state[FIRST_FREE]
    flight.state[FIRST_FREE] = row
    flight.state[FREE_ROWS] += 1


@rule
def settle(columns: Columns, ledger: Ledger, flight: Flight, row: int, outcome: int, now: int) -> None:
    """Tell the proxy's memory; then try again after a wait, or book the request's outcome."""
    attempts = flight.attempts
    stream, number, nth = attempts.stream[row], attempts.number[row], attempts.nth[row]
    note_attempt(ledger, stream, attempts.version[row], outcome, now)
    if columns.settings.remembers == 1 and attempts.pod[row] != NOBODY:
        remember(columns, flight, row, outcome, now)
    if may_retry(columns, stream, nth, outcome):
        plan_retry(columns, flight, row, now)
        return
    flight.state[OPEN_REQUESTS] -= 1
    book(
        columns,
        ledger,
        stream,
        number,
        attempts.arrived[row],
        now,
        outcome,
        nth + 1,
        attempts.version[row],
        attempts.pod[row],
        attempts.user[row],
    )
    if columns.streams.users[stream] > 0:
        flight.state[FREE_USER] = row


@rule
def remember(columns: Columns, flight: Flight, row: int, outcome: int, now: int) -> None:
    """The attempt no longer counts for the breaker, its connection rests or is closed, its pod may be ejected."""
    attempts, settings = flight.attempts, columns.settings
    proxy, pool, pod = attempts.proxy[row], attempts.pool[row], attempts.pod[row]
    if outcome not in (REFUSED, REJECTED):
        count_outstanding(columns, proxy, pool, -1)
    rest(columns, attempts.user[row], pod, outcome, now)
    if settings.eject_after > 0:
        returns = note_health(columns, proxy, pool, pod, outcome, now)
        if returns != NEVER:
            push(flight, returns, RETURN, return_address(proxy, pod), pod)


@rule
def plan_retry(columns: Columns, flight: Flight, row: int, now: int) -> None:
    """The client tries again after a wait."""
    attempts, settings = flight.attempts, columns.settings
    stream, number, nth = attempts.stream[row], attempts.number[row], attempts.nth[row]
    words = block(settings.key_low, settings.key_high, RETRY, entity(stream, number), nth)
    pause = WAIT(columns.streams.retry_rule[stream], columns, stream, nth, uniform(words[0]))
    again = take_row(flight)
    attempts.address[again] = address(stream, number, nth + 1)
    attempts.doing[again], attempts.waited_for[again] = WAITING, 1
    attempts.stream[again], attempts.number[again], attempts.nth[again] = stream, number, nth + 1
    attempts.arrived[again], attempts.user[again] = attempts.arrived[row], attempts.user[row]
    attempts.proxy[again] = attempts.proxy[row]
    attempts.work_luck[again], attempts.request_luck[again] = attempts.work_luck[row], attempts.request_luck[row]
    push(flight, now + pause, RETRY_RANK, attempts.address[again], again)
