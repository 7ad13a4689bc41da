"""A slot's work is done."""

from __future__ import annotations

from sim.jit import rule
from sim.ledger import Ledger
from sim.requests.booking import pod_answered
from sim.requests.compiled.conclusion import free_row, settle
from sim.requests.compiled.flight import DRAINED, Flight
from sim.requests.compiled.trial import begin_next
from sim.requests.rules import hold_slot
from sim.telemetry import Telemetry
from sim.world import Columns


@rule
def complete(columns: Columns, ledger: Ledger, telemetry: Telemetry, flight: Flight, row: int, now: int) -> None:
    """Give the slot back, answer if anybody still waits, take the next from the queue, tell of a drained pod."""
    attempts = flight.attempts
    pods, pod = columns.pods, attempts.pod[row]
    hold_slot(columns, pod, -1, now)
    if attempts.waited_for[row] == 1:
        pod_answered(telemetry, pod, attempts.stream[row], attempts.outcome[row], now - attempts.called[row])
        settle(columns, ledger, flight, row, attempts.outcome[row], now)
    free_row(flight, row)
    begin_next(columns, flight, pod, now)
    if pods.draining[pod] == 1 and pods.in_flight[pod] == 0 and pods.queued[pod] == 0:
        flight.state[DRAINED] = pod
