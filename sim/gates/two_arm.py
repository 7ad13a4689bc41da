"""Evidence against the running version as it is now, at whatever moment one looks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import model_validator

from sim.gates import Judgement, PacedGate, nothing_new
from sim.judges.tally import Tally, arms, counted, figures_of
from sim.quantities import Share, default
from sim.stats.evidence import begin_two_arms, bet_on_two_arms, two_arm_evidence
from sim.steps import Answer, Verdict

if TYPE_CHECKING:
    from sim.observation import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Bets:
    """What has been counted, and how the stakes stand (logarithms)."""

    tally: Tally
    stakes: tuple[float, ...]


class TwoArm(PacedGate):
    """Anytime-valid comparison with the running version: whose are the errors, given who served how much?

    Recommended. It needs no base rate, allows for any course of traffic, weight and error rate that both versions
    share, and however often it looks a release no worse than the running version is ever stopped with a chance of at
    most ``alpha``. It learns nothing while only one version serves. Errors that come in clumps (one user, many tries)
    weaken the guarantee.
    """

    example: ClassVar[dict[str, Any]] = {"kind": "two_arm", "alpha": "1%"}
    kind: Literal["two_arm"] = "two_arm"
    alpha: Share = default(
        "1%",
        origin="chance to ever stop a release no worse than the running one",
        trust="medium",
        means="highest chance to stop a release that is no worse than allowed",
    )

    @model_validator(mode="after")
    def _can_bet(self) -> TwoArm:
        if not 0.0 < self.alpha < 1.0:
            raise ValueError("alpha must be above 0 % and below 100 %")
        return self

    def begin(self) -> Bets:
        """Nothing counted, the stakes spread."""
        return Bets(tally=Tally(), stakes=begin_two_arms())

    def look(self, view: View, memory: Bets) -> Judgement:
        """Bet on the errors that are new since the last look."""
        seen = memory.tally.next(view)
        if seen is None:
            return nothing_new(memory, self.every)
        new, stable = arms(seen)
        tally = memory.tally.plus(seen)
        stakes = bet_on_two_arms(memory.stakes, new=new, stable=stable)
        log_evidence = two_arm_evidence(stakes)
        stop = log_evidence >= -math.log(self.alpha)
        evidence = math.exp(min(log_evidence, 700.0))
        told = (
            f"{counted(tally.new)}, running version {counted(tally.stable)}: evidence {evidence:.3g},"
            f" {1 / self.alpha:.4g} stops"
        )
        if not (new[0] and stable[0]):
            told += "; only one version served, nothing to compare"
        return Judgement(
            verdict=Verdict(
                answer=Answer.FAIL if stop else Answer.PASS,
                reason=told,
                figures=figures_of(tally, evidence=evidence),
            ),
            memory=Bets(tally=tally, stakes=stakes),
            next_in=self.every,
            stop=stop,
        )
