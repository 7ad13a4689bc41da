"""How many pods of each version come nearest to a weight, where pods are the weight.

Source: Argo Rollouts v1.10, ``utils/replicaset/canary.go``, for a canary without a traffic router.
"""

from __future__ import annotations

from typing import NamedTuple

EVEN = 1e-9
"""Shares nearer to each other than this are the same."""


class Pair(NamedTuple):
    """Pods of both versions."""

    canary: int
    stable: int


def nearest_split(replicas: int, share: float, surge: int) -> Pair:
    """The pods of both versions whose ratio is nearest to a share of the traffic.

    Of so many pods, or of one more where there is a surge; the larger canary of two that are as near, and one that is
    nothing or everything only where that was asked for (or where there is a single pod and no surge). As there: without
    a surge, a share half a pod below everything (95 % of 10) leaves nothing to choose from, and no pod is new.

    >>> nearest_split(10, 0.24, surge=1), nearest_split(10, 0.15, surge=0), nearest_split(3, 0.1, surge=1)
    (Pair(canary=3, stable=8), Pair(canary=2, stable=8), Pair(canary=1, stable=3))
    >>> nearest_split(10, 0.95, surge=0), nearest_split(10, 0.95, surge=1)
    (Pair(canary=0, stable=10), Pair(canary=10, stable=1))
    """
    if share <= 0.0 or share >= 1.0 or not replicas:
        return Pair(replicas, 0) if share >= 1.0 else Pair(0, replicas)
    exact = share * replicas
    lower = int(exact + EVEN)
    upper = lower if exact - lower < EVEN else lower + 1
    sizes = (upper,) if abs(exact - lower - 0.5) < EVEN else (upper, lower)
    totals = (replicas, replicas + 1) if surge > 0 else (replicas,)
    ends_allowed = replicas == 1 and surge == 0
    found = [Pair(size, total - size) for total in totals for size in sizes]
    allowed = [each for each in found if ends_allowed or (each.canary > 0 and each.stable > 0)]
    nearest = min(allowed, key=lambda each: round(abs(each.canary / sum(each) - share), 12), default=None)
    return nearest or Pair(0, replicas)
