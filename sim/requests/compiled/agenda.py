"""The agenda: a binary heap of (due, order, row), where order is rank and address in one number."""

from __future__ import annotations

from sim.jit import rule
from sim.requests.compiled.flight import EVENTS, Flight
from sim.world import Rank

COMPLETION, DEADLINE, RETRY, RETURN, ARRIVAL = 0, 1, 2, 3, 4
"""Ranks of the request plane, packed: the cluster's ranks never meet these in one heap."""
assert tuple(Rank.COMPLETION + packed for packed in (COMPLETION, DEADLINE, RETRY, RETURN, ARRIVAL)) == (
    Rank.COMPLETION,
    Rank.DEADLINE,
    Rank.RETRY,
    Rank.RETURN,
    Rank.ARRIVAL,
)
RANK_SHIFT = 58
ADDRESS_MASK = (1 << RANK_SHIFT) - 1


@rule
def push(flight: Flight, due: int, rank: int, address: int, row: int) -> None:
    """Put an event on the agenda."""
    place = flight.state[EVENTS]
    flight.state[EVENTS] = place + 1
    rise(flight, place, due, (rank << RANK_SHIFT) | address, row)


@rule
def drop_first(flight: Flight) -> None:
    """Take the first event off the agenda; the caller has read it.

    The hole sinks to a leaf along the smaller children, then the last event rises from there (I. Wegener, "Bottom-up
    heapsort", TCS 118, 1993): the last event nearly always belongs near the bottom, so this compares half as often.
    """
    agenda, last = flight.agenda, flight.state[EVENTS] - 1
    flight.state[EVENTS] = last
    place = 0
    child = 1
    while child < last:
        other = child + 1
        if other < last and (
            agenda.due[other] < agenda.due[child]
            or (agenda.due[other] == agenda.due[child] and agenda.order[other] < agenda.order[child])
        ):
            child = other
        agenda.due[place], agenda.order[place] = agenda.due[child], agenda.order[child]
        agenda.row[place] = agenda.row[child]
        place = child
        child = 2 * place + 1
    rise(flight, place, agenda.due[last], agenda.order[last], agenda.row[last])


@rule
def rise(flight: Flight, place: int, due: int, order: int, row: int) -> None:
    """Put an event into a hole of the heap, or above it where it is due earlier."""
    agenda = flight.agenda
    while place > 0:
        parent = (place - 1) >> 1
        above = agenda.due[parent]
        if above < due or (above == due and agenda.order[parent] < order):
            break
        agenda.due[place], agenda.order[place], agenda.row[place] = above, agenda.order[parent], agenda.row[parent]
        place = parent
    agenda.due[place], agenda.order[place], agenda.row[place] = due, order, row
