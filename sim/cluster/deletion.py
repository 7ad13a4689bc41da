"""Which pod a shrinking ReplicaSet deletes first.

Source: the ReplicaSet controller (``ActivePodsWithRanks``): without a node before with one; pending, unknown, running;
not ready before ready; the lower deletion cost; more of its kind on the node; ready for a shorter time; more restarts;
younger. Times are compared by the power of two of their length, so that old pods are all alike; among those the UID
decides, which is as good as a die.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cmp_to_key
from math import log2
from typing import NamedTuple

_PHASES = {"Pending": 0, "Unknown": 1, "Running": 2}


class Candidate(NamedTuple):
    """What is looked at; moments in ns, None where nothing is known of them."""

    assigned: bool
    phase: str  # "Pending", "Unknown" or "Running"
    ready: bool
    cost: int = 0
    doubled: int = 0  # pods of its kind on its node
    ready_since: int | None = None
    restarts: int = 0
    created_at: int | None = None
    uid: int = 0


def deletion_order(candidates: Iterable[Candidate], now: int) -> list[Candidate]:
    """The candidates in the order in which they go.

    >>> pods = [Candidate(True, "Running", True, uid=1), Candidate(True, "Running", False, uid=2)]
    >>> [pod.uid for pod in deletion_order(pods, now=0)]
    [2, 1]
    """

    def before(one: Candidate, other: Candidate) -> int:
        return compare(one, other, now)

    return sorted(candidates, key=cmp_to_key(before))


def compare(one: Candidate, other: Candidate, now: int) -> int:
    """Below 0 when the first goes before the second, above 0 when after, 0 when nothing tells them apart."""
    mine, others = _before_times(one), _before_times(other)
    if mine != others:
        return -1 if mine < others else 1
    if one.ready and other.ready and one.ready_since != other.ready_since:
        return _shorter_first(one.ready_since, other.ready_since, now) or _by_uid(one, other)
    if one.restarts != other.restarts:
        return other.restarts - one.restarts
    if one.created_at != other.created_at:
        return _shorter_first(one.created_at, other.created_at, now) or _by_uid(one, other)
    return 0


def _before_times(pod: Candidate) -> tuple[bool, int, bool, int, int]:
    return (pod.assigned, _PHASES[pod.phase], pod.ready, pod.cost, -pod.doubled)


def _shorter_first(one: int | None, other: int | None, now: int) -> int:
    """Unknown before known, then the shorter time since, by powers of two of nanoseconds."""
    if one is None or other is None:
        return -1 if one is None else 1
    return _magnitude(now - one) - _magnitude(now - other)


def _magnitude(length: int) -> int:
    return int(log2(length)) if length > 0 else -1


def _by_uid(one: Candidate, other: Candidate) -> int:
    return (one.uid > other.uid) - (one.uid < other.uid)
