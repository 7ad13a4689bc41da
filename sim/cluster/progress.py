"""Whether a Deployment is complete, makes progress, or has run out of time: pure functions on its status.

Source: the Deployment controller (``deployment_util.go``, ``progress.go``). Progress is any step forward from one
status to the next, so a pod that flaps between ready and unready keeps a release alive for ever.
"""

from __future__ import annotations

from typing import NamedTuple

SECOND = 10**9
NO_DEADLINE = 2**31 - 1
"""Kubernetes writes "none" as the largest int32, in seconds."""


class Status(NamedTuple):
    """What the controller counts; pods told to go are not among them."""

    replicas: int  # of both versions
    updated: int  # of the wanted version
    ready: int
    available: int


def is_complete(desired: int, status: Status) -> bool:
    """Whether all pods there are, and as many as wanted, are of the wanted version and available.

    >>> is_complete(3, Status(replicas=4, updated=3, ready=4, available=4))
    False
    """
    return status.updated == status.replicas == status.available == desired


def has_progressed(before: Status, after: Status) -> bool:
    """Whether something moved in the right direction: more updated, fewer old, more ready or more available.

    >>> has_progressed(Status(10, 4, 7, 7), Status(8, 8, 5, 5))
    True
    """
    return (
        after.updated > before.updated
        or after.replicas - after.updated < before.replicas - before.updated
        or after.ready > before.ready
        or after.available > before.available
    )


def timed_out(now: int, progressed_at: int | None, deadline: int | None, *, arrived: bool = False) -> bool:
    """Whether the last progress is longer ago than the deadline (all ns; None: no progress noted, no deadline).

    A Deployment whose last rollout has ``arrived`` never times out.
    """
    if deadline is None or progressed_at is None or arrived:
        return False
    return now > progressed_at + deadline


def looks_again_in(now: int, progressed_at: int | None, deadline: int | None) -> int | None:
    """How long until a stuck Deployment has to be looked at, ns; 0 at once, None never.

    Less than a second is not worth waiting for; the controller adds one second to what is returned here.
    """
    if deadline is None or progressed_at is None:
        return None
    left = progressed_at + deadline - now
    return left if left >= SECOND else 0


def wakes_at(progressed_at: int, deadline: int) -> int:
    """When the controller notices that nothing has moved: a second after the deadline, ns.

    >>> wakes_at(0, 600 * SECOND) // SECOND
    601
    """
    return progressed_at + deadline + SECOND
