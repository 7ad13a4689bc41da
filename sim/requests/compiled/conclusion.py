"""An attempt ends for its client: another try, or the request's outcome. And rows of attempts come and go."""

from __future__ import annotations

from sim.health import note_health, return_address
from sim.jit import rule
from sim.ledger import Ledger
from sim.outcomes import Outcome
from sim.requests.booking import book, note_attempt
from sim.requests.compiled.agenda import DEADLINE, RETRY, RETURN, push
from sim.requests.compiled.flight import (
    FIRST_FREE,
    FREE,
    FREE_ROWS,
    FREE_USER,
    GONE,
    NOBODY,
    OPEN_LONG,
    OPEN_REQUESTS,
    WAITING,
    Flight,
)
from sim.requests.connections import rest
from sim.requests.parts import plays_long_streams
from sim.requests.picking import count_outstanding
from sim.requests.retrying import (
    NOBODY_AGAIN,
    limit_from,
    pause_before,
    policy_of,
    who_tries_again,
    work_luck_of_next,
)
from sim.requests.rules import address
from sim.rows import PROXY
from sim.versions import NEVER
from sim.world import Columns

REFUSED, REJECTED, TIMEOUT = int(Outcome.REFUSED), int(Outcome.REJECTED), int(Outcome.TIMEOUT)


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
def note_one_more(columns: Columns, flight: Flight, stream: int) -> None:
    """One more request of the stream is open."""
    flight.state[OPEN_REQUESTS] += 1
    if plays_long_streams(columns):
        flight.state[OPEN_LONG] += columns.streams.long[stream]


@rule
def note_one_less(columns: Columns, flight: Flight, stream: int) -> None:
    """One request of the stream has its outcome."""
    flight.state[OPEN_REQUESTS] -= 1
    if plays_long_streams(columns):
        flight.state[OPEN_LONG] -= columns.streams.long[stream]


@rule
def settle(columns: Columns, ledger: Ledger, flight: Flight, row: int, outcome: int, now: int) -> None:
    """Tell the proxy's memory; then try again after a wait, or book the request's outcome."""
    attempts = flight.attempts
    stream, number, made = attempts.stream[row], attempts.number[row], attempts.nth[row] + 1
    if outcome == GONE:
        outcome, made = TIMEOUT, made - 1
    else:
        note_attempt(ledger, stream, attempts.version[row], outcome, now)
        if columns.settings.remembers == 1 and attempts.pod[row] != NOBODY:
            remember(columns, flight, row, outcome, now)
    if columns.streams.retry_on[stream] != 0:
        calls, tries, call_ends, ends = (
            attempts.calls[row],
            attempts.tries[row],
            attempts.call_ends[row],
            attempts.ends[row],
        )
        who = who_tries_again(columns, stream, outcome, now, calls, tries, call_ends, ends)
        if who != NOBODY_AGAIN:
            plan_retry(columns, flight, row, outcome, who, made, now)
            return
    note_one_less(columns, flight, stream)
    book(
        columns,
        ledger,
        stream,
        number,
        attempts.arrived[row],
        now,
        outcome,
        made,
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
def plan_retry(columns: Columns, flight: Flight, row: int, outcome: int, who: int, made: int, now: int) -> None:
    """One of the two tries again after a wait, or its client's time is over before."""
    attempts, streams = flight.attempts, columns.streams
    stream, number = attempts.stream[row], attempts.number[row]
    policy, luck = policy_of(stream, who), attempts.work_luck[row]
    again = take_row(flight)
    attempts.calls[again], attempts.tries[again] = attempts.calls[row], attempts.tries[row]
    attempts.call_ends[again], attempts.ends[again] = attempts.call_ends[row], attempts.ends[row]
    before, over = attempts.calls[row], attempts.ends[row]
    if who == PROXY:
        before, over = attempts.tries[row], attempts.call_ends[row]
    begins = now + pause_before(columns, policy, stream, number, made - 1, before)
    if who == PROXY:
        attempts.tries[again] += 1
    else:
        attempts.call_ends[again] = min(over, limit_from(streams.call_limit[stream], begins))
        attempts.calls[again] += 1
        attempts.tries[again] = 0
    attempts.address[again] = address(stream, number, made)
    attempts.doing[again], attempts.waited_for[again] = WAITING, 1
    attempts.stream[again], attempts.number[again], attempts.nth[again] = stream, number, made
    attempts.arrived[again], attempts.user[again] = attempts.arrived[row], attempts.user[row]
    attempts.proxy[again], attempts.pool[again] = attempts.proxy[row], attempts.pool[row]
    attempts.pod[again], attempts.version[again] = attempts.pod[row], attempts.version[row]
    attempts.work_luck[again] = work_luck_of_next(columns, policy, stream, number, made - 1, outcome, luck)
    attempts.request_luck[again] = attempts.request_luck[row]
    if begins < over:
        push(flight, begins, RETRY, attempts.address[again], again)
    else:
        push(flight, over, DEADLINE, attempts.address[again], again)
