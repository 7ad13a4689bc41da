"""The chance that the new version is worse, as many teams compute it."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from sim.allowed import measuring
from sim.gates import CountingGate, Judgement
from sim.judges.tally import Tally, counted, figures_of
from sim.quantities import Share, default
from sim.stats.beta_binomial import chance_worse
from sim.steps import Answer, Verdict
from sim.units import show_share

_OBSERVED = measuring(0.001, 1_000_000_000, "an observation counts one")


class Bayes(CountingGate):
    """Stops when the posterior chance that the new version errs more (by ``margin``) reaches ``certainty``.

    A beta prior for each version's error ratio. The chance is right at a look chosen beforehand by someone who holds
    that prior. It is no bound on false alarms: without a margin, asked every minute for an hour at 5 of 100 requests a
    second and 0.1 % errors, it stops four good releases in ten at 95 % and one in eight at 99 %.
    """

    example: ClassVar[dict[str, Any]] = {"kind": "bayes", "certainty": "99%"}
    kind: Literal["bayes"] = "bayes"
    certainty: Share = default(
        "99%",
        origin="95 % and 99 % are in use",
        trust="low",
        means="probability that the new version is worse at which the gate stops the release",
    )
    margin: Share = default(
        "0.5%",
        origin="a smaller rise is no reason to stop; 0 %: any rise counts",
        trust="low",
        means="rise of the error ratio that is no reason to stop",
    )
    prior_errors: Annotated[float, Field(gt=0), _OBSERVED] = default(
        1,
        origin="a flat prior of each ratio",
        trust="low",
        means="errors assumed of each version before anything is seen (alpha of the beta prior)",
    )
    prior_successes: Annotated[float, Field(gt=0), _OBSERVED] = default(
        1,
        origin="a flat prior of each ratio",
        trust="low",
        means="successes assumed of each version before anything is seen (beta of the beta prior)",
    )

    @model_validator(mode="after")
    def _is_a_chance(self) -> Bayes:
        if not 0.0 < self.certainty < 1.0:
            raise ValueError("certainty must be above 0 % and below 100 %")
        return self

    def weigh(self, tally: Tally) -> Judgement:
        """What all that has been counted says to the prior."""
        chance = chance_worse(
            tally.new, tally.stable, margin=self.margin, prior=(self.prior_errors, self.prior_successes)
        )
        stop = chance >= self.certainty
        told = (
            f"{counted(tally.new)}, running version {counted(tally.stable)}: worse with a chance of"
            f" {show_share(round(chance, 6))}, {show_share(self.certainty)} stops"
        )
        return Judgement(
            verdict=Verdict(
                answer=Answer.FAIL if stop else Answer.PASS, reason=told, figures=figures_of(tally, chance=chance)
            ),
            memory=tally,
            next_in=self.every,
            stop=stop,
        )
