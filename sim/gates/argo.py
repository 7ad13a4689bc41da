"""An AnalysisRun of Argo Rollouts."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from sim import units
from sim.allowed import FAILURES_LET_PASS, MEASUREMENTS, counting
from sim.gates import Gate, Judgement
from sim.judges.analysis_run import (
    ERROR_RETRY,
    Limits,
    Phase,
    Result,
    is_due,
    measurement_phase,
    metric_phase,
    must_end,
    next_measurement,
    problems,
    run_phase,
    soonest_end,
)
from sim.judges.bound import Bound
from sim.judges.condition import holds, parts
from sim.quantities import Duration, Period, default
from sim.steps import Answer, Verdict
from sim.versions import NEVER, NEW

if TYPE_CHECKING:
    from sim.observation import Observation, Series, View

_QUANTILE = re.compile(r"^p[0-9]{1,2}(\.[0-9]+)?$")


class ArgoMetric(BaseModel):
    """One metric of an AnalysisTemplate: what is asked, when it is good or bad, how much is let pass."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    value: Annotated[
        str,
        Field(
            description="success (rate of good answers / rate of all), errors (bad / all; empty while there were none),"
            " or a latency quantile as p95"
        ),
    ] = "success"
    success_condition: str | None = Field(
        default=None, description="as 'result >= 99%': a measurement that meets it is successful (successCondition)"
    )
    failure_condition: str | None = Field(
        default=None, description="as 'result < 95%': a measurement that meets it has failed (failureCondition)"
    )
    no_data: Literal["error", "nan", "success"] = default(
        "error",
        origin="indexing an empty result is an evaluation error",
        trust="high",
        means="what a query without an answer is: an evaluation error, not a number, or a success",
    )
    interval: Period | None = Field(
        default=None, description="time between two measurements; measured once if left out"
    )
    count: Annotated[int, counting(1, 1_000_000, "each is a measurement that is played")] | None = Field(
        default=None, description="how many measurements are taken; without end if left out and interval is given"
    )
    initial_delay: Duration = default(
        "0s", origin="Argo Rollouts", trust="high", means="how long the first measurement waits (initialDelay)"
    )
    failure_limit: Annotated[int, FAILURES_LET_PASS] = default(
        0,
        origin="Argo Rollouts",
        trust="high",
        means="failed measurements that are let pass; one more fails the run (failureLimit)",
    )
    inconclusive_limit: Annotated[int, FAILURES_LET_PASS] = default(
        0,
        origin="Argo Rollouts",
        trust="high",
        means="inconclusive measurements that are let pass; one more pauses the rollout (inconclusiveLimit)",
    )
    consecutive_error_limit: Annotated[int, MEASUREMENTS] = default(
        4,
        origin="Argo Rollouts",
        trust="high",
        means="evaluation errors in a row that are let pass; one more ends the run with an error "
        "(consecutiveErrorLimit)",
    )
    consecutive_success_limit: Annotated[int, MEASUREMENTS] = default(
        0,
        origin="Argo Rollouts: none",
        trust="high",
        means="successes in a row that end the metric well; 0 asks for none (consecutiveSuccessLimit)",
    )
    dry_run: bool = default(
        False, origin="Argo Rollouts", trust="high", means="whether the metric is measured and has no say (dryRun)"
    )

    @field_validator("value")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in {"success", "errors"} and not _QUANTILE.match(value):
            raise ValueError(f"{value!r} is not measured; write success, errors, or a quantile as p95")
        return value

    @model_validator(mode="after")
    def _is_valid(self) -> ArgoMetric:
        for condition in (self.success_condition, self.failure_condition):
            if condition is not None:
                parts(condition)
        found = problems(self.limits)
        if found:
            raise ValueError("; ".join(found))
        return self

    @property
    def limits(self) -> Limits:
        """The part of the metric the controller counts by."""
        return Limits(
            count=self.count,
            interval=self.interval,
            initial_delay=self.initial_delay,
            failure_limit=self.failure_limit,
            inconclusive_limit=self.inconclusive_limit,
            consecutive_error_limit=self.consecutive_error_limit,
            consecutive_success_limit=self.consecutive_success_limit,
            dry_run=self.dry_run,
        )

    @property
    def counts_failures(self) -> bool:
        """Whether nothing but failed measurements, and enough of them, ends it badly."""
        return not self.dry_run and self.failure_limit >= 0 and self.consecutive_success_limit <= 0

    @property
    def passes(self) -> float | tuple[float, int] | None:
        """The least share of good answers that does not fail, or a share of answers and the ns that they may take.

        None where its conditions are no such bound.
        """
        failure = self.failure_condition is not None
        condition = self.failure_condition if failure else self.success_condition
        if condition is None:
            return None
        sign, bound = parts(condition)
        fails_below = (sign in ("<", "<=")) if failure else (sign in (">", ">="))
        fails_above = (sign in (">", ">=")) if failure else (sign in ("<", "<="))
        if self.value == "success":
            return bound if fails_below else None
        if not fails_above:
            return None
        return 1.0 - bound if self.value == "errors" else (float(self.value[1:]) / 100, round(bound))

    def measure(self, seen: Observation | None, *, version: int | None) -> tuple[Phase, float]:
        """The phase of a measurement on a window, and the value it rests on."""
        value = None if seen is None else self._value(seen.of(version=version))
        if value is None and self.no_data != "nan":
            return (Phase.ERROR if self.no_data == "error" else Phase.SUCCESSFUL), math.nan
        shown = math.nan if value is None else value
        return measurement_phase(*(each and holds(each, shown) for each in self._conditions)), shown

    def _value(self, series: Series) -> float | None:
        """What the query gives; None where it is empty, nan for 0 / 0."""
        if self.value in {"success", "errors"}:
            return series.success_ratio if self.value == "success" else series.error_ratio
        quantile = series.quantile(float(self.value[1:]) / 100)
        return None if math.isnan(quantile) and not (series.good or series.bad) else quantile

    @property
    def _conditions(self) -> tuple[Any, Any]:
        return self.success_condition, self.failure_condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What an AnalysisRun has come to: when it started and each metric's results."""

    started: int | None = None
    results: tuple[Result, ...] = ()


