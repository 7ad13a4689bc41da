"""Retry rules: how long a client or a proxy waits before it tries again. One file each.

A retry rule is one plain function, marked as a rule and used by both engines::

    wait(columns, policy, attempt, luck) -> ns

``policy`` is the row of ``columns.retries`` that holds what the kind said in ``waits``; ``attempt`` counts from 0 and
is the try of this client, or of this proxy, that just failed; ``luck`` is a uniform of its own. Whether there is a
retry at all, by whom and after which outcomes, and what it keeps, is the same for all kinds: :class:`RetryPolicy`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, Literal

from sim.doors import Kind
from sim.outcomes import Outcome

RetryWord = Literal["connect", "reset", "503", "timeout", "error"]

OUTCOMES_OF: Mapping[str, tuple[Outcome, ...]] = {
    "connect": (Outcome.REFUSED,),
    "reset": (Outcome.LOST,),
    "503": (Outcome.REJECTED, Outcome.NO_ENDPOINT),
    "timeout": (Outcome.TIMEOUT,),
    "error": (Outcome.ERROR,),
}
"""What the words of ``on:`` mean; an error that nobody can see is never retried."""


class RetryPolicy(Kind):
    """What every retry kind says: tries after the first, and after which outcomes."""

    rule: ClassVar[Callable[..., int]]

    def tries(self) -> int:
        """Tries after the first."""
        return 0

    def outcomes(self) -> int:
        """One bit per outcome that is tried again."""
        return 0

    def budget_per_request(self) -> float:
        """Retries that each request earns for the stream, 0 for no limit."""
        return 0.0

    def is_proxy(self) -> bool:
        """Whether a proxy tries again, of which the client knows nothing; else the client itself."""
        return False

    def wait_per_try(self) -> int:
        """How long one try is waited for, ns; 0 where only the stream's timeout limits it."""
        return 0

    def draws_work_anew(self) -> bool:
        """Whether the time that a try needs is drawn anew; else it is that of the try before."""
        return True

    def keeps_version(self) -> bool:
        """Whether a try goes to the version of the one before; else it is routed by weight again."""
        return False

    def goes_elsewhere(self) -> bool:
        """Whether a try goes to another pod than the one before, where there is one."""
        return False

    def waits(self) -> tuple[int, int, float]:
        """First wait and longest wait in ns, and the share of a wait that is drawn."""
        return 0, 0, 0.0


def bits(words: tuple[str, ...]) -> int:
    """The outcomes of some words as bits.

    >>> bin(bits(("connect",)))
    '0b100000'
    """
    return sum(1 << outcome for word in words for outcome in OUTCOMES_OF[word])
