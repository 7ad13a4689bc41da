"""What a prober reports after each probe: Kubernetes' rule of results in a row.

Source: the kubelet's ``prober/worker.go``. A verdict changes only after so many equal results in a row; a prober that
fails itself changes nothing. After a failed liveness or startup probe the worker holds until a new container runs.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Purpose(StrEnum):
    """What a probe is for."""

    READINESS = "readiness"
    LIVENESS = "liveness"
    STARTUP = "startup"


class Result(StrEnum):
    """What is reported of a container."""

    SUCCESS = "Success"
    FAILURE = "Failure"
    UNKNOWN = "Unknown"


_BEFORE = {
    Purpose.READINESS: Result.FAILURE,
    Purpose.LIVENESS: Result.SUCCESS,
    Purpose.STARTUP: Result.UNKNOWN,
}


class Thresholds(NamedTuple):
    """Results in a row that change the verdict."""

    failures: int = 3
    successes: int = 1

    def of(self, passed: bool) -> int:
        """How many such results in a row are believed."""
        return self.successes if passed else self.failures


class Reported(NamedTuple):
    """A prober's state: what it reports, and the run of equal results it has seen last."""

    purpose: Purpose
    result: Result
    last: bool | None = None
    run: int = 0
    on_hold: bool = False

    @property
    def good(self) -> bool:
        """Whether success is reported."""
        return self.result is Result.SUCCESS

    def after(self, passed: bool, thresholds: Thresholds, times: int = 1) -> Reported:
        """The state after so many equal results.

        >>> state = before_the_first(Purpose.READINESS).after(True, Thresholds())
        >>> [state.after(False, Thresholds(), times).result.value for times in (2, 3)]
        ['Success', 'Failure']
        """
        if self.on_hold or times == 0:
            return self
        run = times + (self.run if passed == self.last else 0)
        if run < thresholds.of(passed):
            return self._replace(last=passed, run=run)
        if not passed and self.purpose is not Purpose.READINESS:
            return Reported(self.purpose, Result.FAILURE, last=passed, run=0, on_hold=True)
        return Reported(self.purpose, Result.SUCCESS if passed else Result.FAILURE, last=passed, run=run)

    def turns_after(self, passed: bool, thresholds: Thresholds) -> int:
        """How many more such results change what is reported; 0 when they never will.

        >>> before_the_first(Purpose.READINESS).turns_after(True, Thresholds(successes=2))
        2
        """
        if self.on_hold or self.result is (Result.SUCCESS if passed else Result.FAILURE):
            return 0
        return max(1, thresholds.of(passed) - (self.run if passed == self.last else 0))


def before_the_first(purpose: Purpose) -> Reported:
    """What is reported before any probe: not ready, alive, not known to have started."""
    return Reported(purpose, _BEFORE[purpose])


def probes_until(origin: int, every: int, now: int) -> int:
    """How many probes of the grid from ``origin`` (ns, the first at origin) have fired before ``now``.

    >>> [probes_until(origin=3, every=10, now=now) for now in (3, 4, 13, 14)]
    [0, 1, 1, 2]
    """
    return max(0, -(-(now - origin) // every)) if every > 0 else 0
