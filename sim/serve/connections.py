"""How many connections stand open, and how long one may take to say what it wants.

A connection that says nothing, or says it a byte at a time, costs a descriptor for as long as it stands. So a request
must have come in full so many seconds after the connection was made or the answer before it ended; where too many stand
open, the one that has kept us waiting longest is cut. Answers are bounded too: nobody reads one for ten minutes.
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol

MOST_OPEN = 256
PATIENCE = 10.0
"""Seconds for a request to come in full."""
LONGEST = 600.0
"""Seconds for a request and its answer."""


class Bounded(H11Protocol):  # type: ignore[misc, unused-ignore]
    """uvicorn's protocol for one connection, with an end to waiting."""

    most_open: ClassVar[int] = MOST_OPEN
    patience: ClassVar[float] = PATIENCE

    def connection_made(self, transport: Any) -> None:
        """Take it, and make room for it."""
        super().connection_made(transport)
        self._begun, self._served = self.loop.time(), self.cycle
        self._look_again()
        if len(self.connections) > self.most_open:
            waiting = [each for each in self.connections if isinstance(each, Bounded) and each.is_waiting()]
            min(waiting, key=lambda each: each.waits_since(), default=self).transport.abort()

    def is_waiting(self) -> bool:
        """Whether there is nothing to do until more of a request comes."""
        said_all = self.cycle is not None and not (self.cycle.response_complete or self.cycle.more_body)
        return not (said_all or self.transport.is_closing())

    def waits_since(self) -> float:
        """When the present request began to be waited for, by the loop's clock."""
        return self._begun

    def _look_again(self) -> None:
        self._timer: asyncio.TimerHandle = self.loop.call_later(self.patience / 10, self._look)

    def _look(self) -> None:
        if self.transport.is_closing():
            return
        if self.cycle is not self._served:  # another request has begun since
            self._served, self._begun = self.cycle, self.loop.time()
        most = self.patience if self.is_waiting() else LONGEST
        if self.loop.time() - self._begun > most:
            self.transport.abort()
        else:
            self._look_again()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop looking."""
        self._timer.cancel()
        super().connection_lost(exc)
