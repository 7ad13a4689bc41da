"""An attempt meets the cluster: it finds a pod, gets a slot or a place in the queue, or ends at once."""

from __future__ import annotations

from sim.draws import block, uniform
from sim.jit import rule
from sim.ledger import Ledger, Outcome
from sim.requests.booking import note_served, pod_answered, proxy_unanswered
from sim.requests.choices import PICK
from sim.requests.compiled.agenda import COMPLETION, DEADLINE, push
from sim.requests.compiled.conclusion import conclude
from sim.requests.compiled.flight import HANGING, NOBODY, QUEUED, WORKING, Flight
from sim.requests.rules import (
    ATTEMPT,
    answer,
    entity,
    hold_slot,
    patience,
    pool_of,
    service_time,
    version_of_pool,
)
from sim.telemetry import Telemetry
from sim.world import Answers, Columns

NO_ENDPOINT, REFUSED, REJECTED = int(Outcome.NO_ENDPOINT), int(Outcome.REFUSED), int(Outcome.REJECTED)
REFUSES, ACCEPTS = int(Answers.REFUSES), int(Answers.ACCEPTS)


@rule
def try_once(columns: Columns, ledger: Ledger, telemetry: Telemetry, flight: Flight, row: int, now: int) -> None:
    """Play an attempt's call at this instant; the row holds its request, number and luck."""
    settings, stream = columns.settings, flight.stream[row]
    whose = entity(stream, flight.number[row])
    words = block(settings.key_low, settings.key_high, ATTEMPT, whose, flight.nth[row])
    flight.called[row] = now
    proxy = flight.number[row] % settings.proxies
    flight.proxy[row] = proxy
    if settings.answer_per_attempt == 1:
        flight.attempt_luck[row] = uniform(words[3])
    else:
        flight.attempt_luck[row] = flight.request_luck[row]
    pool = pool_of(columns, proxy, flight.user[row], uniform(words[0]))
    if columns.routes.listed[proxy, pool] == 0:
        flight.pod[row], flight.version[row] = NOBODY, version_of_pool(pool)
        proxy_unanswered(telemetry, proxy, stream, flight.version[row])
        conclude(columns, ledger, flight, row, NO_ENDPOINT, now)
        return

    pod = PICK(settings.balancer, columns, proxy, pool, uniform(words[1]), uniform(words[2]))
    version = columns.pods.version[pod]
    flight.pod[row], flight.version[row] = pod, version
    if columns.pods.answers[pod] == REFUSES:
        proxy_unanswered(telemetry, proxy, stream, version)
        conclude(columns, ledger, flight, row, REFUSED, now)
        return

    if columns.pods.answers[pod] == ACCEPTS:
        if not admit(columns, flight, row, now):
            pod_answered(telemetry, pod, stream, REJECTED, 0)
            conclude(columns, ledger, flight, row, REJECTED, now)
            return
        note_served(ledger, version, now)
    else:
        flight.doing[row] = HANGING
    wait = patience(columns, pod, stream)
    if wait > 0:
        push(flight, now + wait, DEADLINE, flight.address[row], row)


@rule
def admit(columns: Columns, flight: Flight, row: int, now: int) -> bool:
    """Give the attempt a slot or a place in its pod's queue; false when both are full."""
    pods, pod = columns.pods, flight.pod[row]
    if pods.in_flight[pod] < pods.slots[pod]:
        begin(columns, flight, row, now)
        return True
    if pods.queued[pod] >= pods.queue_limit[pod]:
        return False
    flight.doing[row], flight.next[row] = QUEUED, NOBODY
    if pods.queued[pod] == 0:
        pods.queue_head[pod] = row
    else:
        flight.next[pods.queue_tail[pod]] = row
    pods.queue_tail[pod] = row
    pods.queued[pod] += 1
    return True


@rule
def begin(columns: Columns, flight: Flight, row: int, now: int) -> None:
    """Take a slot: how long it is held and what will be answered is fixed now."""
    pod, stream = flight.pod[row], flight.stream[row]
    hold_slot(columns, pod, 1, now)
    flight.doing[row] = WORKING
    flight.outcome[row] = answer(columns, pod, stream, flight.user[row], flight.attempt_luck[row])
    duration = service_time(columns, pod, stream, flight.work_luck[row])
    push(flight, now + duration, COMPLETION, flight.address[row], row)


@rule
def begin_next(columns: Columns, flight: Flight, pod: int, now: int) -> None:
    """Give a free slot to the head of the pod's queue, if there is one."""
    pods = columns.pods
    if pods.queued[pod] > 0 and pods.in_flight[pod] < pods.slots[pod]:
        head = pods.queue_head[pod]
        pods.queue_head[pod] = flight.next[head]
        pods.queued[pod] -= 1
        begin(columns, flight, head, now)
