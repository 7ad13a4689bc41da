"""A stage of an attempt's work is done: in the pod itself, or a call to a dependency."""

from __future__ import annotations

from sim.jit import rule
from sim.outcomes import Outcome
from sim.requests.booking import pod_answered
from sim.requests.compiled.downstream import call, hang_up
from sim.requests.compiled.flight import (
    BEGINS,
    CALLING,
    LEFT_POD,
    LOCKED,
    OPEN,
    OPENS,
    OVER,
    PENDING,
    REASON,
    REASON_POD,
    WORKING,
    Flight,
)
from sim.requests.compiled.leaving import is_open
from sim.requests.compiled.trial import take_next
from sim.requests.long_lived import is_held
from sim.requests.retrying import MIRRORED
from sim.requests.rules import compute, is_poison, leave_memory
from sim.telemetry import Telemetry
from sim.world import Columns, Reason

SUCCEEDED = int(Outcome.SUCCEEDED)
POD_DRAINED, POD_CRASHED, OUT_OF_MEMORY = int(Reason.POD_DRAINED), int(Reason.POD_CRASHED), int(Reason.OUT_OF_MEMORY)


@rule
def complete(columns: Columns, telemetry: Telemetry, flight: Flight, row: int, now: int) -> int:
    """A stage ends: begin, bring the process down, call the dependency (again), or answer. The outcome, or PENDING."""
    attempts = flight.attempts
    pod, stream = attempts.pod[row], attempts.stream[row]
    if is_open(columns, flight, row):
        return close(columns, flight, row)
    if attempts.doing[row] == CALLING:
        hang_up(columns, flight, row)
    elif attempts.doing[row] == LOCKED:
        attempts.doing[row], flight.state[BEGINS] = WORKING, row
        return PENDING
    elif is_poison(columns, attempts.version[row], stream, attempts.request_luck[row]):
        flight.state[REASON], flight.state[REASON_POD] = POD_CRASHED, pod
        return PENDING
    else:
        compute(columns, pod, -1, now)
    if attempts.calls_left[row] > 0:
        call(columns, flight, row)
        return PENDING
    return finish(columns, telemetry, flight, row, now)


@rule
def finish(columns: Columns, telemetry: Telemetry, flight: Flight, row: int, now: int) -> int:
    """Answer if anybody still waits, give the slot to the next in the queue, and tell what the cluster must know."""
    attempts = flight.attempts
    pod, stream = attempts.pod[row], attempts.stream[row]
    if is_held(columns, stream) and attempts.waited_for[row] == 1 and attempts.outcome[row] == SUCCEEDED:
        return stay_open(columns, telemetry, flight, row, now)
    columns.pods.in_flight[pod] -= 1
    attempts.doing[row], flight.state[LEFT_POD] = OVER, pod
    if leave_memory(columns, pod, stream):
        flight.state[REASON], flight.state[REASON_POD] = OUT_OF_MEMORY, pod
    take_next(columns, flight, pod)
    if attempts.waited_for[row] == 0 and attempts.nth[row] != MIRRORED:
        return PENDING
    pod_answered(telemetry, pod, stream, attempts.outcome[row], now - attempts.called[row])
    return attempts.outcome[row]  # type: ignore[no-any-return]


@rule
def stay_open(columns: Columns, telemetry: Telemetry, flight: Flight, row: int, now: int) -> int:
    """The handshake is done: the connection gives its slot back and stays."""
    attempts = flight.attempts
    pod, stream = attempts.pod[row], attempts.stream[row]
    columns.pods.open[pod] += 1
    attempts.doing[row] = OPEN
    if leave_memory(columns, pod, stream):
        flight.state[REASON], flight.state[REASON_POD] = OUT_OF_MEMORY, pod
    take_next(columns, flight, pod)
    pod_answered(telemetry, pod, stream, SUCCEEDED, now - attempts.called[row])
    return OPENS


@rule
def close(columns: Columns, flight: Flight, row: int) -> int:
    """The client ends its connection."""
    pod = flight.attempts.pod[row]
    columns.pods.in_flight[pod] -= 1
    columns.pods.open[pod] -= 1
    flight.attempts.doing[row], flight.state[LEFT_POD] = OVER, pod
    return SUCCEEDED


@rule
def tell_drained(columns: Columns, flight: Flight, pod: int) -> None:
    """A draining pod with nothing left in it is news."""
    pods = columns.pods
    if pods.draining[pod] == 1 and pods.in_flight[pod] == 0 and pods.queued[pod] == 0:
        flight.state[REASON], flight.state[REASON_POD] = POD_DRAINED, pod
