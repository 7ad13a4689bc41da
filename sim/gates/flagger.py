"""The metric checks of Flagger."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from sim.allowed import counting
from sim.gates import Judgement, PacedGate
from sim.judges.bound import Bound
from sim.judges.flagger_checks import effective_threshold, in_range, tick
from sim.quantities import Duration, Period, Share, default
from sim.steps import Answer, Verdict
from sim.units import show_duration, show_share
from sim.versions import NEW

if TYPE_CHECKING:
    from sim.observation import Series, View

MILLISECOND = 1_000_000


class Flagger(PacedGate):
    """Flagger's checks: failures add up over the whole analysis, and the rollback comes one tick after the last.

    A tick without requests is a failed check. The weight stays where it is while checks fail: each failed check makes
    the present hold one tick longer, so that every step must pass as many checks as it has ticks.
    """

    example: ClassVar[dict[str, Any]] = {"kind": "flagger", "success": "99%", "duration": "500ms", "threshold": 5}
    kind: Literal["flagger"] = "flagger"
    success: Share | None = Field(
        default=None, description="lowest success ratio that passes a check (request-success-rate)"
    )
    duration: Duration | None = Field(
        default=None, description="highest 99th percentile of latency that passes a check (request-duration)"
    )
    threshold: Annotated[int, counting(-1, 1_000_000, "each is a check that is played")] = default(
        1,
        origin="Flagger: unset or not above 0 is 1",
        trust="high",
        means="failed checks at which Flagger takes the release back (threshold)",
    )
    window: Period = default(
        "1m",
        origin="Flagger's metric interval",
        trust="high",
        means="how far back each check looks (interval of the metric)",
    )
    no_data: Literal["fail", "pass"] = default(
        "fail",
        origin="Flagger: 'no values found' halts the advancement",
        trust="high",
        means="what a check without any request is: failed or passed",
    )

    @model_validator(mode="after")
    def _has_something_to_check(self) -> Flagger:
        if self.success is None and self.duration is None:
            raise ValueError("a flagger gate needs 'success', 'duration' or both; write e.g. success: 99%")
        return self

    @property
    def needs_latency(self) -> bool:
        """Whether the request duration is checked."""
        return self.duration is not None

    @property
    def reach(self) -> int:
        """The metric interval."""
        return self.window

    @property
    def bound(self) -> Bound:
        """Its ranges; failed checks add up over the whole analysis."""
        return Bound(
            window=self.window,
            every=self.every,
            stops_at=effective_threshold(self.threshold),
            success=self.success,
            slowest=None if self.duration is None else (0.99, self.duration),
            tried_again=True,
            empty_fails=self.no_data == "fail",
        )

    @property
    def looks_between_holds(self) -> bool:
        """Each weight is checked one tick after it was set; while pods are awaited nothing is."""
        return False

    @property
    def holds_while_failing(self) -> bool:
        """The weight stays where it is until a check passes, or the rollback."""
        return True

    @property
    def tool(self) -> str:
        """Flagger."""
        return "Flagger"

    def first_stop(self, data: int) -> int:
        """A tick after the last of as many failed checks; ticks without data fail too."""
        first = self.first_in if self.no_data == "fail" else self.first_verdict(data)
        return first + effective_threshold(self.threshold) * self.every

    def begin(self) -> int:
        """No check has failed."""
        return 0

    def look(self, view: View, memory: int) -> Judgement:
        """One tick: the rollback if it is due, else the checks."""
        seen = view.window(self.window)
        figures: dict[str, float] = {}
        faults = self._faults(seen.of(version=NEW) if seen else None, figures)
        outcome = tick(memory, self.threshold, metric_ok=not faults)
        if outcome.rolls_back:
            reason = f"failed checks have reached the threshold of {effective_threshold(self.threshold)}"
            verdict = Verdict(answer=Answer.FAIL, reason=reason)
        elif faults:
            verdict = Verdict(answer=Answer.FAIL, reason="; ".join(faults), figures=figures)
        else:
            verdict = Verdict(answer=Answer.PASS, reason="within bounds", figures=figures)
        return Judgement(
            verdict=verdict,
            memory=outcome.failed_checks,
            next_in=self.every,
            stop=outcome.rolls_back,
            prolong=self.every if faults and not outcome.rolls_back else 0,
            tally=f"{outcome.failed_checks} of {effective_threshold(self.threshold)} failed checks",
        )

    def _faults(self, series: Series | None, figures: dict[str, float]) -> list[str]:
        """What is out of bounds; notes the figures on the way."""
        if series is None or not series.requests:
            return ["no values found"] if self.no_data == "fail" else []
        figures["requests"] = float(series.requests)
        faults = []
        if self.success is not None:
            success = series.success_ratio
            if success is None:
                faults.append("no values found: none of the answers was good")
            else:
                figures["success"] = success
                if not in_range(success, self.success, None):
                    faults.append(f"success {show_share(success)} is below {show_share(self.success)}")
        if self.duration is not None:
            quantile = series.quantile(0.99)
            figures["p99, s"] = quantile / 1e9
            bound = self.duration // MILLISECOND * MILLISECOND  # Flagger compares whole milliseconds
            if not in_range(quantile, None, bound):
                shown = "has no values" if math.isnan(quantile) else f"{quantile / 1e6:.4g} ms is above"
                faults.append(f"p99 {shown} {show_duration(bound)}")
        return faults
