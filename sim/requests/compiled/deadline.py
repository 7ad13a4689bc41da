"""A client stops waiting."""

from __future__ import annotations

from sim.jit import rule
from sim.ledger import Ledger
from sim.outcomes import Outcome
from sim.requests.booking import proxy_unanswered
from sim.requests.compiled.completion import tell_drained
from sim.requests.compiled.conclusion import conclude, settle
from sim.requests.compiled.flight import HANGING, QUEUED, Flight
from sim.requests.compiled.leaving import leave
from sim.requests.compiled.trial import begin_next
from sim.telemetry import Telemetry
from sim.world import ClientGone, Columns

TIMEOUT = int(Outcome.TIMEOUT)
LEAVE_QUEUE, CANCEL = int(ClientGone.LEAVE_QUEUE), int(ClientGone.CANCEL)


@rule
def give_up(columns: Columns, ledger: Ledger, telemetry: Telemetry, flight: Flight, row: int, now: int) -> None:
    """The client leaves; what becomes of its attempt is a setting."""
    attempts = flight.attempts
    proxy_unanswered(telemetry, attempts.proxy[row], attempts.stream[row], attempts.version[row])
    doing, gone = attempts.doing[row], columns.settings.client_gone
    if doing == HANGING:
        conclude(columns, ledger, flight, row, TIMEOUT, now)
    elif gone == CANCEL or (gone == LEAVE_QUEUE and doing == QUEUED):
        pod = attempts.pod[row]
        leave(columns, flight, row, now)
        conclude(columns, ledger, flight, row, TIMEOUT, now)
        begin_next(columns, flight, pod, now)
        tell_drained(columns, flight, pod)
    else:
        attempts.waited_for[row] = 0
        settle(columns, ledger, flight, row, TIMEOUT, now)
