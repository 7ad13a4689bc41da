"""The compiled engine behind the contract: it hands the columns to the loop and makes room when the loop asks."""

from __future__ import annotations

from sim.jit import compiled
from sim.ledger import Ledger
from sim.requests.compiled.flight import DRAINED, NOBODY, NOW, empty_flight, grown_flight
from sim.requests.compiled.loop import FINISHED, NO_ROOM, POD_DRAINED, run
from sim.requests.contract import Stop
from sim.world import Reason, World

FIRST_ROWS = 1024


class CompiledEngine:
    """Plays requests in compiled code; see :class:`sim.requests.contract.RequestEngine`."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        self.world, self.ledger = world, ledger
        self.flight = empty_flight(FIRST_ROWS, len(world.columns.streams), -world.columns.settings.warm_up)
        self.run = compiled(run)

    def advance(self, until: int) -> Stop:
        """Play every event before ``until``, or up to the first reason to come back."""
        ended = self.call(until, NOBODY)
        state = self.flight.state
        if ended == POD_DRAINED:
            pod = int(state[DRAINED])
            state[DRAINED] = NOBODY
            return Stop(int(state[NOW]), Reason.POD_DRAINED, pod)
        if ended == FINISHED:
            return Stop(int(state[NOW]), Reason.FINISHED)
        return Stop(until, Reason.REACHED)

    def reset(self, pod: int, now: int) -> None:
        """Every attempt in the pod ends as lost, in the order of their addresses."""
        self.call(now, pod)

    def call(self, until: int, dying: int) -> int:
        """Call the kernel, with twice the room for work in flight each time it asks for more."""
        world, ended = self.world, NO_ROOM
        while ended == NO_ROOM:
            ended = self.run(world.columns, self.ledger, world.telemetry, self.flight, until, dying)
            if ended == NO_ROOM:
                self.flight = grown_flight(self.flight)
        return ended
