"""A request arrives."""

from __future__ import annotations

from sim.jit import rule
from sim.requests.compiled.conclusion import take_row
from sim.requests.compiled.flight import NEXT_STREAM, OPEN_REQUESTS, Flight
from sim.requests.luck import ANSWER, USER, WORK, request_luck
from sim.requests.rules import address, expect_next_arrival, user_of
from sim.world import Columns


@rule
def arrive(columns: Columns, flight: Flight, stream: int, now: int) -> int:
    """The stream's next request is here: note its luck and expect the one after. The row of its first attempt."""
    attempts = flight.attempts
    streams = columns.streams
    number = streams.number[stream]
    row = take_row(flight)
    attempts.address[row] = address(stream, number, 0)
    attempts.stream[row], attempts.number[row], attempts.nth[row] = stream, number, 0
    attempts.arrived[row], attempts.waited_for[row] = now, 1
    attempts.user[row] = user_of(columns, request_luck(columns, stream, number, USER))
    attempts.work_luck[row] = request_luck(columns, stream, number, WORK)
    attempts.request_luck[row] = request_luck(columns, stream, number, ANSWER)
    flight.state[OPEN_REQUESTS] += 1
    streams.number[stream] = number + 1
    expect_next_arrival(columns, stream)
    choose_next_stream(columns, flight)
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
