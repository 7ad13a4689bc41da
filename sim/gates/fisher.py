"""Fisher's exact test of the two versions' errors."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import model_validator

from sim.gates import CountingGate, Judgement
from sim.judges.tally import Tally, counted, figures_of
from sim.quantities import Duration, Share, default
from sim.steps import Answer, Verdict
from sim.units import SECOND, show_duration


class Fisher(CountingGate):
    """Fisher's exact test, one-sided: once, after a time set beforehand; or, against its assumptions, at every look.

    ``peek: true`` is what many do. Its level then holds for a single look only: looking every minute for an hour at 5 %
    stops one good release in five.
    """

    example: ClassVar[dict[str, Any]] = {"kind": "fisher", "alpha": "1%", "after": "10m"}
    kind: Literal["fisher"] = "fisher"
    alpha: Share = default(
        "1%",
        origin="chance to stop a good release, at one look",
        trust="medium",
        means="highest chance to stop a release that is no worse than allowed",
    )
    after: Duration = default(
        "10m",
        origin="watched so long before the one look",
        trust="low",
        means="how long the new version is watched before the gate looks",
    )
    peek: bool = default(
        False,
        origin="the test is valid at one look only",
        trust="high",
        means="whether the gate looks at every interval all the same, which stops good releases more "
        "often than alpha says",
    )

    @model_validator(mode="after")
    def _is_a_test(self) -> Fisher:
        if not 0.0 < self.alpha < 1.0:
            raise ValueError("alpha must be above 0 % and below 100 %")
        return self

    def first_verdict(self, data: int) -> int:
        """Where it does not peek, after the time set beforehand has been watched."""
        return super().first_verdict(data if self.peek else max(data, self.after))

    def weigh(self, tally: Tally) -> Judgement:
        """Test when the time has come, or at once when peeking."""
        if not self.peek and tally.watched < self.after:
            watched, wanted = (show_duration(each, nearest=SECOND) for each in (tally.watched, self.after))
            verdict = Verdict(answer=Answer.WAIT, reason=f"watched {watched} of {wanted}", figures=figures_of(tally))
            return Judgement(verdict=verdict, memory=tally, next_in=self.every)
        p = one_sided_p(tally.new, tally.stable)
        stop = p <= self.alpha
        told = f"{counted(tally.new)}, running version {counted(tally.stable)}: p = {p:.3g}, {self.alpha:.3g} fails"
        answer = Answer.FAIL if stop else Answer.PASS
        return Judgement(
            verdict=Verdict(answer=answer, reason=told, figures=figures_of(tally, p=p)),
            memory=tally,
            next_in=self.every if self.peek and not stop else None,
            stop=stop,
        )


def one_sided_p(new: tuple[int, int], stable: tuple[int, int]) -> float:
    """The chance of so many errors or more with the new version, given how many there were in all.

    Pairs are requests and errors.

    >>> round(one_sided_p((300, 3), (5700, 19)), 4)
    0.0945
    """
    from scipy.stats import hypergeom

    requests, errors = new[0] + stable[0], new[1] + stable[1]
    return float(hypergeom.sf(new[1] - 1, requests, errors, new[0]))
