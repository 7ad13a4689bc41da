"""A stage of an attempt's work is done: in the pod itself, or a call to a dependency."""

from __future__ import annotations

from sim.jit import rule
from sim.ledger import Ledger
from sim.requests.booking import pod_answered
from sim.requests.compiled.conclusion import free_row, settle
from sim.requests.compiled.downstream import call, hang_up
from sim.requests.compiled.flight import CALLING, REASON, REASON_POD, Flight
from sim.requests.compiled.trial import begin_next
from sim.requests.rules import compute, is_poison, leave_memory
from sim.telemetry import Telemetry
from sim.world import Columns, Reason

POD_DRAINED, POD_CRASHED, OUT_OF_MEMORY = int(Reason.POD_DRAINED), int(Reason.POD_CRASHED), int(Reason.OUT_OF_MEMORY)


@rule
def complete(columns: Columns, ledger: Ledger, telemetry: Telemetry, flight: Flight, row: int, now: int) -> None:
    """A stage ends: bring the process down, call the dependency (again), or answer."""
    attempts = flight.attempts
    pod, stream = attempts.pod[row], attempts.stream[row]
    if attempts.doing[row] == CALLING:
        hang_up(columns, flight, row, now)
    elif is_poison(columns, attempts.version[row], stream, attempts.request_luck[row]):
        flight.state[REASON], flight.state[REASON_POD] = POD_CRASHED, pod
        return
    else:
        compute(columns, pod, -1, now)
    if attempts.calls_left[row] > 0:
        call(columns, flight, row, now)
        return
    finish(columns, ledger, telemetry, flight, row, now)


@rule
def finish(columns: Columns, ledger: Ledger, telemetry: Telemetry, flight: Flight, row: int, now: int) -> None:
    """Answer if anybody still waits, give the slot to the next in the queue, and tell what the cluster must know."""
    attempts = flight.attempts
    pods, pod, stream = columns.pods, attempts.pod[row], attempts.stream[row]
    pods.in_flight[pod] -= 1
    if attempts.waited_for[row] == 1:
        pod_answered(telemetry, pod, stream, attempts.outcome[row], now - attempts.called[row])
        settle(columns, ledger, flight, row, attempts.outcome[row], now)
    free_row(flight, row)
    if leave_memory(columns, pod, stream):
        flight.state[REASON], flight.state[REASON_POD] = OUT_OF_MEMORY, pod
    begin_next(columns, flight, pod, now)
    tell_drained(columns, flight, pod)


@rule
def tell_drained(columns: Columns, flight: Flight, pod: int) -> None:
    """A draining pod with nothing left in it is news."""
    pods = columns.pods
    if pods.draining[pod] == 1 and pods.in_flight[pod] == 0 and pods.queued[pod] == 0:
        flight.state[REASON], flight.state[REASON_POD] = POD_DRAINED, pod
