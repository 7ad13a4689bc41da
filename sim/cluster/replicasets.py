"""What a Deployment asks of its old ReplicaSets, and in which batches a ReplicaSet creates pods.

Sources: the Deployment controller (``recreate.go``, ``sync.go`` ``cleanupDeployment``) and the ReplicaSet controller
(``slowStartBatch``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

ENDED = ("Failed", "Succeeded")
LONGEST_BURST = 500
"""Pods a ReplicaSet creates in one go at most."""


def old_pods_run(replicas: Iterable[int], phases: Iterable[str]) -> bool:
    """Whether a Recreate must still wait: old pods are counted, or exist in any phase but an ended one.

    Pods on their way out are no longer counted, and are waited for.

    >>> old_pods_run([0], ["Running"]), old_pods_run([0], ["Succeeded"])
    (True, False)
    """
    return sum(replicas) > 0 or any(phase not in ENDED for phase in phases)


def forgotten(sizes: Sequence[tuple[int, int]], limit: int | None) -> list[int]:
    """Which old ReplicaSets are removed, by place; ``sizes`` are (asked for, existing), oldest first.

    Only the oldest beyond the limit are looked at, and only the empty ones of them go. None: all are kept.

    >>> forgotten([(0, 0), (0, 1), (0, 0)], limit=1)
    [0]
    """
    if limit is None:
        return []
    beyond = max(0, len(sizes) - limit)
    return [place for place, (asked, existing) in enumerate(sizes[:beyond]) if asked == existing == 0]


def slow_start(missing: int, create: Callable[[], bool]) -> int:
    """Create pods in batches of 1, 2, 4, 8 …; the first batch in which one fails is the last. How many came to be.

    A quota that is used up is so asked a few times, not hundreds of times.

    >>> room = iter([True, True, True, False, False, False, False])
    >>> slow_start(100, lambda: next(room))
    3
    """
    left, batch, made = min(missing, LONGEST_BURST), 1, 0
    while left > 0:
        size = min(batch, left)
        done = sum(create() for _ in range(size))
        made, left, batch = made + done, left - size, 2 * batch
        if done < size:
            break
    return made
