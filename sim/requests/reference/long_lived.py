"""Long-lived connections, in SimPy: made, cut, made again; and what is open of long streams at the horizon."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from simpy.events import Event

from sim.clock import Clock
from sim.ledger import Ledger
from sim.outcomes import Outcome
from sim.requests.booking import book, note_attempt
from sim.requests.long_lived import note_cut, note_reconnect, pause_before, tries_again
from sim.requests.reference.attempt import NOBODY, Request
from sim.requests.reference.part import Part
from sim.requests.reference.proxies import Proxies
from sim.requests.rules import address
from sim.versions import NO_VERSION
from sim.world import Rank, World


class LongLived(Part):
    """The requests of long streams that are open."""

    proxies: Proxies

    def __init__(self, world: World, ledger: Ledger, clock: Clock) -> None:
        super().__init__(world, clock)
        self.ledger = ledger
        self.open: dict[int, Request] = {}

    def begins(self, request: Request) -> None:
        """A request of a long stream is open."""
        self.open[address(request.stream, request.number, 0)] = request

    def ends(self, request: Request) -> None:
        """Its outcome is known."""
        del self.open[address(request.stream, request.number, 0)]

    def connection(self, request: Request) -> Generator[Event, Any, None]:
        """A client makes a connection; where it is cut the client makes it again, for what was left of it."""
        nth, stream, number = 0, request.stream, request.number
        self.proxies.mirror(request)
        while True:
            if request.first_try > 0:
                note_reconnect(self.columns, self.ledger, self.now)
            outcome, version, pod = yield from self.proxies.attempt(request, nth)
            note_attempt(self.ledger, stream, version, outcome, self.now)
            was_open, tried = request.opened is not None, nth - request.first_try
            failed, waited = outcome != Outcome.SUCCEEDED, tried + int(request.first_try > 0)
            if not (failed and not was_open and tries_again(self.columns, stream, nth, tried + 1, self.now)):
                self.book(request, outcome, tried + 1, version, pod)
                if not (failed and was_open):
                    return
                note_cut(self.columns, self.ledger, stream, self.now)
                if not tries_again(self.columns, stream, nth, 0, self.now):
                    return
                request.first_try, request.arrived, request.opened, waited = nth + 1, self.now, None, 0
            pause = pause_before(self.columns, stream, number, nth, waited)
            nth += 1
            yield self.clock.at(self.now + pause, Rank.RETRY, address(stream, number, nth))

    def leave_open(self) -> None:
        """Nothing is played on: what is open is booked as such, in the order of addresses."""
        for _, request in sorted(self.open.items(), key=lambda item: item[0]):
            self.book(request, Outcome.SUCCEEDED, 0, NO_VERSION, NOBODY, at=self.columns.settings.horizon)
        self.open.clear()

    def book(self, request: Request, outcome: int, tries: int, version: int, pod: int, at: int | None = None) -> None:
        """Write down what became of a connection."""
        book(
            self.columns,
            self.ledger,
            request.stream,
            request.number,
            request.arrived,
            self.now if at is None else at,
            outcome,
            tries,
            version,
            pod,
            request.user,
        )
