"""An attempt meets the cluster: it finds a pod, gets a slot or a place in the queue, or ends at once."""

from __future__ import annotations

from sim.jit import rule
from sim.ledger import Ledger
from sim.outcomes import Outcome
from sim.requests.booking import note_served, pod_answered, proxy_unanswered
from sim.requests.compiled.agenda import COMPLETION, DEADLINE, push
from sim.requests.compiled.flight import BEGINS, HANGING, LOCKED, NOBODY, OPEN, OVER, PENDING, QUEUED, WORKING, Flight
from sim.requests.compiled.waits import wait_until
from sim.requests.connections import held_pod, hold
from sim.requests.long_lived import has_room, opens_at_once, slots_taken
from sim.requests.luck import attempt_luck
from sim.requests.picking import (
    POOL_NEW,
    count_outstanding,
    is_broken,
    pick_another,
    pool_of,
    pool_of_pod,
    version_of_pool,
)
from sim.requests.retrying import FIRST_TRY, MIRRORED, is_again, is_cut, own_luck, patience, policy_of
from sim.requests.rules import answer, calls_of, compute, lock_ends, service_time
from sim.rows import CLIENT, PROXY
from sim.telemetry import Telemetry
from sim.world import Answers, Columns

NO_ENDPOINT, REFUSED, REJECTED = int(Outcome.NO_ENDPOINT), int(Outcome.REFUSED), int(Outcome.REJECTED)
REFUSES, ACCEPTS = int(Answers.REFUSES), int(Answers.ACCEPTS)


@rule
def try_once(columns: Columns, ledger: Ledger, telemetry: Telemetry, flight: Flight, row: int, now: int) -> int:
    """Play an attempt's call at this instant; the row holds its request, number and luck. Its outcome, or PENDING."""
    attempts = flight.attempts
    settings, stream, nth = columns.settings, attempts.stream[row], attempts.nth[row]
    number, user, proxy = attempts.number[row], attempts.user[row], attempts.proxy[row]
    version_luck, first, second, answer_luck = attempt_luck(columns, stream, number, nth)
    attempts.called[row], attempts.doing[row] = now, OVER
    avoided, keeps = NOBODY, 0
    attempts.own_luck[row] = FIRST_TRY
    if is_again(nth):
        attempts.own_luck[row] = own_luck(columns, stream, nth, answer_luck)
        avoided = last_pod_to_avoid(columns, flight, row)
        keeps = columns.retries.keeps[policy_of_try(flight, row)]
    pod, pool = NOBODY, POOL_NEW
    if settings.remembers == 1 and nth != MIRRORED:
        pod = held_pod(columns, user, now)
    if pod != NOBODY:
        pool = pool_of_pod(columns, pod)
    elif keeps == 1:
        pool = attempts.pool[row]
    elif nth != MIRRORED:
        pool = pool_of(columns, proxy, user, version_luck)
    attempts.pool[row], attempts.pod[row] = pool, NOBODY
    if pod == NOBODY and columns.routes.listed[proxy, pool] == 0:
        attempts.version[row] = version_of_pool(pool)
        proxy_unanswered(telemetry, proxy, stream, attempts.version[row])
        return NO_ENDPOINT
    if settings.remembers == 1 and is_broken(columns, proxy, pool):
        attempts.version[row] = version_of_pool(pool)
        proxy_unanswered(telemetry, proxy, stream, attempts.version[row])
        return REJECTED

    if pod == NOBODY:
        pod = pick_another(columns, proxy, pool, stream, number, nth, user, first, second, now, avoided)
    attempts.pod[row], attempts.version[row] = pod, columns.pods.version[pod]
    return knock(columns, ledger, telemetry, flight, row, now)


@rule
def policy_of_try(flight: Flight, row: int) -> int:
    """By whose rule a retry is made: the proxy's, or the client's whose new call it begins."""
    attempts = flight.attempts
    return policy_of(attempts.stream[row], PROXY if attempts.tries[row] > 0 else CLIENT)


@rule
def last_pod_to_avoid(columns: Columns, flight: Flight, row: int) -> int:
    """The pod of the try before, which its row still names, where this one must go to another; else NOBODY."""
    if columns.retries.elsewhere[policy_of_try(flight, row)] == 1:
        return flight.attempts.pod[row]  # type: ignore[no-any-return]
    return NOBODY


