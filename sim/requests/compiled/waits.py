"""Clients that wait: one queue of deadlines per stream, the earliest first.

All attempts of a stream wait equally long, so their deadlines come in the order of their calls and need no heap. Most
attempts are answered in time; their entries are stale when they reach the head and are dropped there.
"""

from __future__ import annotations

from sim.jit import rule
from sim.requests.compiled.flight import EARLIEST_DUE, EARLIEST_STREAM, WAITS_FULL, Flight
from sim.versions import NEVER


@rule
def wait_until(flight: Flight, stream: int, due: int, address: int, row: int) -> None:
    """Note when the client of an attempt will leave; calls of one instant are put in the order of their addresses."""
    waits, mask = flight.waits, flight.waits.shape[1] - 1
    place = flight.past_wait[stream]
    flight.past_wait[stream] = place + 1
    while place > flight.first_wait[stream]:
        before = (place - 1) & mask
        if waits.due[stream, before] < due or waits.address[stream, before] < address:
            break
        here = place & mask
        waits.due[stream, here], waits.address[stream, here] = waits.due[stream, before], waits.address[stream, before]
        waits.row[stream, here] = waits.row[stream, before]
        place -= 1
    here = place & mask
    waits.due[stream, here], waits.address[stream, here], waits.row[stream, here] = due, address, row
    earliest, which = flight.state[EARLIEST_DUE], flight.state[EARLIEST_STREAM]
    if due < earliest or (due == earliest and stream < which):
        flight.state[EARLIEST_DUE], flight.state[EARLIEST_STREAM] = due, stream
    if flight.past_wait[stream] - flight.first_wait[stream] + 2 > mask:
        flight.state[WAITS_FULL] = 1


@rule
def drop_answered(flight: Flight, stream: int) -> None:
    """Drop the entries at a queue's head whose attempts are over, and find the earliest deadline of all streams."""
    waits, mask = flight.waits, flight.waits.shape[1] - 1
    while flight.first_wait[stream] < flight.past_wait[stream]:
        here = flight.first_wait[stream] & mask
        if flight.attempts.address[waits.row[stream, here]] == waits.address[stream, here]:
            break
        flight.first_wait[stream] += 1
    find_earliest(flight)


@rule
def find_earliest(flight: Flight) -> None:
    """Note the earliest deadline at the heads of all queues; the lower stream on a tie, as addresses order it."""
    waits, mask = flight.waits, flight.waits.shape[1] - 1
    earliest, which = NEVER, 0
    for stream in range(len(flight.first_wait)):
        first = flight.first_wait[stream]
        if first < flight.past_wait[stream] and waits.due[stream, first & mask] < earliest:
            earliest, which = waits.due[stream, first & mask], stream
    flight.state[EARLIEST_DUE], flight.state[EARLIEST_STREAM] = earliest, which


@rule
def earliest_address(flight: Flight) -> int:
    """The address of the attempt whose client leaves first; there is one."""
    stream = flight.state[EARLIEST_STREAM]
    place = flight.first_wait[stream] & (flight.waits.shape[1] - 1)
    return flight.waits.address[stream, place]  # type: ignore[no-any-return]


@rule
def take_earliest(flight: Flight) -> int:
    """Take the earliest entry off its queue; the attempt's row, or -1 when it was answered in time."""
    stream = flight.state[EARLIEST_STREAM]
    place = flight.first_wait[stream] & (flight.waits.shape[1] - 1)
    row, address = flight.waits.row[stream, place], flight.waits.address[stream, place]
    flight.first_wait[stream] += 1
    drop_answered(flight, stream)
    return row if flight.attempts.address[row] == address else -1
