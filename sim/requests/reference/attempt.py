"""What the reference engine keeps of a request and of each of its attempts."""

from __future__ import annotations

from dataclasses import dataclass

from simpy.events import Event

from sim.requests.rules import MIRRORED, address

NOBODY = -1


@dataclass(slots=True, kw_only=True, eq=False)
class Request:
    """A user's intention, with all the luck it brings."""

    stream: int
    number: int
    arrived: int
    user: int
    work_luck: float
    answer_luck: float


@dataclass(slots=True, kw_only=True, eq=False)
class Attempt:
    """One try, from the client's call to the pod's answer."""

    request: Request
    nth: int
    proxy: int
    pool: int
    version: int
    answer_luck: float
    called: int
    answered: Event
    pod: int = NOBODY
    outcome: int | None = None  # of an attempt that found no pod
    calls_left: int = 0  # to the dependency, after the work in the pod
    calling: bool = False  # a dependency works on it
    locked: bool = False  # waits in its slot for a lock
    waited_for: bool = True  # the client is still there; nobody waits for a mirrored copy
    inside: bool = True  # … the pod, in its queue or a slot

    @property
    def address(self) -> int:
        """Its name, which orders coinciding events."""
        return address(self.request.stream, self.request.number, self.nth)

    @property
    def is_copy(self) -> bool:
        """Whether it is the copy that a mirror made."""
        return self.nth == MIRRORED