@rule
def knock(columns: Columns, ledger: Ledger, telemetry: Telemetry, flight: Flight, row: int, now: int) -> int:
    """The attempt stands before its pod: its outcome at once, or PENDING, and then its client waits."""
    attempts = flight.attempts
    pod, proxy, stream, is_copy = (
        attempts.pod[row],
        attempts.proxy[row],
        attempts.stream[row],
        attempts.nth[row] == MIRRORED,
    )
    answers = columns.pods.answers[pod]
    if answers == REFUSES or (is_copy and answers != ACCEPTS):
        proxy_unanswered(telemetry, proxy, stream, attempts.version[row])
        return REFUSED
    if answers == ACCEPTS:
        if not admit(columns, flight, row):
            pod_answered(telemetry, pod, stream, REJECTED, 0)
            return REJECTED
        if is_copy:
            return PENDING
        note_served(ledger, attempts.version[row], now)
    else:
        attempts.doing[row] = HANGING
    if columns.settings.remembers == 1:
        count_outstanding(columns, proxy, attempts.pool[row], 1)
        hold(columns, attempts.user[row], pod, now)
    wait = patience(columns, pod, stream)
    if columns.streams.retry_on[stream] != 0 and is_cut(wait, now, attempts.call_ends[row]):
        push(flight, attempts.call_ends[row], DEADLINE, attempts.address[row], row)
    elif wait == columns.streams.timeout[stream]:
        if wait > 0:
            wait_until(flight, stream, now + wait, attempts.address[row], row)
    else:
        push(flight, now + wait, DEADLINE, attempts.address[row], row)
    return PENDING


@rule
def admit(columns: Columns, flight: Flight, row: int) -> bool:
    """Give the attempt a slot or a place in its pod's queue; false when both are full."""
    attempts = flight.attempts
    pods, pod = columns.pods, attempts.pod[row]
    if not has_room(columns, pod, attempts.stream[row]):
        return False
    if opens_at_once(columns, attempts.stream[row], attempts.number[row], attempts.nth[row]):
        pods.in_flight[pod] += 1
        pods.open[pod] += 1
        attempts.doing[row], flight.state[BEGINS] = OPEN, row
        return True
    if slots_taken(columns, pod) < pods.slots[pod]:
        take_slot(columns, flight, row)
        return True
    if pods.queued[pod] >= pods.queue_limit[pod]:
        return False
    attempts.doing[row], attempts.next[row] = QUEUED, NOBODY
    if pods.queued[pod] == 0:
        pods.queue_head[pod] = row
    else:
        attempts.next[pods.queue_tail[pod]] = row
    pods.queue_tail[pod] = row
    pods.queued[pod] += 1
    return True


@rule
def take_next(columns: Columns, flight: Flight, pod: int) -> None:
    """Give a free slot to the head of the pod's queue, if there is one."""
    pods = columns.pods
    if pods.queued[pod] > 0 and slots_taken(columns, pod) < pods.slots[pod]:
        head = pods.queue_head[pod]
        pods.queue_head[pod] = flight.attempts.next[head]
        pods.queued[pod] -= 1
        take_slot(columns, flight, head)


@rule
def take_slot(columns: Columns, flight: Flight, row: int) -> None:
    """The attempt has a slot; it begins its work at the end of this event."""
    columns.pods.in_flight[flight.attempts.pod[row]] += 1
    flight.attempts.doing[row], flight.state[BEGINS] = WORKING, row


@rule
def begin(columns: Columns, flight: Flight, row: int, now: int) -> None:
    """The attempt has a slot: how long it works and what will be answered is fixed now, or when a lock is released."""
    attempts = flight.attempts
    pod, stream = attempts.pod[row], attempts.stream[row]
    released = lock_ends(columns, attempts.version[row], stream)
    if released > now:
        attempts.doing[row] = LOCKED
        push(flight, released, COMPLETION, attempts.address[row], row)
        return
    compute(columns, pod, 1, now)
    attempts.calls_left[row] = calls_of(columns, attempts.version[row], stream)
    attempts.outcome[row] = answer(
        columns, pod, stream, attempts.user[row], attempts.request_luck[row], attempts.own_luck[row]
    )
    duration = service_time(columns, pod, stream, attempts.number[row], attempts.work_luck[row])
    push(flight, now + duration, COMPLETION, attempts.address[row], row)
