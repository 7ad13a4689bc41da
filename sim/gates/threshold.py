"""The gate most people have: a success ratio and a latency quantile against fixed bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sim.allowed import counting
from sim.gates import WindowGate
from sim.judges.bound import Bound
from sim.quantities import Duration, Share, default
from sim.steps import Answer, Verdict
from sim.units import show_duration, show_share
from sim.versions import NEW

if TYPE_CHECKING:
    from sim.observation import Observation, Series


class LatencyBound(BaseModel):
    """A latency quantile and the bound it must stay below."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    quantile: Annotated[Share, Field(description="share of answers, as 95%")]
    below: Annotated[Duration, Field(description="the quantile must be below this")]


class Threshold(WindowGate):
    """Fails when the success ratio is below, or a latency quantile not below, a fixed bound."""

    example: ClassVar[dict[str, Any]] = {
        "kind": "threshold",
        "per": "stream",
        "success": "99%",
        "latency": {"quantile": "95%", "below": "1s"},
        "fails": 3,
    }
    kind: Literal["threshold"] = "threshold"
    per: Literal["service", "version", "stream"] = default(
        "version",
        origin="the new version by itself, as progressive-delivery controllers are set up",
        trust="medium",
        means="whose series is judged: the new version's alone, the whole service's, or each stream's",
    )
    success: Share | None = Field(default=None, description="lowest success ratio that passes")
    latency: LatencyBound | None = Field(default=None, description="a quantile and its bound")
    min_requests: Annotated[int, Field(ge=1), counting(1, 1_000_000_000, "no window has more requests")] = default(
        50,
        origin="fewer say little about a ratio",
        trust="low",
        means="fewest requests in the window on which it judges",
    )
    no_data: Literal["wait", "fail", "pass"] = default(
        "wait",
        origin="what is said of a window with fewer requests than min_requests",
        trust="medium",
        means="what is said of a window with fewer requests: wait for more, fail, or pass",
    )

    @model_validator(mode="after")
    def _has_something_to_judge(self) -> Threshold:
        if self.success is None and self.latency is None:
            raise ValueError("a threshold gate needs 'success', 'latency' or both; write e.g. success: 99%")
        return self

    @property
    def needs_latency(self) -> bool:
        """Whether a latency bound is set."""
        return self.latency is not None

    @property
    def bound(self) -> Bound:
        """Its bounds, failures in a row."""
        return Bound(
            window=self.window,
            every=self.every,
            stops_at=self.fails,
            success=self.success,
            slowest=None if self.latency is None else (self.latency.quantile, self.latency.below),
            least=self.min_requests,
            in_a_row=True,
            empty_fails=self.no_data == "fail",
            per=self.per,
        )

    def without_metrics(self) -> Verdict:
        """What ``no_data`` says."""
        return self._without_data(0)

    def judge(self, seen: Observation) -> Verdict:
        """Judge the whole service, the new version, or each stream of the new version.

        Per stream the gate fails if any stream fails; a stream with too few requests is left out, and only when every
        stream is left out does ``no_data`` apply.
        """
        scopes = self._scopes(seen)
        series = {scope: each for scope, each in scopes.items() if self._countable(each) >= self.min_requests}
        if not series:
            return self._without_data(sum(self._countable(each) for each in scopes.values()))
        figures: dict[str, float] = {}
        faults = [fault for scope, each in series.items() for fault in self._faults(scope, each, figures)]
        if faults:
            return Verdict(answer=Answer.FAIL, reason="; ".join(faults), figures=figures)
        return Verdict(answer=Answer.PASS, reason="within bounds", figures=figures)

    def _scopes(self, seen: Observation) -> Mapping[str, Series]:
        """What is judged, by the name a reader is told."""
        if self.per == "service":
            return {"whole service": seen.of()}
        if self.per == "version":
            return {"new version": seen.of(version=NEW)}
        return {stream: seen.of(version=NEW, stream=stream) for stream in seen.streams}

    def _countable(self, series: Series) -> int:
        """How many requests a verdict would rest on: a gate on latency alone learns nothing from what has no answer."""
        return series.answers if self.success is None else series.requests

    def _faults(self, scope: str, series: Series, figures: dict[str, float]) -> list[str]:
        """What is out of bounds in one series, in words; notes the figures on the way."""
        faults = []
        figures[f"{scope}: requests"] = float(series.requests)
        if self.success is not None:
            figures[f"{scope}: success"] = series.success
            if series.success < self.success:
                faults.append(f"{scope}: success {show_share(series.success)} is below {show_share(self.success)}")
        if self.latency is not None:
            quantile = series.quantile(self.latency.quantile)
            figures[f"{scope}: {self.latency.quantile:.4g} quantile, s"] = quantile / 1e9
            if quantile >= self.latency.below:
                named = f"p{100 * self.latency.quantile:.4g}"
                shown = show_duration(quantile, nearest=_three_figures(quantile))
                faults.append(f"{scope}: {named} {shown} is not below {show_duration(self.latency.below)}")
        return faults

    def _without_data(self, requests: int) -> Verdict:
        answers = {"wait": Answer.WAIT, "fail": Answer.FAIL, "pass": Answer.PASS}
        reason = f"too few requests to judge: {requests} seen, {self.min_requests} needed"
        return Verdict(answer=answers[self.no_data], reason=reason, figures={"requests": float(requests)})


def _three_figures(nanoseconds: float) -> int:
    """What to round a duration to, so that a reader gets three figures.

    >>> _three_figures(1_234_567_890)
    10000000
    """
    return int(10 ** max(0, len(str(int(nanoseconds))) - 3))
