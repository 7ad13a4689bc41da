"""One error rate against another: the gate that can also say that a release is good."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

from sim.gates import CountingGate, Judgement
from sim.judges.tally import Tally, counted, figures_of
from sim.quantities import Share, default
from sim.steps import Answer, Verdict
from sim.units import show_share

LONGEST = 50_000
"""Requests up to which the course is followed: more take seconds."""


class Sprt(CountingGate):
    """Wald's sequential test of a good against a bad error rate; it passes as well as fails, and then looks no more.

    What lies between the two rates is decided by chance and late. A release it has passed is not looked at again.
    """

    example: ClassVar[dict[str, Any]] = {"kind": "sprt", "good": "0.1%", "bad": "1%", "alpha": "1%", "beta": "1%"}
    kind: Literal["sprt"] = "sprt"
    good: Share = Field(description="an error ratio that should pass")
    bad: Share = Field(description="an error ratio that should fail")
    alpha: Share = default(
        "1%",
        origin="chance to stop a good release, by Wald's bounds",
        trust="medium",
        means="highest chance to stop a release that is no worse than allowed",
    )
    beta: Share = default(
        "1%",
        origin="chance to pass a bad one, by Wald's bounds",
        trust="medium",
        means="highest chance to pass a release that is as bad as bad says",
    )

    @model_validator(mode="after")
    def _is_a_test(self) -> Sprt:
        if not 0.0 < self.good < self.bad < 1.0:
            raise ValueError("good must be above 0 %, bad above good and below 100 %")
        if min(self.alpha, self.beta) <= 0.0 or self.alpha + self.beta >= 1.0:
            raise ValueError("alpha and beta must be above 0 % and together below 100 %")
        return self

    def stops_today(self, requests: Sequence[float], errors: float) -> float | None:
        """By the exact course of the test, at looks of their mean size."""
        from sim.stats.sprt import Boundaries, exact

        total, batch = round(sum(requests)), round(sum(requests) / max(1, len(requests)))
        if batch < 1 or total > LONGEST:
            return None
        test = Boundaries(good=self.good, bad=self.bad, alpha=self.alpha, beta=self.beta)
        return exact(test, errors, most=total, batch=batch).rejects

    def weigh(self, tally: Tally) -> Judgement:
        """Whether all that has been counted lies beyond one of the boundaries."""
        from sim.stats.sprt import Boundaries

        requests, errors = tally.new
        test = Boundaries(good=self.good, bad=self.bad, alpha=self.alpha, beta=self.beta)
        most, least = test.most_errors_to_accept(requests), test.least_errors_to_reject(requests)
        told = counted(tally.new)
        if errors >= least:
            answer, told = Answer.FAIL, f"{told}: rather {show_share(self.bad)} than {show_share(self.good)}"
        elif errors <= most:
            answer, told = Answer.PASS, f"{told}: rather {show_share(self.good)} than {show_share(self.bad)}"
        else:
            passes = f"{most} would pass" if most >= 0 else "too early to pass"
            answer, told = Answer.WAIT, f"{told}: open, {passes}, {least} would fail"
        return Judgement(
            verdict=Verdict(answer=answer, reason=told, figures=figures_of(tally, ratio=test.ratio(errors, requests))),
            memory=tally,
            next_in=self.every if answer == Answer.WAIT else None,
            stop=answer == Answer.FAIL,
        )
