"""CrashLoopBackOff: how long a crashed container waits for its restart.

Kubernetes' rule (kubelet ``doBackOff`` with client-go's ``flowcontrol.Backoff``): the first restart is immediate, the
next waits are 10 s, 20 s, 40 s … at most 300 s, counted from the crash. A crash more than 600 s after the last restart
starts the row anew. No jitter.
"""

from __future__ import annotations

from typing import NamedTuple

SECOND = 10**9
FIRST_WAIT = 10 * SECOND
LONGEST_WAIT = 300 * SECOND
FORGOTTEN_AFTER = 2 * LONGEST_WAIT


class BackOff(NamedTuple):
    """What is remembered of the last restart."""

    wait: int = 0  # of the next crash, ns; 0: nothing is remembered
    restarted_at: int = 0


NOTHING_KNOWN = BackOff()


def after_crash(known: BackOff, crashed_at: int) -> tuple[int, BackOff]:
    """How long to wait after a crash, ns, and what to remember.

    >>> after_crash(BackOff(), 5)
    (0, BackOff(wait=10000000000, restarted_at=5))
    """
    if known.wait == 0 or crashed_at - known.restarted_at > FORGOTTEN_AFTER:
        return 0, BackOff(FIRST_WAIT, crashed_at)
    return known.wait, BackOff(min(2 * known.wait, LONGEST_WAIT), crashed_at + known.wait)
