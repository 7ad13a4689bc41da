"""The arithmetic of Argo Rollouts' canary without a traffic router, one reconcile at a time: pure functions on counts.

Pods are the weight: both fleets move to the numbers that come nearest to it (:mod:`sim.replica_split`), within the
surge and what may be missing. Source: Argo Rollouts v1.10, ``utils/replicaset/canary.go``. "Asked for" is
``spec.replicas``: pods told to go are not counted.
"""

from __future__ import annotations

from sim.cluster.rolling import Limits, Sized
from sim.replica_split import Pair


def counted(side: Sized, *, as_asked: bool) -> int:
    """Pods of a fleet that count when it is asked how many may go: available ones, or all that are asked for.

    >>> counted(Sized(asked=3, available=2), as_asked=True), counted(Sized(asked=3, available=5), as_asked=False)
    (3, 3)
    """
    return side.asked if as_asked else min(side.asked, side.available)


def reconcile_split(canary: Sized, stable: Sized, target: Pair, limits: Limits, *, older: int = 0) -> Pair:
    """What to ask for next of the canary and the stable fleet; the same numbers where nothing is to do now.

    Both grow as far as the surge allows, the stable one first; then the one that is to shrink does, as far as enough
    pods stay available. Its own pods count whether they are available or not, so that a broken stable fleet cannot hold
    a canary up, nor a broken canary its own end. While ``older`` pods of another release are there nothing shrinks.

    >>> limits = Limits(replicas=10, surge=3, unavailable=2)
    >>> reconcile_split(Sized(0, 0), Sized(10, 10), Pair(2, 8), limits)
    Pair(canary=2, stable=8)
    >>> reconcile_split(Sized(2, 0), Sized(8, 8), Pair(4, 6), limits)
    Pair(canary=4, stable=8)
    """
    room = max(0, limits.replicas + limits.surge - canary.asked - stable.asked - older)
    more_stable = min(room, max(0, target.stable - stable.asked))
    more_canary = min(room - more_stable, max(0, target.canary - canary.asked))
    grown = Pair(canary.asked + more_canary, stable.asked + more_stable)
    if older > 0:
        return grown
    rises = target.canary >= canary.asked
    spare = counted(canary, as_asked=not rises) + counted(stable, as_asked=rises) - limits.least_available
    if spare <= 0:
        return grown
    if rises:
        less = grown._replace(stable=_shrunk(grown.stable, target.stable, spare))
        left, kept = _within(less.stable, stable, less.canary, canary, limits)
        return Pair(canary=kept, stable=left)
    less = grown._replace(canary=_shrunk(grown.canary, target.canary, spare))
    left, kept = _within(less.canary, canary, less.stable, stable, limits)
    return Pair(canary=left, stable=kept)


def has_arrived(canary: Sized, stable: Sized, target: Pair, *, stable_exists: int, older: int = 0) -> bool:
    """Whether the step to a weight is done: all canary pods are available, and no stable pod is too many or too few.

    Whether stable pods are available is not asked. ``older``: available pods of other releases, which get traffic too.

    >>> has_arrived(Sized(2, 2), Sized(8, 5), Pair(2, 8), stable_exists=8)
    True
    """
    return (
        canary.asked == canary.available == target.canary
        and stable.asked == stable_exists == target.stable
        and not older
    )


def _shrunk(asked: int, wanted: int, spare: int) -> int:
    return max(wanted, asked - spare) if asked > wanted else asked


def _within(drained: int, drain: Sized, kept: int, keep: Sized, limits: Limits) -> tuple[int, int]:
    """Both within the surge: first at the cost of the fleet that stays, as far as enough pods stay available."""
    most = limits.replicas + limits.surge
    trimmed = kept - max(0, kept + drained - most)
    available = min(drain.available, drained) + min(keep.available, trimmed)
    lost = max(0, keep.available - trimmed)
    kept = trimmed + min(lost, max(0, limits.least_available - available))
    return drained - max(0, kept + drained - most), kept
