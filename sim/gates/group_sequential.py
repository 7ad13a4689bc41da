"""A few looks set beforehand, with the level spent among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import model_validator

from sim.allowed import counting
from sim.gates import Gate, Judgement, nothing_new
from sim.judges.tally import Tally, arms, counted, figures_of
from sim.quantities import SHORTEST_PERIOD, Duration, Share, default
from sim.stats.group_sequential import SPENDING, Looks
from sim.steps import Answer, Verdict
from sim.units import show_duration

if TYPE_CHECKING:
    from sim.observation import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What has been counted, and how much of the level is spent."""

    tally: Tally
    looks: Looks


class GroupSequential(Gate):
    """Compares the errors of both versions a few times, and stops a good release with a chance of at most ``alpha``.

    The level is spent by time: ``obrien_fleming`` keeps nearly all of it for the end, ``pocock`` spreads it. Given both
    versions' errors the test is exact. After ``over`` it has decided and looks no more. Where one looks at any time,
    take the two-arm gate; this one fits a rollout whose steps are its looks.
    """

    example: ClassVar[dict[str, Any]] = {"kind": "group_sequential", "looks": 5, "over": "30m"}
    kind: Literal["group_sequential"] = "group_sequential"
    alpha: Share = default(
        "1%",
        origin="chance to stop a release no worse than the running one",
        trust="medium",
        means="highest chance to stop a release that is no worse than allowed",
    )
    looks: Annotated[int, counting(1, 1000, "each is a judgement, whose bounds are computed")] = default(
        5, origin="usual numbers are 2 to 5", trust="medium", means="how many times the gate looks"
    )
    over: Duration = default(
        "30m",
        origin="watched so long, looks at even distances",
        trust="low",
        means="time over which the looks are spread",
    )
    spending: Literal["obrien_fleming", "pocock"] = default(
        "obrien_fleming",
        origin="the usual choice: early looks stop only what is very bad",
        trust="medium",
        means="how alpha is spent over the looks: little at first (obrien_fleming), or evenly (pocock)",
    )

    @model_validator(mode="after")
    def _is_a_test(self) -> GroupSequential:
        if not 0.0 < self.alpha < 1.0:
            raise ValueError("alpha must be above 0 % and below 100 %")
        if self.reach < SHORTEST_PERIOD:
            least = show_duration(self.looks * SHORTEST_PERIOD)
            raise ValueError(f"over must be {least} or longer for that many looks")
        return self

    @property
    def reach(self) -> int:
        """As far as from look to look."""
        return self.over // self.looks

    @property
    def first_in(self) -> int:
        """After the first part."""
        return self.reach + self.delay

    def begin(self) -> Course:
        """Nothing counted, nothing spent."""
        return Course(tally=Tally(), looks=Looks())

    def look(self, view: View, memory: Course) -> Judgement:
        """Compare all there has been, at a level that allows for the earlier looks and the later ones."""
        seen = memory.tally.next(view)
        if seen is None:
            return nothing_new(memory, self.reach)
        tally = memory.tally.plus(seen)
        (asked, bad), (stable_asked, stable_bad) = arms(seen)
        progress = min(1.0, tally.watched / self.over)
        both = asked + stable_asked
        looks, least = memory.looks.look(
            errors=bad + stable_bad,
            share=asked / both if both else 0.0,
            level=SPENDING[self.spending](progress, self.alpha),
        )
        stop = tally.new[1] >= least and tally.new[1] > 0
        told = (
            f"{counted(tally.new)}, running version {counted(tally.stable)}: {least} errors would stop,"
            f" {100 * progress:.0f} % of the way"
        )
        return Judgement(
            verdict=Verdict(
                answer=Answer.FAIL if stop else Answer.PASS,
                reason=told,
                figures=figures_of(tally, least=least, spent=looks.spent),
            ),
            memory=Course(tally=tally, looks=looks),
            next_in=None if stop or progress >= 1.0 else self.reach,
            stop=stop,
        )
