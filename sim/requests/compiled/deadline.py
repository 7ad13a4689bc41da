"""A client stops waiting."""

from __future__ import annotations

from sim.jit import rule
from sim.outcomes import Outcome
from sim.requests.booking import proxy_unanswered
from sim.requests.compiled.flight import GONE, HANGING, LEFT_POD, OVER, PENDING, QUEUED, WAITING, Flight
from sim.requests.compiled.leaving import is_open, leave
from sim.requests.compiled.trial import take_next
from sim.requests.long_lived import UNOPENED, is_held
from sim.telemetry import Telemetry
from sim.world import ClientGone, Columns

TIMEOUT = int(Outcome.TIMEOUT)
LEAVE_QUEUE, CANCEL = int(ClientGone.LEAVE_QUEUE), int(ClientGone.CANCEL)


@rule
def give_up(columns: Columns, telemetry: Telemetry, flight: Flight, row: int, now: int) -> int:
    """The client leaves; what becomes of its attempt is a setting. The outcome, or GONE where none was under way."""
    attempts = flight.attempts
    if attempts.doing[row] == WAITING:
        attempts.doing[row] = OVER
        return GONE
    if is_open(columns, flight, row) or (attempts.doing[row] == HANGING and waits_longer(columns, flight, row, now)):
        return PENDING
    proxy_unanswered(telemetry, attempts.proxy[row], attempts.stream[row], attempts.version[row])
    doing, gone = attempts.doing[row], columns.settings.client_gone
    if doing == HANGING:
        attempts.doing[row] = OVER
    elif gone == CANCEL or (gone == LEAVE_QUEUE and doing == QUEUED):
        pod = attempts.pod[row]
        leave(columns, flight, row, now)
        take_next(columns, flight, pod)
        flight.state[LEFT_POD] = pod
    else:
        attempts.waited_for[row] = 0
    return TIMEOUT


@rule
def waits_longer(columns: Columns, flight: Flight, row: int, now: int) -> bool:
    """Whether an open connection to a silent pod is not given up yet: the patience for its handshake does not count."""
    held = flight.connections
    return is_held(columns, flight.attempts.stream[row]) and held.opened[row] != UNOPENED and now < held.closes[row]
