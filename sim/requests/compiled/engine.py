"""The compiled engine behind the contract: it hands the columns to the loop and makes room when the loop asks."""

from __future__ import annotations

from sim.jit import compiled
from sim.ledger import Ledger
from sim.requests.compiled.flight import NOBODY, NOW, REASON, REASON_POD, empty_flight, grown_flight
from sim.requests.compiled.loop import NO_ROOM, PLAY, RESET, SILENCE, SPARE_ROWS, run
from sim.requests.contract import Stop
from sim.world import Reason, World

FIRST_ROWS = 1024


def rows_for(users: int) -> int:
    """Room to begin with, a power of two: every user of a closed loop thinks in a row.

    >>> rows_for(0), rows_for(5000)
    (1024, 16384)
    """
    rows = FIRST_ROWS
    while rows < 2 * users + SPARE_ROWS:
        rows *= 2
    return rows


class CompiledEngine:
    """Plays requests in compiled code; see :class:`sim.requests.contract.RequestEngine`."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        self.world, self.ledger = world, ledger
        streams = world.columns.streams
        self.flight = empty_flight(rows_for(int(streams.users.sum())), len(streams), -world.columns.settings.warm_up)
        self.run = compiled(run)

    def advance(self, until: int) -> Stop:
        """Play every event before ``until``, or up to the first reason to come back."""
        ended, state = self.call(until), self.flight.state
        at, pod = int(state[NOW]), int(state[REASON_POD])
        state[REASON] = Reason.REACHED
        if ended == Reason.REACHED:
            return Stop(until, Reason.REACHED)
        if ended == Reason.FINISHED:
            return Stop(at, Reason.FINISHED)
        return Stop(at, Reason(ended), pod)

    def reset(self, pod: int, now: int) -> None:
        """Every attempt in the pod ends as lost, in the order of their addresses."""
        self.world.columns.pods.deaths[pod] += 1
        self.call(now, RESET, pod)

    def silence(self, pod: int, now: int) -> None:
        """Every attempt in the pod hangs until its client gives up."""
        self.call(now, SILENCE, pod)

    def call(self, until: int, order: int = PLAY, pod: int = NOBODY) -> int:
        """Call the kernel, with twice the room for work in flight each time it asks for more."""
        world, ended = self.world, NO_ROOM
        while ended == NO_ROOM:
            ended = self.run(world.columns, self.ledger, world.telemetry, self.flight, until, order, pod)
            if ended == NO_ROOM:
                self.flight = grown_flight(self.flight)
        return ended
