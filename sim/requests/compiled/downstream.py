"""Calls to a dependency: it works on so many at once, the others wait in one line; pods' slots are held meanwhile.

Pods of both versions share it, so a new version that calls twice hurts the old one too.
"""

from __future__ import annotations

from sim.jit import rule
from sim.requests.compiled.agenda import COMPLETION, push
from sim.requests.compiled.flight import CALLING, CALLS, IN_LINE, NOBODY, Flight
from sim.requests.rules import call_time
from sim.world import Columns


@rule
def call(columns: Columns, flight: Flight, row: int) -> None:
    """Make the attempt's next call: it begins now or waits in line."""
    attempts, dependencies = flight.attempts, columns.dependencies
    which = columns.streams.dependency[attempts.stream[row]]
    attempts.calls_left[row] -= 1
    if dependencies.busy[which] < dependencies.slots[which]:
        take_call(columns, flight, which, row)
        return
    attempts.doing[row], attempts.next[row] = IN_LINE, NOBODY
    if dependencies.waiting[which] == 0:
        dependencies.head[which] = row
    else:
        attempts.next[dependencies.tail[which]] = row
    dependencies.tail[which] = row
    dependencies.waiting[which] += 1


@rule
def take_call(columns: Columns, flight: Flight, which: int, row: int) -> None:
    """The dependency works on the call from now on."""
    columns.dependencies.busy[which] += 1
    flight.attempts.doing[row] = CALLING
    flight.attempts.next[row], flight.state[CALLS] = flight.state[CALLS], row


@rule
def begin_call(columns: Columns, flight: Flight, row: int, now: int) -> None:
    """How long the call lasts is fixed when it begins."""
    attempts = flight.attempts
    stream, number = attempts.stream[row], attempts.number[row]
    duration = call_time(columns, stream, number, attempts.nth[row], attempts.calls_left[row], now)
    push(flight, now + duration, COMPLETION, attempts.address[row], row)


@rule
def hang_up(columns: Columns, flight: Flight, row: int) -> None:
    """The attempt's call is over, or given up, in the dependency or in line; the next in line begins."""
    attempts, dependencies = flight.attempts, columns.dependencies
    which = columns.streams.dependency[attempts.stream[row]]
    if attempts.doing[row] == IN_LINE:
        leave_line(columns, flight, which, row)
        return
    dependencies.busy[which] -= 1
    if dependencies.waiting[which] > 0:
        following = dependencies.head[which]
        dependencies.head[which] = attempts.next[following]
        dependencies.waiting[which] -= 1
        take_call(columns, flight, which, following)


@rule
def leave_line(columns: Columns, flight: Flight, which: int, row: int) -> None:
    """Take an attempt out of the middle of a dependency's line."""
    attempts, dependencies = flight.attempts, columns.dependencies
    before, here = NOBODY, dependencies.head[which]
    while here != row:
        before, here = here, attempts.next[here]
    if before == NOBODY:
        dependencies.head[which] = attempts.next[row]
    else:
        attempts.next[before] = attempts.next[row]
    if dependencies.tail[which] == row:
        dependencies.tail[which] = before
    dependencies.waiting[which] -= 1
