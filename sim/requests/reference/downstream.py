"""Dependencies, in SimPy: so many calls are worked on at once, the others wait in line."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from typing import Any

from simpy.events import Event

from sim.clock import Clock
from sim.requests.reference.attempt import Attempt
from sim.requests.reference.part import Part
from sim.requests.rules import call_time
from sim.world import Rank, World


class Downstream(Part):
    """The dependencies and who waits in line for each, with the event that lets the call begin."""

    def __init__(self, world: World, clock: Clock) -> None:
        super().__init__(world, clock)
        self.lines: list[deque[tuple[Attempt, Event]]] = [deque() for _ in world.columns.dependencies]

    def call(self, attempt: Attempt) -> Generator[Event, Any, None]:
        """A call to the stream's dependency: wait in line for one of its slots, then for its work."""
        request = attempt.request
        which = int(self.columns.streams.dependency[request.stream])
        dependencies, line = self.columns.dependencies, self.lines[which]
        if dependencies.busy[which] < dependencies.slots[which]:
            dependencies.busy[which] += 1
        else:
            dependencies.waiting[which] += 1
            begins = self.clock.event()
            line.append((attempt, begins))
            yield begins
        if attempt.inside:
            duration = call_time(
                self.columns, request.stream, request.number, attempt.nth, attempt.calls_left, self.now
            )
            yield self.clock.at(self.now + duration, Rank.COMPLETION, attempt.address)

    def hang_up(self, attempt: Attempt) -> None:
        """The attempt's call is over, or given up, in the dependency or in line; the next in line begins."""
        which = int(self.columns.streams.dependency[attempt.request.stream])
        dependencies, line = self.columns.dependencies, self.lines[which]
        for waiting in line:
            if waiting[0] is attempt:
                line.remove(waiting)
                dependencies.waiting[which] -= 1
                return
        dependencies.busy[which] -= 1
        if line:
            dependencies.waiting[which] -= 1
            dependencies.busy[which] += 1
            line.popleft()[1].succeed()
