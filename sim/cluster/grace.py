"""How long a container is given to exit, from the start of its preStop to SIGKILL: the kubelet's rule.

Source: the kubelet's ``killContainer``. preStop runs inside the grace, and two seconds are left whatever it took.
"""

from __future__ import annotations

from enum import StrEnum

SECOND = 10**9
LEAST = 2 * SECOND
"""The kubelet's minimum, ns."""


class Kill(StrEnum):
    """Why a container is stopped while its pod stays, or that its pod is deleted."""

    DELETED = "deleted"
    LIVENESS = "liveness"
    STARTUP = "startup"
    OTHER = "unknown"


def grace_of(why: Kill, pod: int | None, *, liveness: int | None = None, startup: int | None = None) -> int:
    """The grace of a kill, ns: a probe's own when that probe is the reason, else the pod's; never below two seconds.

    >>> grace_of(Kill.LIVENESS, 60 * SECOND, liveness=10 * SECOND) // SECOND
    10
    """
    own = {Kill.LIVENESS: liveness, Kill.STARTUP: startup}.get(why)
    if pod is None:
        return LEAST
    return max(LEAST, own if own is not None else pod)


def after_pre_stop(grace: int, pre_stop: int) -> int:
    """What is left between SIGTERM and SIGKILL when preStop took so long (it is cut off at the grace), ns.

    >>> after_pre_stop(30 * SECOND, 5 * SECOND) // SECOND, after_pre_stop(30 * SECOND, 60 * SECOND) // SECOND
    (25, 2)
    """
    return max(LEAST, grace - min(pre_stop, grace))
