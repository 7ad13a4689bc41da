"""The agenda: a binary heap of (due, order, row), where order is rank and address in one number."""

from __future__ import annotations

from sim.jit import rule
from sim.requests.compiled.flight import EVENTS, Flight
from sim.world import Rank

COMPLETION, DEADLINE, RETRY, ARRIVAL = 0, 1, 2, 3
"""Ranks of the request plane, packed: the cluster's ranks never meet these in one heap."""
assert tuple(
    Rank.COMPLETION + packed for packed in (COMPLETION, DEADLINE, RETRY, ARRIVAL)
) == (Rank.COMPLETION, Rank.DEADLINE, Rank.RETRY, Rank.ARRIVAL)
RANK_SHIFT = 58
ADDRESS_MASK = (1 << RANK_SHIFT) - 1


@rule
def push(flight: Flight, due: int, rank: int, address: int, row: int) -> None:
    """Put an event on the agenda."""
    order = (rank << RANK_SHIFT) | address
    place = flight.state[EVENTS]
    flight.state[EVENTS] = place + 1
    while place > 0:
        parent = (place - 1) >> 1
        above = flight.due[parent]
        if above < due or (above == due and flight.order[parent] < order):
            break
        flight.due[place], flight.order[place], flight.row[place] = above, flight.order[parent], flight.row[parent]
        place = parent
    flight.due[place], flight.order[place], flight.row[place] = due, order, row


@rule
def drop_first(flight: Flight) -> None:
    """Take the first event off the agenda; the caller has read it."""
    last = flight.state[EVENTS] - 1
    flight.state[EVENTS] = last
    due, order, row = flight.due[last], flight.order[last], flight.row[last]
    place = 0
    while True:
        child = 2 * place + 1
        if child >= last:
            break
        other = child + 1
        if other < last and (
            flight.due[other] < flight.due[child]
            or (flight.due[other] == flight.due[child] and flight.order[other] < flight.order[child])
        ):
            child = other
        if due < flight.due[child] or (due == flight.due[child] and order <= flight.order[child]):
            break
        flight.due[place], flight.order[place] = flight.due[child], flight.order[child]
        flight.row[place] = flight.row[child]
        place = child
    flight.due[place], flight.order[place], flight.row[place] = due, order, row