class Argo(Gate):
    """An AnalysisRun of Argo Rollouts: measurements with conditions, and limits that count over the whole run.

    The release is aborted when the run fails or errs. A run that ends inconclusive pauses the rollout until a person
    resumes it, and then a new run begins. A run at each hold is as an analysis step: where all its metrics end by
    themselves (they have a ``count``, or are asked once), the hold lasts until the run has ended, even if the strategy
    says less, or nothing (``hold: 0s``). Any other run still going when its hold ends is successful: what Argo makes of
    a run that is ended before its verdict.
    """

    example: ClassVar[dict[str, Any]] = {
        "kind": "argo",
        "metrics": {
            "success-rate": {"success_condition": "result >= 99%", "interval": "1m", "failure_limit": 3},
        },
        "window": "5m",
    }
    kind: Literal["argo"] = "argo"
    metrics: Mapping[str, ArgoMetric] = Field(
        min_length=1, description="the metrics of the AnalysisTemplate by name; one that fails aborts the rollout"
    )
    window: Period = default(
        "1m",
        origin="the range in the query, as rate(…[1m])",
        trust="low",
        means="how far back each query looks, as rate(…[1m])",
    )
    per: Literal["version", "service"] = default(
        "version",
        origin="queries name the canary's pods",
        trust="medium",
        means="whose series is judged: the new version's alone, the whole service's, or each stream's",
    )
    run: Literal["step", "background"] = default(
        "step",
        origin="a run of its own at each hold, which waits for it; background: one for all",
        trust="medium",
        means="step: an analysis at each hold, which waits for it; background: one over the whole rollout",
    )
    pause_limit: Duration | None = Field(
        default=None, description="paused for so long, the release is taken back; Argo Rollouts waits for ever"
    )

    @property
    def bounds(self) -> tuple[Bound, ...]:
        """Those of its metrics whose conditions are plain bounds; one that ends well early, or has no say, has none."""
        found = [(metric, metric.passes) for metric in self.metrics.values()]
        return tuple(
            Bound(
                window=self.window,
                every=metric.interval or self.window,
                stops_at=metric.failure_limit + 1,
                success=None if isinstance(passes, tuple) else passes,
                slowest=passes if isinstance(passes, tuple) else None,
                most=metric.limits.effective_count,
                anew=self.run == "step",
                lasts=self.least_hold,
                per=self.per,
            )
            for metric, passes in found
            if passes is not None and metric.counts_failures
        )

    @property
    def goes_on(self) -> bool:
        """A background run does."""
        return self.run == "background"

    @property
    def needs_latency(self) -> bool:
        """Whether a metric is a quantile."""
        return any(metric.value.startswith("p") for metric in self.metrics.values())

    @property
    def reach(self) -> int:
        """The range of the queries."""
        return self.window

    @property
    def first_in(self) -> int:
        """The shortest initial delay: without one, the very beginning."""
        return min(metric.initial_delay for metric in self.metrics.values())

    def first_verdict(self, data: int) -> int:
        """The first measurement that counts; one that cannot be taken is tried again every ten seconds."""
        return min(_counts_at(metric, data) for metric in self.metrics.values())

    def first_stop(self, data: int) -> int:
        """The first measurement beyond a failure limit."""
        return min(
            _counts_at(metric, data) + max(0, metric.failure_limit) * (metric.interval or 0)
            for metric in self.metrics.values()
        )

    @property
    def least_hold(self) -> int:
        """Until the run of a hold can be successful at the soonest."""
        return self._until_the_end(self.begin().results, 0, 0)

    def _until_the_end(self, results: tuple[Result, ...], started: int, now: int) -> int:
        """How long the hold lasts at least from now on; 0 where it does not wait for its run."""
        if self.run == "background" or not all(metric.limits.ends_by_itself for metric in self.metrics.values()):
            return 0
        pairs = zip(self.metrics.values(), results, strict=True)
        ends = [soonest_end(metric.limits, result, started) for metric, result in pairs]
        return max((end - now for end in ends if end is not None), default=0)

    def begin(self) -> Run:
        """Nothing measured."""
        return Run(results=tuple(Result() for _ in self.metrics))

    def look(self, view: View, memory: Run) -> Judgement:
        """Take the measurements that are due, and see what the run has become."""
        started = view.at - self.first_in if memory.started is None else memory.started
        seen = view.window(self.window)
        figures, told, results = dict[str, float](), list[str](), list[Result]()
        measured = False
        for (name, metric), result in zip(self.metrics.items(), memory.results, strict=True):
            after = result
            if is_due(metric.limits, result, started=started, now=view.at):
                phase, value = metric.measure(seen, version=NEW if self.per == "version" else None)
                after, measured = result.measured(phase, view.at), measured or phase != Phase.ERROR
                figures[f"{name}: {metric.value}"] = value
                told.append(f"{name} {_shown(metric, value)} {phase.lower()}, {after.failed} failed so far")
            results.append(replace(after, phase=metric_phase(metric.limits, after, terminating=False)))
        run = Run(started=started, results=tuple(results))
        return replace(self._judgement(run, view.at, figures, "; ".join(told) or "nothing due"), measured=measured)

    def _judgement(self, run: Run, now: int, figures: dict[str, float], told: str) -> Judgement:
        metrics = [(metric.limits, result) for metric, result in zip(self.metrics.values(), run.results, strict=True)]
        ending = must_end([(result.phase, limits.dry_run) for limits, result in metrics])
        phase, _ = run_phase(metrics, terminating=ending)
        answers = {Phase.SUCCESSFUL: Answer.PASS, Phase.INCONCLUSIVE: Answer.INCONCLUSIVE, Phase.RUNNING: Answer.WAIT}
        moments = [next_measurement(limits, result, run.started) for limits, result in metrics]
        due = [moment for moment in moments if moment is not None]
        return Judgement(
            verdict=Verdict(
                answer=answers.get(phase, Answer.FAIL), reason=f"run {phase.lower()}: {told}", figures=figures
            ),
            memory=run,
            next_in=None if phase.completed or not due else max(1, min(due) + 1 - now),
            stop=phase in {Phase.FAILED, Phase.ERROR},
            at_least=0 if phase.completed else self._until_the_end(run.results, run.started or 0, now),
            pause=phase == Phase.INCONCLUSIVE,
            pause_limit=NEVER if self.pause_limit is None else self.pause_limit,
        )


def _counts_at(metric: ArgoMetric, data: int) -> int:
    """When a metric's first measurement with data falls, ns after the run began."""
    wait = ERROR_RETRY if metric.no_data == "error" or metric.interval is None else metric.interval
    return metric.initial_delay + max(0, -(-(data - metric.initial_delay) // wait)) * wait


def _shown(metric: ArgoMetric, value: float) -> str:
    if math.isnan(value):
        return "no data"
    return units.show_share(value) if metric.value in {"success", "errors"} else f"{value / 1e6:.4g} ms"
