"""The agenda: a binary heap of (due, order, row), where order is rank and address in one number."""

from __future__ import annotations

from sim.jit import rule
from sim.requests.compiled.flight import EVENTS, Flight
from sim.world import Rank

COMPLETION, DEADLINE, RETRY, ARRIVAL = 0, 1, 2, 3
"""Ranks of the request plane, packed: the cluster's ranks never meet these in one heap."""
assert tuple(Rank.COMPLETION + packed for packed in (COMPLETION, DEADLINE, RETRY, ARRIVAL)) == (
    Rank.COMPLETION,
    Rank.DEADLINE,
    Rank.RETRY,
    Rank.ARRIVAL,
)
RANK_SHIFT = 58
ADDRESS_MASK = (1 << RANK_SHIFT) - 1


@rule
def push(flight: Flight, due: int, rank: int, address: int, row: int) -> None:
    """Put an event on the agenda."""
    order = (rank << RANK_SHIFT) | address
    agenda, place = flight.agenda, flight.state[EVENTS]
    flight.state[EVENTS] = place + 1
    while place > 0:
        parent = (place - 1) >> 1
        above = agenda.due[parent]
        if above < due or (above == due and agenda.order[parent] < order):
            break
        agenda.due[place], agenda.order[place], agenda.row[place] = above, agenda.order[parent], agenda.row[parent]
        place = parent
    agenda.due[place], agenda.order[place], agenda.row[place] = due, order, row


@rule
def drop_first(flight: Flight) -> None:
    """Take the first event off the agenda; the caller has read it."""
    agenda, last = flight.agenda, flight.state[EVENTS] - 1
    flight.state[EVENTS] = last
    due, order, row = agenda.due[last], agenda.order[last], agenda.row[last]
    place = 0
    while True:
        child = 2 * place + 1
        if child >= last:
            break
        other = child + 1
        if other < last and (
            agenda.due[other] < agenda.due[child]
            or (agenda.due[other] == agenda.due[child] and agenda.order[other] < agenda.order[child])
        ):
            child = other
        if due < agenda.due[child] or (due == agenda.due[child] and order <= agenda.order[child]):
            break
        agenda.due[place], agenda.order[place] = agenda.due[child], agenda.order[child]
        agenda.row[place] = agenda.row[child]
        place = child
    agenda.due[place], agenda.order[place], agenda.row[place] = due, order, row
