"""Exponential back-off as Kubernetes' client-go keeps it: CrashLoopBackOff and ImagePullBackOff are made of it.

Source: client-go's ``flowcontrol.Backoff`` and the kubelet's ``doBackOff``. The wait doubles with every event up to a
longest one, and is forgotten when an event comes later than a while after the last update. No jitter.
"""

from __future__ import annotations

from typing import NamedTuple

SECOND = 10**9
FIRST_WAIT = 10 * SECOND
LONGEST_WAIT = 300 * SECOND
FORGOTTEN_AFTER = 2 * LONGEST_WAIT


class Pace(NamedTuple):
    """How fast waits grow; all ns. Without ``forgotten``, twice the longest wait (client-go's rule)."""

    first: int = FIRST_WAIT
    longest: int = LONGEST_WAIT
    forgotten: int = FORGOTTEN_AFTER

    @classmethod
    def of(cls, first: int, longest: int) -> Pace:
        """client-go's: forgotten after twice the longest wait."""
        return cls(first, longest, 2 * longest)


KUBELET = Pace()
"""10 s, 20 s, 40 s … 300 s; forgotten after ten minutes."""


class BackOff(NamedTuple):
    """What is remembered of one thing that failed."""

    wait: int = 0  # ns; 0: nothing is remembered
    updated_at: int = 0

    def has_expired(self, event: int, pace: Pace) -> bool:
        """Whether an event at a moment comes so late that the past is forgotten."""
        return event - self.updated_at > pace.forgotten

    def holds_since_update(self, now: int, pace: Pace) -> bool:
        """Whether one must still wait, counting from the last update (image pulls count so)."""
        return self.wait > 0 and not self.has_expired(now, pace) and now - self.updated_at < self.wait

    def holds_since(self, event: int, now: int, pace: Pace) -> bool:
        """Whether one must still wait, counting from an event (restarts count from the crash)."""
        return self.wait > 0 and not self.has_expired(event, pace) and now - event < self.wait

    def free_at(self, event: int, pace: Pace) -> int:
        """The first moment at which ``holds_since`` the event is false, ns."""
        return event + self.wait if self.holds_since(event, event, pace) else event

    def following(self, event: int, now: int, pace: Pace) -> BackOff:
        """What to remember once an event of some moment is dealt with now.

        >>> BackOff().following(0, 0, KUBELET).following(5, 5, KUBELET).wait // SECOND
        20
        """
        if self.wait == 0 or self.has_expired(event, pace):
            return BackOff(pace.first, now)
        return BackOff(min(2 * self.wait, pace.longest), now)

    def later(self, by: int) -> BackOff:
        """The same, remembered so much later: what was free to go on was looked at only then."""
        return self._replace(updated_at=self.updated_at + by)


NOTHING_KNOWN = BackOff()


def between_attempts(failed: int) -> int:
    """How long the scheduler leaves a pod alone that it could not place so many times, ns: 1 s, doubling up to 10 s.

    Room that appears meanwhile lets it try when that time is over. The scheduler's ``podInitialBackoffSeconds`` and
    ``podMaxBackoffSeconds``.

    >>> [between_attempts(failed) // SECOND for failed in (1, 2, 3, 4, 5, 99)]
    [1, 2, 4, 8, 10, 10]
    """
    return min(SECOND << min(failed - 1, 10), 10 * SECOND)


def after_crash(known: BackOff, crashed_at: int, pace: Pace = KUBELET) -> tuple[int, BackOff]:
    """How long to wait after a crash, ns, and what to remember: the first restart is immediate.

    >>> after_crash(NOTHING_KNOWN, 5)
    (0, BackOff(wait=10000000000, updated_at=5))
    """
    restart = known.free_at(crashed_at, pace)
    return restart - crashed_at, known.following(crashed_at, restart, pace)
