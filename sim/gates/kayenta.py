"""The canary analysis of Kayenta."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from sim.allowed import measuring
from sim.gates import Judgement, PacedGate
from sim.judges.canary_score import Scored, aborts, passes, rating, score, window
from sim.judges.metric_label import Labelled, MetricRule, clean, label
from sim.quantities import Duration, Period, default
from sim.steps import Answer, Verdict
from sim.versions import NEW, STABLE

if TYPE_CHECKING:
    from sim.observation import Observation, View

_QUANTILE = re.compile(r"^p[0-9]{1,2}(\.[0-9]+)?$")

_PERCENT = measuring(0, 100, "percent")


class KayentaMetric(BaseModel):
    """One metric: what is measured, which way is worse, and how much it weighs."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    value: Annotated[str, Field(description="errors or success (percent), or a latency quantile (ms) as p95")] = (
        "errors"
    )
    direction: Literal["increase", "decrease", "either"] = default(
        "either", origin="Kayenta", trust="high", means="which change of the metric is bad"
    )
    critical: bool = default(
        False, origin="Kayenta", trust="high", means="whether a failure of this metric alone fails the judgement"
    )
    must_have_data: bool = default(
        False, origin="Kayenta", trust="high", means="whether a metric without data fails the judgement (mustHaveData)"
    )
    nans: Literal["remove", "replace"] = default(
        "remove",
        origin="Kayenta's nanStrategy",
        trust="high",
        means="whether points that are missing are removed, or replaced by 0 (nanStrategy)",
    )
    outliers: Literal["keep", "remove"] = default(
        "keep", origin="Kayenta", trust="high", means="whether outliers are kept or removed before the comparison"
    )
    outlier_factor: Annotated[float, Field(gt=0), measuring(0.001, 1_000_000, "beyond, nothing is one")] = default(
        3.0, origin="Kayenta", trust="high", means="how many times the spread a point must be away to be an outlier"
    )
    effect: Literal["mean_ratio", "cles"] = default(
        "mean_ratio",
        origin="Kayenta",
        trust="high",
        means="measure of the size of a difference: the ratio of means, or the common language effect size",
    )
    allowed_increase: Annotated[float, measuring(0, 1_000_000, "a ratio of what is measured")] | None = Field(
        default=None,
        description="effect up to which an increase is let pass; any that is significant fails if left out "
        "(allowedIncrease)",
    )
    allowed_decrease: Annotated[float, measuring(0, 1_000_000, "a ratio of what is measured")] | None = Field(
        default=None,
        description="effect up to which a decrease is let pass; any that is significant fails if left out "
        "(allowedDecrease)",
    )
    critical_increase: Annotated[float, measuring(0, 1_000_000, "a ratio of what is measured")] | None = Field(
        default=None,
        description="effect from which an increase of a critical metric fails the judgement; any if left out "
        "(criticalIncrease)",
    )
    critical_decrease: Annotated[float, measuring(0, 1_000_000, "a ratio of what is measured")] | None = Field(
        default=None,
        description="effect from which a decrease of a critical metric fails the judgement; any if left out "
        "(criticalDecrease)",
    )
    group: str = Field(default="all", description="the group whose score it belongs to")
    muted: bool = default(
        False,
        origin="Kayenta: a muted metric is judged and does not count",
        trust="high",
        means="whether the metric is judged and has no say",
    )

    @field_validator("value")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in {"success", "errors"} and not _QUANTILE.match(value):
            raise ValueError(f"{value!r} is not measured; write errors, success, or a quantile as p95")
        return value

    def rule(self, *, exact: bool) -> MetricRule:
        """How its points are judged; thresholds left out are Kayenta's (1 for ratios of means, 0.5 for cles)."""
        usual = 0.5 if self.effect == "cles" else 1.0
        thresholds = (self.allowed_decrease, self.allowed_increase, self.critical_decrease, self.critical_increase)
        low, high, very_low, very_high = (usual if each is None else each for each in thresholds)
        return MetricRule(
            direction=self.direction,
            critical=self.critical,
            must_have_data=self.must_have_data,
            nans=self.nans,
            effect=self.effect,
            allowed=(low, high),
            critical_effect=(very_low, very_high),
            exact=exact,
        )

    def point(self, seen: Observation | None, version: int) -> float:
        """The metric over one step of one version; nan without data."""
        if seen is None:
            return math.nan
        series = seen.of(version=version)
        if self.value in {"errors", "success"}:
            ratio = series.success_ratio if self.value == "success" else series.error_ratio
            return math.nan if ratio is None else 100.0 * ratio
        return series.quantile(float(self.value[1:]) / 100) / 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """What has been collected: each metric's points of the canary and of the baseline, from the start on."""

    judged: int = 0
    canary: tuple[tuple[float, ...], ...] = ()
    baseline: tuple[tuple[float, ...], ...] = ()


