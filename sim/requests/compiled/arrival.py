"""A request arrives, from outside or from a user of a closed loop; its copy, if there is one, goes first."""

from __future__ import annotations

from sim.draws import block, uniform
from sim.jit import rule
from sim.requests.compiled.agenda import ARRIVAL, push
from sim.requests.compiled.conclusion import note_one_more, take_row
from sim.requests.compiled.flight import (
    MADE_NEXT,
    NEXT_STREAM,
    NOBODY,
    WAITING,
    Flight,
)
from sim.requests.long_lived import NOT_DRAWN, UNOPENED, is_held
from sim.requests.luck import ANSWER, UNDER_WAY, USER, WORK, attempt_luck, entity, is_under_way, request_luck
from sim.requests.parts import plays_long_streams
from sim.requests.picking import is_mirrored, proxy_of
from sim.requests.retrying import MIRRORED, earn_retries, limit_from
from sim.requests.rules import (
    REQUEST,
    USER_SHIFT,
    address,
    expect_next_arrival,
    user_arrives_at,
    user_of,
)
from sim.versions import NEVER
from sim.world import Columns


@rule
def expect_everyone(columns: Columns, flight: Flight) -> None:
    """Look forward to the first request of every stream, and of every user of the closed loops."""
    streams = columns.streams
    for stream in range(len(streams.next_at)):
        if streams.users[stream] == 0:
            expect_next_arrival(columns, stream)
        for user in range(streams.users[stream]):
            expect_user(columns, flight, stream, user << USER_SHIFT, -columns.settings.warm_up)
        if plays_long_streams(columns):
            for place in range(streams.under_way[stream]):
                expect_under_way(columns, flight, stream, UNDER_WAY + place)
    choose_next_stream(columns, flight)


@rule
def expect_user(columns: Columns, flight: Flight, stream: int, number: int, now: int) -> None:
    """A user of a closed loop, free since now, thinks about the next request."""
    arrives = user_arrives_at(columns, stream, number, now)
    if arrives == NEVER:
        return
    attempts, row = flight.attempts, take_row(flight)
    attempts.address[row], attempts.doing[row] = address(stream, number, 0), WAITING
    attempts.stream[row], attempts.number[row] = stream, number
    note_one_more(columns, flight, stream)
    push(flight, arrives, ARRIVAL, attempts.address[row], row)


@rule
def expect_under_way(columns: Columns, flight: Flight, stream: int, number: int) -> None:
    """A request that is under way when the warm-up begins finds its pod at that moment."""
    attempts, row = flight.attempts, take_row(flight)
    attempts.address[row], attempts.doing[row] = address(stream, number, 0), WAITING
    attempts.stream[row], attempts.number[row] = stream, number
    note_one_more(columns, flight, stream)
    push(flight, -columns.settings.warm_up, ARRIVAL, attempts.address[row], row)


@rule
def arrive(columns: Columns, flight: Flight, stream: int) -> int:
    """The stream's next request is here: note its luck and expect the one after. The row of its first attempt."""
    attempts, streams = flight.attempts, columns.streams
    number = streams.number[stream]
    row = take_row(flight)
    attempts.address[row] = address(stream, number, 0)
    attempts.stream[row], attempts.number[row] = stream, number
    attempts.user[row] = user_of(columns, request_luck(columns, stream, number, USER))
    attempts.work_luck[row] = request_luck(columns, stream, number, WORK)
    attempts.request_luck[row] = request_luck(columns, stream, number, ANSWER)
    note_one_more(columns, flight, stream)
    streams.number[stream] = number + 1
    expect_next_arrival(columns, stream)
    choose_next_stream(columns, flight)
    return row


@rule
def user_arrives(columns: Columns, flight: Flight, row: int) -> None:
    """A user of a closed loop has thought enough, or a request was under way before: note the luck of the request."""
    attempts, settings = flight.attempts, columns.settings
    stream, number = attempts.stream[row], attempts.number[row]
    earn_retries(columns, stream)
    words = block(settings.key_low, settings.key_high, REQUEST, entity(stream, number), 0)
    if is_under_way(columns, number):
        attempts.user[row] = user_of(columns, uniform(words[USER]))
    else:
        attempts.user[row] = number >> USER_SHIFT
        columns.streams.number[stream] += 1
    attempts.work_luck[row], attempts.request_luck[row] = uniform(words[WORK]), uniform(words[ANSWER])


@rule
def present(columns: Columns, flight: Flight, row: int, now: int) -> int:
    """The request stands before its proxy for the first time: the row of what is tried now, its copy or itself."""
    attempts = flight.attempts
    stream, number, user = attempts.stream[row], attempts.number[row], attempts.user[row]
    proxy = proxy_of(columns, number)
    attempts.nth[row], attempts.waited_for[row], attempts.arrived[row], attempts.proxy[row] = 0, 1, now, proxy
    if columns.streams.retry_on[stream] != 0:
        attempts.calls[row], attempts.tries[row] = 0, 0
        attempts.ends[row] = limit_from(columns.streams.limit[stream], now)
        attempts.call_ends[row] = min(attempts.ends[row], limit_from(columns.streams.call_limit[stream], now))
    if is_held(columns, stream):
        held = flight.connections
        held.first_try[row], held.opened[row], held.left[row] = 0, UNOPENED, NOT_DRAWN
    if columns.routes.mirror_share[proxy] == 0.0:
        return row
    version_luck = attempt_luck(columns, stream, number, 0)[0]
    if not is_mirrored(columns, proxy, user, version_luck, attempt_luck(columns, stream, number, MIRRORED)[0]):
        return row
    copied = take_row(flight)
    attempts.address[copied] = address(stream, number, MIRRORED)
    attempts.stream[copied], attempts.number[copied], attempts.nth[copied] = stream, number, MIRRORED
    attempts.waited_for[copied], attempts.proxy[copied], attempts.user[copied] = 0, proxy, user
    attempts.work_luck[copied], attempts.request_luck[copied] = attempts.work_luck[row], attempts.request_luck[row]
    flight.state[MADE_NEXT] = row
    return copied


@rule
def made_next(flight: Flight) -> int:
    """The attempt that waited for its copy to be made; NOBODY for none."""
    row = flight.state[MADE_NEXT]
    flight.state[MADE_NEXT] = NOBODY
    return row  # type: ignore[no-any-return]


@rule
def choose_next_stream(columns: Columns, flight: Flight) -> None:
    """The stream whose request comes next; the lower number on a tie, as addresses order it."""
    next_at = columns.streams.next_at
    best = 0
    for stream in range(1, len(next_at)):
        if next_at[stream] < next_at[best]:
            best = stream
    flight.state[NEXT_STREAM] = best
