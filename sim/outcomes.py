"""What can become of an attempt, and so of the request whose last attempt it was."""

from __future__ import annotations

from enum import IntEnum


class Outcome(IntEnum):
    """One of these, and only one."""

    SUCCEEDED = 0
    ERROR = 1  # a bad answer that telemetry can see
    UNSEEN_ERROR = 2  # a bad answer sent as if it were good
    REJECTED = 3  # 503: the pod's queue was full
    NO_ENDPOINT = 4  # 503: the proxy knew no pod
    REFUSED = 5  # connection refused: the pod no longer, or not yet, listens
    LOST = 6  # connection reset: the pod died with the request in it
    TIMEOUT = 7  # the client stopped waiting


OPEN = len(Outcome)
"""In place of an outcome: the request, of a stream of long ones, was still open at the horizon."""
OUTCOMES = len(Outcome)
FAILURES = tuple(outcome for outcome in Outcome if outcome is not Outcome.SUCCEEDED)