class Kayenta(PacedGate):
    """Kayenta's judge: each metric's points by version in a rank test, a score of labels, marginal and pass levels.

    The baseline is a group of the running version of the canary's size, which is what Kayenta asks for, or, with
    ``baseline: whole``, all of it: with unequal volumes the test compares the shapes of two differently rough series,
    and good canaries fail. A version without any errors has no error series: ``nans: replace`` reads that as 0 %.
    """

    example: ClassVar[dict[str, Any]] = {
        "kind": "kayenta",
        "metrics": {"errors": {"direction": "increase", "critical": True, "nans": "replace"}},
        "every": "10m",
        "lifetime": "30m",
    }
    kind: Literal["kayenta"] = "kayenta"
    metrics: Mapping[str, KayentaMetric] = Field(min_length=1, description="the metrics of the canary config by name")
    every: Period = default(
        "30m",
        origin="30 points of a minute; 50 and more are recommended",
        trust="medium",
        means="time between two judgements (canaryAnalysisIntervalMins)",
    )
    lifetime: Duration | None = Field(default=None, description="until the last judgement; one interval if left out")
    step: Period = default(
        "1m", origin="one point a minute", trust="high", means="time between two points of a metric's series"
    )
    begin_after: Duration = default(
        "0s",
        origin="no warm-up",
        trust="medium",
        means="how long after the start of the hold the series begin (beginCanaryAnalysisAfterMins)",
    )
    lookback: Duration | None = Field(default=None, description="judge only the newest so much; all if left out")
    baseline: Literal["whole", "fresh"] = default(
        "fresh",
        origin="as Kayenta asks for: a group of the canary's size",
        trust="medium",
        means="what the canary is compared with: the whole running fleet, or a fresh group of the canary's size",
    )
    marginal: Annotated[float, measuring(-1, 100, "a score of 100")] = default(
        75,
        origin="Kayenta's samples: at or below it, abort at once",
        trust="high",
        means="score, of 100, at or below which a judgement stops the release at once; -1: only the last one decides",
    )
    passing: Annotated[float, measuring(0, 100, "a score of 100")] = default(
        95,
        origin="Kayenta's samples: what the last judgement must reach",
        trust="high",
        means="score, of 100, that the last judgement must reach",
    )
    weights: Mapping[str, Annotated[float, _PERCENT]] = Field(default_factory=dict, description="percent by group")
    mode: Literal["faithful", "exact"] = default(
        "faithful",
        origin="bounds to an absolute 1e-4 as Kayenta; exact: by order statistics",
        trust="high",
        means="how the confidence bounds are computed: as Kayenta does, or exactly",
    )

    @model_validator(mode="after")
    def _times_fit(self) -> Kayenta:
        if self.every < self.step:
            raise ValueError("every must be at least one step")
        if self.lifetime is not None and self.lifetime < self.every:
            raise ValueError("lifetime must be at least one interval (every)")
        return self

    @model_validator(mode="after")
    def _weights_add_up(self) -> Kayenta:
        groups = dict.fromkeys(metric.group for metric in self.metrics.values())
        unknown, total = [name for name in self.weights if name not in groups], sum(self.weights.values())
        if unknown:
            raise ValueError(f"weights name {', '.join(unknown)}, no metric's group; groups: {', '.join(groups)}")
        beyond = total - 100 if len(self.weights) < len(groups) else abs(total - 100)
        if self.weights and beyond > 0.1:
            raise ValueError(f"the weights of all groups must sum to 100 (percent), not {total:g}")
        return self

    @property
    def needs_latency(self) -> bool:
        """Whether a metric is a quantile."""
        return any(metric.value.startswith("p") for metric in self.metrics.values())

    @property
    def reach(self) -> int:
        """All since the last judgement."""
        return self.every + self.begin_after

    @property
    def first_in(self) -> int:
        """After the first interval."""
        return self.begin_after + self.every

    @property
    def judgements(self) -> int:
        """How many there are in a lifetime."""
        return (self.lifetime or self.every) // self.every

    def begin(self) -> Points:
        """No points."""
        none = tuple(() for _ in self.metrics)
        return Points(canary=none, baseline=none)

    def look(self, view: View, memory: Points) -> Judgement:
        """Collect the points of one interval, and judge all in the window."""
        points = self._collected(view, memory)
        first, until = window(points.judged, interval=self.every, lookback=self.lookback)
        span = slice(max(0, first) // self.step, until // self.step)
        figures: dict[str, float] = {}
        scored, told = [], []
        for place, (name, metric) in enumerate(self.metrics.items()):
            labelled = self._labelled(metric, points.canary[place][span], points.baseline[place][span])
            _note(name, labelled, figures)
            told.append(f"{name} {labelled.label}")
            scored.append(
                Scored(label=labelled.label, groups=(metric.group,), critical=labelled.critical, muted=metric.muted)
            )
        value = figures["score"] = score(scored, self.weights)
        is_last = points.judged >= self.judgements
        stop = aborts(value, self.marginal) or (
            is_last and not passes(value, marginal=self.marginal, good=self.passing)
        )
        word = rating(value, marginal=self.marginal, good=self.passing)
        reason = f"score {value:g}, {word.lower()}: {', '.join(told)}"
        return Judgement(
            verdict=Verdict(answer=Answer.FAIL if stop else Answer.PASS, reason=reason, figures=figures),
            memory=points,
            next_in=None if is_last or stop else self.every,
            stop=stop,
            tally=f"judgement {points.judged} of {self.judgements}",
        )

    def _labelled(self, metric: KayentaMetric, canary: tuple[float, ...], baseline: tuple[float, ...]) -> Labelled:
        experiment, control = (
            clean(each, metric.nans, outliers=metric.outliers, factor=metric.outlier_factor)
            for each in (canary, baseline)
        )
        return label(experiment, control, metric.rule(exact=self.mode == "exact"))

    def _collected(self, view: View, memory: Points) -> Points:
        """With the points of the interval that has just been stored."""
        start = view.at - self.delay - self.every
        seen = [
            view.between(start + place * self.step, start + (place + 1) * self.step)
            for place in range(self.every // self.step)
        ]
        begins = range(start, start + len(seen) * self.step, self.step)
        group = [each and self._group(each, view.luck, begin) for each, begin in zip(seen, begins, strict=True)]
        return Points(
            judged=memory.judged + 1,
            canary=self._longer(memory.canary, seen, NEW),
            baseline=self._longer(memory.baseline, group, STABLE),
        )

    def _group(self, seen: Observation, luck: float, begin: int) -> Observation:
        """The window as the baseline counts it."""
        if self.baseline == "whole":
            return seen
        from sim.fresh_group import fresh_group

        return fresh_group(seen, luck, begin)

    def _longer(
        self, series: tuple[tuple[float, ...], ...], seen: list[Observation | None], version: int
    ) -> tuple[tuple[float, ...], ...]:
        return tuple(
            (*points, *(metric.point(each, version) for each in seen))
            for points, metric in zip(series, self.metrics.values(), strict=True)
        )


def _note(name: str, labelled: Labelled, figures: dict[str, float]) -> None:
    """The figures a label rests on, where there are any."""
    if not math.isnan(labelled.effect):
        figures[f"{name}: effect"] = labelled.effect
    if labelled.shift is not None:
        figures[f"{name}: shift from"], figures[f"{name}: to"] = labelled.shift.low, labelled.shift.high
