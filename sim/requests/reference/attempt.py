"""What the reference engine keeps of a request and of each of its attempts."""

from __future__ import annotations

from dataclasses import dataclass

from simpy.events import Event

from sim.requests.retrying import MIRRORED
from sim.requests.rules import address
from sim.versions import NEVER

NOBODY = -1


@dataclass(slots=True, kw_only=True, eq=False)
class Request:
    """A user's intention, with all the luck it brings, and how often and how long it is tried."""

    stream: int
    number: int
    arrived: int
    user: int
    work_luck: float  # of the next attempt
    answer_luck: float
    calls: int = 0  # that the client has made again
    tries: int = 0  # that the proxy has made again in this call
    call_ends: int = NEVER  # when the client's call is over
    ends: int = NEVER  # when the client's patience with the whole request is over
    last_pool: int = NOBODY
    last_pod: int = NOBODY
    first_try: int = 0  # of a connection: the attempt's number when it was made, or made again
    opened: int | None = None  # ns at which the connection was opened
    left: int | None = None  # ns for which it is to be open; None before it is drawn


@dataclass(slots=True, kw_only=True, eq=False)
class Attempt:
    """One try, from the client's call to the pod's answer."""

    request: Request
    nth: int
    proxy: int
    pool: int
    version: int
    work_luck: float
    own_luck: float  # of its answer, where retries have one
    called: int
    answered: Event
    pod: int = NOBODY
    outcome: int | None = None  # of an attempt that found no pod
    calls_left: int = 0  # to the dependency, after the work in the pod
    calling: bool = False  # a dependency works on it
    locked: bool = False  # waits in its slot for a lock
    waited_for: bool = True  # the client is still there; nobody waits for a mirrored copy
    is_open: bool = False  # a connection after its handshake, which takes no slot
    inside: bool = True  # … the pod, in its queue or a slot

    @property
    def address(self) -> int:
        """Its name, which orders coinciding events."""
        return address(self.request.stream, self.request.number, self.nth)

    @property
    def is_copy(self) -> bool:
        """Whether it is the copy that a mirror made."""
        return self.nth == MIRRORED
