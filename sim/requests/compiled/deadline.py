"""A client stops waiting."""

from __future__ import annotations

from sim.jit import rule
from sim.ledger import Ledger
from sim.outcomes import Outcome
from sim.requests.booking import proxy_unanswered
from sim.requests.compiled.conclusion import conclude, settle
from sim.requests.compiled.flight import HANGING, Flight
from sim.telemetry import Telemetry
from sim.world import Columns

TIMEOUT = int(Outcome.TIMEOUT)


@rule
def give_up(columns: Columns, ledger: Ledger, telemetry: Telemetry, flight: Flight, row: int, now: int) -> None:
    """The client leaves; its attempt keeps its slot or its place in the queue to the end."""
    attempts = flight.attempts
    proxy_unanswered(telemetry, attempts.proxy[row], attempts.stream[row], attempts.version[row])
    if attempts.doing[row] == HANGING:
        conclude(columns, ledger, flight, row, TIMEOUT, now)
    else:
        attempts.waited_for[row] = 0
        settle(columns, ledger, flight, row, TIMEOUT, now)
