"""Requests that outlast the warm-up, and connections that stay open: what both engines must decide alike.

A *long* stream begins in its stationary state: so many requests are under way when the warm-up begins, each with what
is left of it (see :mod:`sim.laws.equilibrium`). Those open at the horizon are not played on.

A *held* stream is one of long-lived connections (web sockets, server-sent events). Its work is the handshake, which
takes a slot; then the connection stays open without one, until its client ends it or it is cut. A client whose
connection was cut makes it again, after a wait that doubles per try, and keeps it for what was left.
"""

from __future__ import annotations

from sim.draws import Purpose, block, uniform
from sim.jit import rule
from sim.laws import value
from sim.ledger import Ledger
from sim.requests.booking import note_latency
from sim.requests.luck import entity, is_under_way
from sim.requests.parts import plays_long_streams
from sim.world import Columns

LENGTH = int(Purpose.LENGTH)
SECOND = 10**9
UNOPENED = -(2**62)
"""In place of the moment at which a connection was opened."""
NOT_DRAWN = -1
"""In place of what is left of a connection: its length is drawn when it opens."""
LAST_ATTEMPT = 62
"""An attempt's number has room for so many; see :func:`sim.requests.rules.address`."""
LOOP_SHIFT = 24
"""See ``USER_SHIFT`` in :mod:`sim.requests.rules`."""


@rule
def is_long(columns: Columns, stream: int) -> bool:
    """Whether requests of the stream that are open at the horizon are not played on."""
    return plays_long_streams(columns) and columns.streams.long[stream] == 1


@rule
def is_held(columns: Columns, stream: int) -> bool:
    """Whether the stream's requests are connections that stay open."""
    return plays_long_streams(columns) and columns.streams.held[stream] == 1


@rule
def has_been_going_on(columns: Columns, stream: int, number: int) -> bool:
    """Whether a request has been going on since before the warm-up; in a closed loop the first of each user has."""
    if columns.streams.users[stream] > 0:
        return number & ((1 << LOOP_SHIFT) - 1) == 0
    return is_under_way(columns, number)


@rule
def work_law_of(columns: Columns, stream: int, number: int) -> int:
    """The law of a request's work; of a long one that is under way at first, of what is left of it."""
    if is_long(columns, stream) and not is_held(columns, stream) and has_been_going_on(columns, stream, number):
        return columns.streams.rest_law[stream]  # type: ignore[no-any-return]
    return columns.streams.work_law[stream]  # type: ignore[no-any-return]


@rule
def opens_at_once(columns: Columns, stream: int, number: int, nth: int) -> bool:
    """Whether an attempt is a connection that has been open since before the warm-up."""
    return nth == 0 and is_under_way(columns, number) and is_held(columns, stream)


@rule
def has_room(columns: Columns, pod: int, stream: int) -> bool:
    """Whether the pod may hold one more connection; those that are being made count, too."""
    most = columns.settings.most_open
    return not is_held(columns, stream) or most == 0 or columns.pods.in_flight[pod] + columns.pods.queued[pod] < most


@rule
def slots_taken(columns: Columns, pod: int) -> int:
    """How many of a pod's slots are in use: an open connection takes none."""
    pods = columns.pods
    if plays_long_streams(columns):
        return pods.in_flight[pod] - pods.open[pod]  # type: ignore[no-any-return]
    return pods.in_flight[pod]  # type: ignore[no-any-return]


@rule
def length_of(columns: Columns, stream: int, number: int) -> int:
    """How long a connection is to last from now on, ns."""
    settings, streams = columns.settings, columns.streams
    law = streams.rest_law[stream] if is_under_way(columns, number) else streams.length_law[stream]
    words = block(settings.key_low, settings.key_high, LENGTH, entity(stream, number), 0)
    return int(value(columns.laws, law, uniform(words[0])) + 0.5)


@rule
def tries_again(columns: Columns, stream: int, nth: int, tried: int, now: int) -> bool:
    """Whether a client goes on trying to connect after so many tries of which the last was its ``nth`` attempt."""
    if now >= columns.settings.horizon or nth >= LAST_ATTEMPT:
        return False
    return tried <= columns.streams.reconnect_tries[stream]  # type: ignore[no-any-return]


@rule
def pause_before(columns: Columns, stream: int, number: int, nth: int, waited: int) -> int:
    """The wait before a connection is made again, ns: doubled per wait up to the cap, of which the jitter is drawn."""
    settings, streams = columns.settings, columns.streams
    pause, longest = streams.reconnect_wait[stream], streams.reconnect_cap[stream]
    for _ in range(waited):
        if pause >= longest:
            break
        pause = pause * 2
    pause = min(pause, longest)
    words = block(settings.key_low, settings.key_high, LENGTH, entity(stream, number), nth)
    jitter = streams.reconnect_jitter[stream]
    return int(pause * (1.0 - jitter + jitter * uniform(words[1])) + 0.5)


@rule
def note_reconnect(columns: Columns, ledger: Ledger, now: int) -> None:
    """A client tries to make its connection again."""
    if 0 <= now < columns.settings.horizon:
        ledger.reconnects[min(now // SECOND, len(ledger.reconnects) - 1)] += 1


@rule
def note_cut(columns: Columns, ledger: Ledger, stream: int, now: int) -> None:
    """A connection was cut."""
    if 0 <= now < columns.settings.horizon:
        ledger.cut[stream] += 1


@rule
def note_open(
    columns: Columns, ledger: Ledger, stream: int, version: int, arrived: int, first_try: int, now: int
) -> None:
    """A connection is open; one that is not its client's first was made again."""
    if 0 <= now < columns.settings.horizon:
        note_latency(columns, ledger, now // columns.settings.window, stream, version, now - arrived)
        if first_try > 0:
            ledger.made_again[stream] += 1
