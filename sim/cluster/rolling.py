"""The arithmetic of a Kubernetes rolling update, one reconcile at a time: pure functions on counts.

Source: the Deployment controller (``rolling.go``, ``deployment_util.go``). The new fleet grows first; only a reconcile
that could not grow it looks at the old one. "Asked for" is ``spec.replicas``: pods told to go are not counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Counts(NamedTuple):
    """Both fleets as the controller counts them."""

    old: int  # asked for
    new: int
    old_available: int
    new_available: int


class Sized(NamedTuple):
    """One ReplicaSet as the controller counts it."""

    asked: int
    available: int


class Limits(NamedTuple):
    """How far the update may stray from the fleet's size."""

    replicas: int
    surge: int  # pods beyond replicas
    unavailable: int  # available pods below replicas
    rolling: bool = True  # false: Recreate, which has no bounds

    @property
    def most_unavailable(self) -> int:
        """Pods that may be missing: never more than there are to be."""
        return min(self.unavailable, self.replicas) if self.rolling else 0

    @property
    def least_available(self) -> int:
        """Pods that must stay available."""
        return self.replicas - self.most_unavailable if self.rolling else 0


def reconcile(counts: Counts, limits: Limits) -> tuple[int, int]:
    """What to ask for next of the old and the new fleet; the same numbers when there is nothing to do now.

    >>> limits = Limits(replicas=10, surge=3, unavailable=2)
    >>> reconcile(Counts(10, 0, 10, 0), limits), reconcile(Counts(10, 3, 10, 0), limits)
    ((10, 3), (8, 3))
    """
    new = grow_new(counts, limits)
    if new != counts.new:
        return counts.old, new
    return shrink_old(counts, limits), new


def reconcile_each(sets: Sequence[Sized], limits: Limits, *, terminating: int = 0) -> list[int]:
    """The same for any number of ReplicaSets, the newest last and the old ones before it, oldest first.

    ``terminating`` pods hold back the new one's growth, where pods are replaced only after their end
    (``podReplacementPolicy: TerminationComplete``, KEP-5882); otherwise they are nobody's.

    >>> reconcile_each([Sized(8, 8), Sized(5, 0), Sized(0, 0)], Limits(replicas=10, surge=3, unavailable=2))
    [8, 0, 0]
    """
    *old, new = sets
    asked = [each.asked for each in old]
    grown_to = grow_new(Counts(sum(asked) + terminating, new.asked, 0, 0), limits)
    if grown_to != new.asked:
        return [*asked, grown_to]
    return [*shrink_each(old, new, limits), new.asked]


def grow_new(counts: Counts, limits: Limits) -> int:
    """The new fleet's next size: as far as the surge allows."""
    if counts.new >= limits.replicas:
        return limits.replicas
    return grown(counts.new, counts.old + counts.new, limits)


def grown(new: int, asked: int, limits: Limits) -> int:
    """The new fleet's size when so many pods are asked for in all (``NewRSNewReplicas``).

    >>> grown(0, 10, Limits(replicas=10, surge=3, unavailable=2)), grown(5, 20, Limits(10, 3, 2))
    (3, 5)
    """
    if not limits.rolling:
        return limits.replicas
    room = limits.replicas + limits.surge - asked
    return new + min(room, limits.replicas - new) if room > 0 else new


def shrink_old(counts: Counts, limits: Limits) -> int:
    """The old fleet's next size, where there is one; see :func:`shrink_each`."""
    new = Sized(counts.new, counts.new_available)
    return shrink_each([Sized(counts.old, counts.old_available)], new, limits)[0]


def shrink_each(old: Sequence[Sized], new: Sized, limits: Limits) -> list[int]:
    """The next sizes of the old ReplicaSets, oldest first: first pods that are not available, then what can be spared.

    A release that overtakes another finds two of them: the half-done one's pods that never came up go first, then the
    available pods of the oldest. New pods that are not available yet freeze old ones.

    >>> shrink_each([Sized(8, 8), Sized(5, 0)], Sized(0, 0), Limits(replicas=10, surge=3, unavailable=2))
    [8, 0]
    """
    least = limits.least_available
    budget = sum(each.asked for each in old) + new.asked - least - (new.asked - new.available)
    if budget <= 0:
        return [each.asked for each in old]
    sizes = []
    for each in old:
        cleaned = clean_up(each.asked, each.available, budget)
        budget -= cleaned
        sizes.append(each.asked - cleaned)
    available = sum(each.available for each in old) + new.available
    for place, size in enumerate(sizes):
        spared = spare(size, available, limits)
        sizes[place], available = size - spared, available - spared
    return sizes


def clean_up(old: int, old_available: int, budget: int) -> int:
    """Old pods that are not available and may go within the budget: they cost no availability."""
    return max(0, min(budget, old - old_available))


def spare(old: int, available: int, limits: Limits) -> int:
    """Old pods that may go because enough others are available."""
    return max(0, min(old, available - limits.least_available))
