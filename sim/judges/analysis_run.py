"""Argo Rollouts' AnalysisRun: when a measurement is taken, what it counts for, and what becomes of the run.

Source: argoproj/argo-rollouts v1.10, analysis/analysis.go, utils/evaluate/evaluate.go, utils/analysis/factory.go.
Times are nanoseconds. Two habits surprise: limits are compared strictly and over the whole run (a failure limit of 3
tolerates three failures, however far apart), and inside one metric an inconclusive end overrides a failed one and an
error overrides both, while across metrics failed is the worst.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

ERROR_RETRY = 10 * 10**9
"""After a measurement that could not be taken the next comes this much later, whatever the interval."""


class Phase(StrEnum):
    """Of a measurement, a metric or a run."""

    PENDING = "Pending"
    RUNNING = "Running"
    SUCCESSFUL = "Successful"
    FAILED = "Failed"
    ERROR = "Error"
    INCONCLUSIVE = "Inconclusive"

    @property
    def completed(self) -> bool:
        """Whether nothing more will happen."""
        return self not in {Phase.PENDING, Phase.RUNNING}

    @property
    def bad(self) -> bool:
        """Whether it is a reason to end the whole run."""
        return self in {Phase.FAILED, Phase.ERROR, Phase.INCONCLUSIVE}


SEVERITY = (Phase.SUCCESSFUL, Phase.RUNNING, Phase.PENDING, Phase.INCONCLUSIVE, Phase.ERROR, Phase.FAILED)
"""Phases across metrics, the worst last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a metric is configured with; ``failure_limit`` -1 and ``consecutive_success_limit`` 0 mean none."""

    count: int | None = None
    interval: int | None = None
    initial_delay: int = 0
    failure_limit: int = 0
    inconclusive_limit: int = 0
    consecutive_error_limit: int = 4
    consecutive_success_limit: int = 0
    dry_run: bool = False

    @property
    def effective_count(self) -> int | None:
        """How many measurements complete the metric; None: it runs until it is ended."""
        if self.count:
            return self.count
        return 1 if self.interval is None else None

    @property
    def ends_by_itself(self) -> bool:
        """Whether the metric can be complete without failing and without being ended."""
        return self.effective_count is not None or self.consecutive_success_limit > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What has been measured of a metric so far."""

    phase: Phase = Phase.PENDING
    last: Phase | None = None  # of the newest measurement, None before the first
    finished: int | None = None  # when the newest measurement finished, None while it is in flight
    resume: int | None = None  # when a measurement in flight is taken up again
    count: int = 0
    failed: int = 0
    successful: int = 0
    inconclusive: int = 0
    error: int = 0
    consecutive_error: int = 0
    consecutive_success: int = 0

    def measured(self, phase: Phase, at: int) -> Result:
        """With one more measurement; an error adds to no count but its own.

        >>> result = Result().measured(Phase.FAILED, 5).measured(Phase.ERROR, 9)
        >>> result.count, result.failed, result.error, result.consecutive_error
        (1, 1, 1, 1)
        """
        counted = phase != Phase.ERROR
        return replace(
            self,
            last=phase,
            finished=at,
            resume=None,
            count=self.count + counted,
            failed=self.failed + (phase == Phase.FAILED),
            successful=self.successful + (phase == Phase.SUCCESSFUL),
            inconclusive=self.inconclusive + (phase == Phase.INCONCLUSIVE),
            error=self.error + (not counted),
            consecutive_error=0 if counted else self.consecutive_error + 1,
            consecutive_success=self.consecutive_success + 1 if phase == Phase.SUCCESSFUL else 0,
        )


def problems(limits: Limits) -> list[str]:
    """Why the controller would refuse such a metric; empty when it would not.

    >>> problems(Limits(count=2))
    ['count above 1 needs an interval']
    """
    count, failures, successes = limits.count or 0, limits.failure_limit, limits.consecutive_success_limit
    found = []
    if 0 < count < max(failures, 0) + max(successes, 0):
        found.append("count must be at least failure_limit + consecutive_success_limit")
    if 0 < count < limits.inconclusive_limit:
        found.append("count must be at least inconclusive_limit")
    if count > 1 and limits.interval is None:
        found.append("count above 1 needs an interval")
    if count < 0:
        found.append("count must be 0 or more")
    for name in ("inconclusive_limit", "consecutive_error_limit", "consecutive_success_limit"):
        if getattr(limits, name) < 0:
            found.append(f"{name} must be 0 or more")
    if failures < -1:
        found.append("failure_limit must be 0 or more, or -1 for none")
    if failures < 0 and successes == 0:
        found.append("failure_limit -1 (none) needs a consecutive_success_limit")
    return found


def measurement_phase(success: bool | None, failure: bool | None, *, error: bool = False) -> Phase:
    """What a measurement counts for; None where a condition is not given, ``error`` where one cannot be evaluated.

    >>> str(measurement_phase(False, False)), str(measurement_phase(False, None))
    ('Inconclusive', 'Failed')
    """
    if error:
        return Phase.ERROR
    if failure:
        return Phase.FAILED
    if success or success is None:
        return Phase.SUCCESSFUL
    return Phase.FAILED if failure is None else Phase.INCONCLUSIVE


