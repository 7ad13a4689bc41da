"""Pages on the speed at which the error budget burns, in a long and a short window at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sim.allowed import measuring
from sim.gates import Judgement, PacedGate, nothing_new
from sim.quantities import Duration, Share
from sim.quantities import default as written_default
from sim.stats.burn import burn
from sim.steps import Answer, Verdict
from sim.units import show_duration
from sim.versions import NEW, STABLE

if TYPE_CHECKING:
    from sim.observation import View

_BURN = measuring(0.001, 1_000_000, "so fast a promise of 99.9999 % burns where all fails")


class BurnRule(BaseModel):
    """Fires when the budget burns faster than ``burn`` times its even pace in both windows."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    long: Duration = Field(description="the long window: over it the budget must burn fast")
    short: Duration = Field(description="the short window: over it too, so that the alert ends soon after the trouble")
    burn: Annotated[
        float,
        Field(gt=0),
        _BURN,
    ] = Field(description="how many times faster than allowed the error budget must burn in both windows")

    @model_validator(mode="after")
    def _windows_fit(self) -> BurnRule:
        if not 0 < self.short <= self.long:
            raise ValueError("short must be longer than 0 and at most long")
        return self


PAGES = ({"long": "1h", "short": "5m", "burn": 14.4}, {"long": "6h", "short": "30m", "burn": 6})


@dataclass(frozen=True, slots=True)
class Piece:
    """What was counted from one look to the next."""

    since: int
    until: int
    requests: int
    errors: int
    stable_requests: int
    stable_errors: int


class BurnRate(PacedGate):
    """Multi-window, multi-burn-rate alerts of an SLO, on the new version by itself or on the whole service.

    On the version by itself the series is fresh: a window of six hours holds only what there has been since the
    release. On the whole service, what a window reaches back before that is filled as if the running version had
    served all.
    """

    example: ClassVar[dict[str, Any]] = {"kind": "burn_rate", "success": "99.9%"}
    kind: Literal["burn_rate"] = "burn_rate"
    success: Share = Field(description="the objective, as 99.9%")
    per: Literal["version", "service"] = written_default(
        "version",
        origin="the whole service hides a small canary",
        trust="medium",
        means="whose series is judged: the new version's alone, the whole service's, or each stream's",
    )
    rules: tuple[BurnRule, ...] = written_default(
        PAGES,
        origin="The Site Reliability Workbook, table 5-8: the two that page",
        trust="high",
        means="pairs of windows and burn rates; any of them stops the release",
    )

    @model_validator(mode="after")
    def _has_a_budget(self) -> BurnRate:
        if not 0.0 < self.success < 1.0:
            raise ValueError("success must be above 0 % and below 100 %; 100 % leaves no budget")
        if not self.rules:
            raise ValueError("needs at least one rule; leave 'rules' out for the usual two")
        return self

    def begin(self) -> tuple[Piece, ...]:
        """Nothing counted."""
        return ()

    def look(self, view: View, memory: tuple[Piece, ...]) -> Judgement:
        """Whether any rule burns too fast in both of its windows."""
        seen = view.since(memory[-1].until if memory else 0)
        if seen is None:
            return nothing_new(memory, self.every)
        judged, stable = seen.of(version=NEW if self.per == "version" else None), seen.of(version=STABLE)
        piece = Piece(seen.since, seen.until, judged.requests, judged.errors, stable.requests, stable.errors)
        longest = max(rule.long for rule in self.rules)
        pieces = tuple(each for each in (*memory, piece) if each.until > seen.until - longest)
        figures, fired = dict[str, float](), list[str]()
        for rule in self.rules:
            long, short = (self._burn(pieces, length) for length in (rule.long, rule.short))
            words = [show_duration(each) for each in (rule.long, rule.short)]
            figures[f"burn over {words[0]}"], figures[f"burn over {words[1]}"] = long, short
            if min(long, short) > rule.burn:
                fired.append(
                    f"burns {long:.3g} times over {words[0]} and {short:.3g} over {words[1]}, over {rule.burn:g}"
                )
        answer = Answer.FAIL if fired else Answer.PASS
        reason = "; ".join(fired) or "the budget burns slowly enough"
        return Judgement(
            verdict=Verdict(answer=answer, reason=reason, figures=figures),
            memory=pieces,
            next_in=self.every,
            stop=bool(fired),
        )

    def _burn(self, pieces: tuple[Piece, ...], window: int) -> float:
        """The burn over a window that ends with the newest piece."""
        inside = [each for each in pieces if each.until > pieces[-1].until - window]
        requests = float(sum(each.requests for each in inside))
        errors = float(sum(each.errors for each in inside))
        known = sum(each.until - each.since for each in inside)
        if self.per == "service" and known < window:
            stable = sum(each.stable_requests for each in pieces)
            ratio = sum(each.stable_errors for each in pieces) / stable if stable else 0.0
            before = requests * (window - known) / known
            requests, errors = requests + before, errors + before * ratio
        return burn(errors, requests, self.success)
