"""How an outcome is written down: in the ledger for truth, in telemetry for those who judge. Used by both engines."""

from __future__ import annotations

from sim.jit import rule
from sim.ledger import Ledger, latency_bucket
from sim.outcomes import OPEN, Outcome
from sim.requests.parts import plays_long_streams
from sim.telemetry import Telemetry, seen_bucket
from sim.versions import NEVER, NO_VERSION
from sim.world import Columns

NO_POD = -1
SUCCEEDED, ERROR, REJECTED = int(Outcome.SUCCEEDED), int(Outcome.ERROR), int(Outcome.REJECTED)


@rule
def book(
    columns: Columns,
    ledger: Ledger,
    stream: int,
    number: int,
    arrived: int,
    finished: int,
    outcome: int,
    attempts: int,
    version: int,
    pod: int,
    user: int,
) -> None:
    """Write a request's one outcome, at its intended arrival; what ended in the warm-up counts only in the digest.

    A request that was under way at t = 0 counts in the window in which it ends, and once more in a block of its own.
    """
    if plays_long_streams(columns) and columns.streams.long[stream] == 1:
        book_long(columns, ledger, stream, number, arrived, finished, outcome, attempts, version, pod, user)
        return
    note_row(columns, ledger, stream, number, arrived, finished, outcome, attempts, version, pod, user)
    window = arrived // columns.settings.window
    if arrived < 0:
        if finished < 0:
            return
        window = min(finished // columns.settings.window, len(ledger.requests) - 1)
        ledger.in_flight[window, stream, version, outcome] += 1
    ledger.requests[window, stream, version, outcome] += 1
    if outcome == SUCCEEDED:
        note_latency(columns, ledger, window, stream, version, finished - arrived)
    else:
        ledger.users_hit[user] = 1


@rule
def book_long(
    columns: Columns,
    ledger: Ledger,
    stream: int,
    number: int,
    arrived: int,
    finished: int,
    outcome: int,
    attempts: int,
    version: int,
    pod: int,
    user: int,
) -> None:
    """A request of a long stream counts in the window in which it ends; at the horizon it is open, which is all.

    The latency of a long-lived connection was noted when it opened.
    """
    settings = columns.settings
    if finished >= settings.horizon:
        note_row(columns, ledger, stream, number, arrived, settings.horizon, OPEN, 0, NO_VERSION, NO_POD, user)
        ledger.open_at_end[stream] += 1
        return
    note_row(columns, ledger, stream, number, arrived, finished, outcome, attempts, version, pod, user)
    if finished < 0:
        return
    window = min(finished // settings.window, len(ledger.requests) - 1)
    if arrived < 0:
        ledger.in_flight[window, stream, version, outcome] += 1
    ledger.requests[window, stream, version, outcome] += 1
    if outcome != SUCCEEDED:
        ledger.users_hit[user] = 1
    elif columns.streams.held[stream] == 0:
        note_latency(columns, ledger, window, stream, version, finished - arrived)


@rule
def note_row(
    columns: Columns,
    ledger: Ledger,
    stream: int,
    number: int,
    arrived: int,
    finished: int,
    outcome: int,
    attempts: int,
    version: int,
    pod: int,
    user: int,
) -> None:
    """Add an outcome to the digest, and a row to the record where one is kept."""
    ledger.digest[0] = digest(ledger.digest[0], stream, number, finished, outcome, attempts, version, pod)
    if columns.settings.records == 1 and ledger.finished[0] < len(ledger.record):
        row = ledger.record[ledger.finished[0]]
        row[0], row[1], row[2], row[3], row[4] = stream, number, arrived, finished, outcome
        row[5], row[6], row[7], row[8] = attempts, version, pod, user
    ledger.finished[0] += 1


@rule
def note_latency(columns: Columns, ledger: Ledger, window: int, stream: int, version: int, latency: int) -> None:
    """A success took so long: of a long-lived connection, until it was open."""
    ledger.latency[stream, version, latency_bucket(latency)] += 1
    objective = columns.streams.objective[stream]
    if objective > 0 and latency > objective:
        ledger.slow[window, stream, version] += 1


@rule
def digest(
    last: int, stream: int, number: int, finished: int, outcome: int, attempts: int, version: int, pod: int
) -> int:
    """The rolling digest after one more outcome; depends on the order of outcomes too.

    Multiply-and-rotate on 64 bits that wrap; Python's own integers are brought back to 63 bits by hand.
    """
    for field in (number, finished, (stream << 24) | (outcome << 16) | (attempts << 8) | version, pod):
        mixed = (last ^ field) & 0x7FFFFFFF
        last = ((last >> 31) ^ (mixed * 0x5851F42D) ^ (field >> 17)) & 0x3FFFFFFFFFFFFFFF
        last = ((last << 13) ^ (last >> 7)) & 0x3FFFFFFFFFFFFFFF
    return last


@rule
def note_served(ledger: Ledger, version: int, now: int) -> None:
    """An attempt was given to a pod of the version."""
    if now >= 0:
        ledger.served[version] += 1
        if ledger.first_served[version] == NEVER:
            ledger.first_served[version] = now


@rule
def note_attempt(ledger: Ledger, stream: int, version: int, outcome: int, now: int) -> None:
    """An attempt ended for its client."""
    if now >= 0:
        ledger.attempts[stream, version, outcome] += 1


@rule
def pod_answered(telemetry: Telemetry, pod: int, stream: int, outcome: int, duration: int) -> None:
    """A pod sees itself answer a client that still waits; an unseen error looks like a success."""
    telemetry.answered[pod, stream] += 1
    telemetry.latency[pod, stream, seen_bucket(duration)] += 1
    if outcome in (ERROR, REJECTED):
        telemetry.errors[pod, stream] += 1


@rule
def proxy_unanswered(telemetry: Telemetry, proxy: int, stream: int, version: int) -> None:
    """A proxy sees an attempt end without any pod's answer: no endpoint, refused, reset, or given up by the client."""
    telemetry.unanswered[proxy, stream, version] += 1
