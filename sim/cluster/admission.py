"""A resource quota: whether one pod more may be created, and when a ReplicaSet asks again that was refused.

Kubernetes admits a pod when it is created and gives back what it took when it is gone, so that a pod which still
terminates, or waits for a node, counts. A refused ReplicaSet is put back into its controller's queue with a wait that
doubles from 5 ms to 1000 s (client-go's ``ItemExponentialFailureRateLimiter``); a change of one of its own pods lets it
ask at once. That another ReplicaSet's pods have gone it is not told: after a long wait for room, the wait goes on.
"""

from __future__ import annotations

from sim.cluster.containers import Request
from sim.scenario.resolved import UNLIMITED, Quota

FIRST_RETRY = 5 * 10**6
LONGEST_RETRY = 1000 * 10**9


class Admission:
    """What the pods that exist have taken of the quota."""

    def __init__(self, quota: Quota = UNLIMITED) -> None:
        self._quota = quota
        self._cpu = self._memory = self._pods = 0

    def admits(self, request: Request) -> bool:
        """Take a pod's request off the quota; false, and nothing taken, where it would be exceeded."""
        if self.exceeded_by(request):
            return False
        self._cpu, self._memory, self._pods = self._cpu + request.cpu, self._memory + request.memory, self._pods + 1
        return True

    def give_back(self, request: Request) -> None:
        """A pod is gone."""
        self._cpu, self._memory, self._pods = self._cpu - request.cpu, self._memory - request.memory, self._pods - 1

    def exceeded_by(self, request: Request) -> tuple[str, ...]:
        """What a pod of this request would exceed: "cpu", "memory", "pods".

        >>> Admission(Quota(cpu=500, pods=0)).exceeded_by(Request(501, 9))
        ('cpu', 'pods')
        """
        quota = self._quota
        with_it = {
            "cpu": (self._cpu + request.cpu, quota.cpu),
            "memory": (self._memory + request.memory, quota.memory),
            "pods": (self._pods + 1, quota.pods),
        }
        return tuple(what for what, (much, most) in with_it.items() if most is not None and much > most)

    @property
    def used(self) -> tuple[int, int, int]:
        """Millicores, bytes and pods taken."""
        return self._cpu, self._memory, self._pods


def retry_after(refusals: int) -> int:
    """How long a ReplicaSet waits that has been refused so many times before without a success, ns.

    >>> [retry_after(refusals) // 10**6 for refusals in (0, 1, 2, 10, 18)]
    [5, 10, 20, 5120, 1000000]
    """
    return min(FIRST_RETRY << min(refusals, 40), LONGEST_RETRY)
