"""Evidence against a known base rate, at whatever moment one looks."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

from sim.gates import CountingGate, Judgement
from sim.judges.tally import Tally, counted, figures_of
from sim.quantities import Share, default
from sim.stats.evidence import against_known_rate
from sim.steps import Answer, Verdict
from sim.units import show_share


class Mixture(CountingGate):
    """Anytime-valid test against a known base error rate: a beta-binomial mixture, one-sided.

    However often it looks, a release no worse than ``base`` is ever stopped with a chance of at most ``alpha``. It
    rests on the base being known: where the running version errs more than that, good releases are stopped. The
    two-arm gate needs no base.
    """

    example: ClassVar[dict[str, Any]] = {"kind": "mixture", "base": "0.1%", "alpha": "1%"}
    kind: Literal["mixture"] = "mixture"
    base: Share = Field(description="the error ratio that is no reason to stop")
    expects: Share = default(
        "0.5%",
        origin="mean of the prior: about the rise one cares about",
        trust="medium",
        means="rise of the error ratio that the test is made to find soonest",
    )
    alpha: Share = default(
        "1%",
        origin="chance to ever stop a release no worse than the base",
        trust="medium",
        means="highest chance to stop a release that is no worse than allowed",
    )

    @model_validator(mode="after")
    def _can_bet(self) -> Mixture:
        if not 0.0 < self.base < 1.0 or not 0.0 < self.alpha < 1.0:
            raise ValueError("base and alpha must be above 0 % and below 100 %")
        if not self.base < self.expects < 1.0:
            raise ValueError("expects must be above base and below 100 %")
        return self

    def weigh(self, tally: Tally) -> Judgement:
        """Weigh all that has been counted since the gate began."""
        requests, errors = tally.new
        prior = 1.0 / self.expects - 1.0
        log_evidence = against_known_rate(errors, requests, rate=self.base, a=1.0, b=prior)
        stop = log_evidence >= -math.log(self.alpha)
        evidence = math.exp(min(log_evidence, 700.0))
        told = (
            f"{counted(tally.new)}: evidence {evidence:.3g} against {show_share(self.base)}, {1 / self.alpha:.4g} stops"
        )
        answer = Answer.FAIL if stop else Answer.PASS
        return Judgement(
            verdict=Verdict(answer=answer, reason=told, figures=figures_of(tally, evidence=evidence)),
            memory=tally,
            next_in=self.every,
            stop=stop,
        )
