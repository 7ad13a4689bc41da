"""SimPy's environment with an agenda ordered by (time, rank, entity).

SimPy itself breaks ties by the order of insertion, so that two events of one nanosecond would be ordered by accident of
construction. Here every event that waits for a moment says its rank and its entity (see :class:`sim.world.Rank`), and
SimPy's own zero-delay events (a process that starts, a condition that holds) come first at their instant: they belong
to the event that caused them.
"""

from __future__ import annotations

from collections.abc import Generator
from heapq import heappush
from itertools import count
from typing import Any, TypeAlias

import simpy
from simpy.events import Event

from sim.versions import NEVER
from sim.world import Rank

Script: TypeAlias = Generator[Event, Any, Any]


class Clock(simpy.Environment):
    """A SimPy environment in integer nanoseconds whose coinciding events are ordered by address.

    >>> clock = Clock(initial_time=0)
    >>> order = []
    >>> for entity in (2, 1):
    ...     clock.at(5, Rank.PROBE, entity).callbacks.append(lambda event: order.append(event.value))
    >>> clock.at(5, Rank.NODE, 9).callbacks.append(lambda event: order.append(event.value))
    >>> clock.run(); order
    [9, 1, 2]
    """

    def __init__(self, initial_time: int = 0) -> None:
        super().__init__(initial_time=initial_time)
        self._inserted = count()

    def schedule(self, event: Event, priority: Any = 1, delay: Any = 0) -> None:
        """Put an event on the agenda; called by SimPy itself for zero-delay events."""
        key = (Rank.INTERNAL, int(priority)) if delay == 0 else (Rank.CONTROLLER, 0)
        heappush(self._queue, (self._now + delay, key, next(self._inserted), event))  # type: ignore[misc]

    def at(self, when: int, rank: Rank, entity: int) -> Event:
        """An event that happens at a moment, in its place among those of the same moment; its value is the entity."""
        event = Event(self)
        event._ok, event._value = True, entity
        moment = max(when, int(self._now))
        heappush(self._queue, (moment, (int(rank), entity), next(self._inserted), event))  # type: ignore[misc]
        return event

    def next_at(self) -> int:
        """The time of the next event, NEVER when there is none."""
        return int(self._queue[0][0]) if self._queue else NEVER

    def next_is_internal(self) -> bool:
        """Whether SimPy still owes a zero-delay event to the instant just played."""
        return bool(self._queue) and self._queue[0][1][0] == Rank.INTERNAL  # type: ignore[index]

    def move_to(self, when: int) -> None:
        """Let the clock stand at a moment before its next event."""
        assert self._now <= when <= self.next_at(), "the clock would go backwards or skip an event"
        self._now = when
