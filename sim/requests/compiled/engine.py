"""The compiled engine behind the contract: it hands the columns to the loop and makes room when the loop asks."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.jit import compiled
from sim.ledger import Ledger
from sim.requests.compiled.flight import (
    EMPTIED,
    NOBODY,
    NOW,
    OPEN_LONG,
    QUEUED,
    REASON,
    REASON_POD,
    empty_flight,
    grown_flight,
)
from sim.requests.compiled.held import leave_open
from sim.requests.compiled.loop import NO_ROOM, PLAY, RESET, SILENCE, SPARE_ROWS, run
from sim.requests.contract import Stop
from sim.requests.parts import unused
from sim.requests.retrying import MIRRORED
from sim.rows import Ints
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
        settings, streams = world.columns.settings, world.columns.streams
        self.flight = empty_flight(
            rows_for(int(streams.users.sum() + streams.under_way.sum())),
            len(streams),
            -settings.warm_up,
            long_lived=settings.long_lived == 1,
        )
        self.run = compiled(run, without=unused(settings))

    def advance(self, until: int) -> Stop:
        """Play every event before ``until``, or up to the first reason to come back."""
        ended, state = self.call(until), self.flight.state
        at, pod = int(state[NOW]), int(state[REASON_POD])
        state[REASON] = Reason.REACHED
        if ended == Reason.REACHED:
            return Stop(until, Reason.REACHED)
        if ended == Reason.FINISHED:
            self.leave_open()
            return Stop(at, Reason.FINISHED)
        return Stop(at, Reason(ended), pod)

    def reset(self, pod: int, now: int) -> None:
        """Every attempt in the pod ends as lost, in the order of their addresses."""
        self.world.columns.pods.deaths[pod] += 1
        self.empty(now, RESET, pod)

    def silence(self, pod: int, now: int) -> None:
        """Every attempt in the pod hangs until its client gives up."""
        self.empty(now, SILENCE, pod)

    def empty(self, now: int, order: int, pod: int) -> None:
        """Every attempt in the pod is lost at once, or waits in vain."""
        if len(self.flight.connections) > 1:
            self.line_up(pod)
        self.call(now, order, pod)

    def leave_open(self) -> None:
        """What is open of long streams at the end is booked as such, in the order of addresses."""
        attempts, streams = self.flight.attempts, self.world.columns.streams
        if self.flight.state[OPEN_LONG] > 0:
            waited_for = (attempts.address != NOBODY) & (attempts.waited_for == 1) & (attempts.nth != MIRRORED)
            rows = self.by_address(waited_for & (streams.long[attempts.stream] == 1))
            compiled(leave_open)(self.world.columns, self.ledger, self.flight, rows)

    def by_address(self, chosen: Any) -> Ints:
        """The rows of the attempts that are chosen, in the order of their addresses."""
        rows = np.flatnonzero(chosen)
        return rows[np.argsort(self.flight.attempts.address[rows])]

    def line_up(self, pod: int) -> None:
        """Note the rows of the attempts in a pod, which may be thousands, in the order of their addresses."""
        state, attempts, lined_up = self.flight.state, self.flight.attempts, self.flight.connections.inside
        rows = self.by_address((attempts.doing >= QUEUED) & (attempts.pod == pod))
        lined_up[: len(rows)], lined_up[len(rows) :], state[EMPTIED] = rows, NOBODY, 0

    def call(self, until: int, order: int = PLAY, pod: int = NOBODY) -> int:
        """Call the kernel, with twice the room for work in flight each time it asks for more."""
        world, ended = self.world, NO_ROOM
        while ended == NO_ROOM:
            ended = self.run(world.columns, self.ledger, self.flight, world.telemetry, until, order, pod)
            if ended == NO_ROOM:
                self.flight = grown_flight(self.flight)
        return ended