def metric_phase(limits: Limits, result: Result, *, terminating: bool) -> Phase:
    """The phase of one metric by its counters."""
    if result.phase.completed:
        return result.phase
    if result.last is None:
        return Phase.SUCCESSFUL if terminating else Phase.PENDING
    if not result.last.completed:
        return Phase.RUNNING
    otherwise = Phase.SUCCESSFUL if terminating else Phase.RUNNING
    return _broken_limit(limits, result) or _reached(limits, result) or otherwise


def _broken_limit(limits: Limits, result: Result) -> Phase | None:
    """The gravest limit gone beyond, inside one metric: error before inconclusive before failed."""
    if result.consecutive_error > limits.consecutive_error_limit:
        return Phase.ERROR
    if result.inconclusive > limits.inconclusive_limit:
        return Phase.INCONCLUSIVE
    if 0 <= limits.failure_limit < result.failed:
        return Phase.FAILED
    return None


def _reached(limits: Limits, result: Result) -> Phase | None:
    """What a metric ends as that has got as far as it was to go: enough successes in a row, or all measurements."""
    wanted, needed = limits.consecutive_success_limit, limits.effective_count
    if 0 < wanted <= result.consecutive_success:
        return Phase.SUCCESSFUL
    if needed is None or result.count < needed:
        return None
    if wanted <= 0:
        return Phase.SUCCESSFUL
    return Phase.INCONCLUSIVE if limits.failure_limit >= 0 else Phase.FAILED


def worse(current: Phase, candidate: Phase) -> bool:
    """Whether a phase is graver than another.

    >>> worse(Phase.SUCCESSFUL, Phase.ERROR), worse(Phase.FAILED, Phase.ERROR)
    (True, False)
    """
    return SEVERITY.index(candidate) > SEVERITY.index(current)


def must_end(phases: Sequence[tuple[Phase, bool]]) -> bool:
    """Whether one bad metric ends the run for all; phases come with whether they are of a dry run."""
    return any(phase.bad and not dry for phase, dry in phases)


def run_phase(metrics: Sequence[tuple[Limits, Result]], *, terminating: bool) -> tuple[Phase, tuple[Phase, ...]]:
    """The phase of the run and of each metric.

    The run is running until every metric is complete. One that is ended is what the worst of its complete metrics is,
    whatever is still in flight; without any it is successful.

    >>> waits = Limits(interval=5), Result(last=Phase.RUNNING)
    >>> str(run_phase([waits], terminating=False)[0]), str(run_phase([waits], terminating=True)[0])
    ('Running', 'Successful')
    """
    phases = tuple(metric_phase(limits, result, terminating=terminating) for limits, result in metrics)
    if not terminating and not all(phase.completed for phase in phases):
        return Phase.RUNNING, phases
    counted = [
        phase for phase, (limits, _) in zip(phases, metrics, strict=True) if phase.completed and not limits.dry_run
    ]
    return max(counted, key=SEVERITY.index, default=Phase.SUCCESSFUL), phases


def next_measurement(limits: Limits, result: Result, started: int | None) -> int | None:
    """The moment after which the controller looks again for the next measurement; None when it does not."""
    if result.phase.completed:
        return None
    if result.last is None:
        return None if started is None else started + limits.initial_delay
    if _in_flight(result):
        return result.resume
    if _counted_out(limits, result):
        return None
    wait = ERROR_RETRY if result.last == Phase.ERROR else limits.interval
    return None if wait is None or result.finished is None else result.finished + wait


def soonest_end(limits: Limits, result: Result, started: int | None) -> int | None:
    """The first moment at which the metric can be successful by itself; None where it cannot or is complete.

    >>> soonest_end(Limits(count=3, interval=60), Result(), 0)
    123
    """
    coming = next_measurement(limits, result, started)
    if coming is None or not limits.ends_by_itself:
        return None
    wanted = [] if limits.effective_count is None else [limits.effective_count - result.count]
    if limits.consecutive_success_limit > 0:
        wanted.append(limits.consecutive_success_limit - result.consecutive_success)
    return coming + 1 + (min(wanted) - 1) * ((limits.interval or 0) + 1)


def is_due(limits: Limits, result: Result, *, started: int | None, now: int, terminating: bool = False) -> bool:
    """Whether a measurement is taken, or taken up again, now.

    The first comes at its moment, the later ones strictly after theirs. Of a run that is being ended only what is in
    flight is taken up, to end it.
    """
    if result.phase.completed:
        return False
    if _in_flight(result):
        return terminating or result.resume is None or now >= result.resume
    if terminating:
        return False
    if result.last is None:
        return limits.initial_delay == 0 or (started is not None and now >= started + limits.initial_delay)
    if _counted_out(limits, result) or result.finished is None:
        return False
    wait = ERROR_RETRY if result.last == Phase.ERROR or limits.interval is None else limits.interval
    return now > result.finished + wait


def _in_flight(result: Result) -> bool:
    """Whether a measurement was begun and has not finished."""
    return result.last is not None and (not result.last.completed or result.finished is None)


def _counted_out(limits: Limits, result: Result) -> bool:
    """Whether there have been as many measurements as were wanted."""
    return limits.effective_count is not None and result.count >= limits.effective_count
