"""Who asks for a look: one is made at a time, the same one once for all who ask, and none that nobody waits for.

A browser that moves a knob hangs up on its earlier question; that is how the latest wins.
"""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from sim.errors import UsageError
from sim.serve.player import Stop

MOST_WAITING = 16
REMEMBERED = 64
LISTEN = 0.1
"""Seconds between two looks at whether who asked is still there."""


class GoneError(Exception):
    """Who asked has hung up."""


@dataclass(slots=True)
class _Ticket:
    future: Future[Any]
    unwanted: threading.Event
    waiting: int = field(default=0)


class Desk:
    """One for a server. Answers are remembered by what was asked."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="look")
        self._tickets: dict[Hashable, _Ticket] = {}
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()

    async def answer(self, key: Hashable, make: Callable[[Stop], Any], is_gone: Callable[[], Awaitable[bool]]) -> Any:
        """What ``make`` gives, from a thread of its own.

        Raises :class:`GoneError` when who asked has hung up, UsageError when too many wait, and what ``make`` raises.
        """
        if key in self._answers:
            self._answers.move_to_end(key)
            return self._answers[key]
        ticket = self._ticket(key, make)
        ticket.waiting += 1
        try:
            await self._wait(ticket, is_gone)
        finally:
            ticket.waiting -= 1
            if not ticket.waiting:
                ticket.unwanted.set()
                ticket.future.cancel()
                if self._tickets.get(key) is ticket:
                    del self._tickets[key]
        self._answers[key] = ticket.future.result()
        while len(self._answers) > REMEMBERED:
            self._answers.popitem(last=False)
        return self._answers[key]

    def close(self) -> None:
        """Drop all that waits."""
        for ticket in self._tickets.values():
            ticket.unwanted.set()
        self._thread.shutdown(wait=True, cancel_futures=True)

    def later(self, work: Callable[[], Any]) -> None:
        """Have something done in the thread, for nobody."""
        self._thread.submit(work)

    def _ticket(self, key: Hashable, make: Callable[[Stop], Any]) -> _Ticket:
        if key not in self._tickets:
            if len(self._tickets) >= MOST_WAITING:
                raise UsageError("too many people are asking at once; try again in a moment")
            unwanted = threading.Event()
            self._tickets[key] = _Ticket(self._thread.submit(make, unwanted.is_set), unwanted)
        return self._tickets[key]

    async def _wait(self, ticket: _Ticket, is_gone: Callable[[], Awaitable[bool]]) -> None:
        """Until there is an answer, or nobody to give it to."""
        wrapped = asyncio.wrap_future(ticket.future)
        wrapped.add_done_callback(lambda done: done.cancelled() or done.exception())  # somebody may have hung up
        while not wrapped.done():
            await asyncio.wait([wrapped], timeout=LISTEN)
            if not wrapped.done() and await is_gone():
                raise GoneError
