"""Evidence against a good error rate since it last was nil: for faults that come late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from sim.allowed import measuring
from sim.gates import Judgement, PacedGate, nothing_new
from sim.judges.tally import Tally, counted, figures_of
from sim.quantities import Share, default
from sim.stats.cusum import Cusum as Sum
from sim.steps import Answer, Verdict

if TYPE_CHECKING:
    from sim.observation import View

MOST_LOOKS = 500
"""Up to which the sum is followed: more take seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What has been counted, and the sum as it stands."""

    tally: Tally
    total: float = 0.0


class Cusum(PacedGate):
    """Page's cumulative sum of a bad against a good error rate, which starts anew whenever the good one is likelier.

    A leak or a cache that expires after half an hour is found as soon as a fault that is there from the start; the
    other tests drag the good beginning along. The price: no bound on the chance to stop a good release, only a rate of
    false alarms. At 5 requests a second of 0.1 % errors, against 1 %, looking every second, about 5 % of good hours end
    in one at ``alarm_at`` 7, and 30 % at 5; looking once a minute, at 7, hardly any.
    """

    example: ClassVar[dict[str, Any]] = {"kind": "cusum", "good": "0.1%", "bad": "1%"}
    kind: Literal["cusum"] = "cusum"
    good: Share = Field(description="the error ratio of a good version")
    bad: Share = Field(description="an error ratio that should be found soon")
    alarm_at: Annotated[float, Field(gt=0), measuring(0.001, 1_000_000, "beyond it nothing is stopped")] = default(
        7,
        origin="logarithm of the odds; one false alarm in some 350,000 requests, 0.1 % against 1 %",
        trust="low",
        means="sum of evidence at which the gate stops the release; more means fewer false alarms and later ones",
    )

    @model_validator(mode="after")
    def _is_a_test(self) -> Cusum:
        if not 0.0 < self.good < self.bad < 1.0:
            raise ValueError("good must be above 0 %, bad above good and below 100 %")
        return self

    def stops_today(self, requests: Sequence[float], errors: float) -> float | None:
        """By following the sum from look to look."""
        batches = [round(each) for each in requests if round(each) > 0]
        if not batches or len(batches) > MOST_LOOKS:
            return None
        return Sum(good=self.good, bad=self.bad, alarm_at=self.alarm_at).chance_of_alarm(batches, errors)

    def begin(self) -> Course:
        """Nothing counted."""
        return Course(tally=Tally())

    def look(self, view: View, memory: Course) -> Judgement:
        """Add what is new since the last look."""
        seen = memory.tally.next(view)
        if seen is None:
            return nothing_new(memory, self.every)
        tally = memory.tally.plus(seen)
        requests, errors = (after - before for after, before in zip(tally.new, memory.tally.new, strict=True))
        test = Sum(good=self.good, bad=self.bad, alarm_at=self.alarm_at)
        total = test.after(memory.total, requests, errors)
        stop = total >= self.alarm_at
        told = f"{counted((requests, errors))} more: sum {total:.3g}, {self.alarm_at:.3g} stops"
        return Judgement(
            verdict=Verdict(
                answer=Answer.FAIL if stop else Answer.PASS, reason=told, figures=figures_of(tally, sum=total)
            ),
            memory=Course(tally=tally, total=total),
            next_in=self.every,
            stop=stop,
        )
