"""Gates: who judges a release by its metrics. One file each.

At each look a gate is shown a :class:`sim.observation.View` of what an operator could have scraped by then, and what it
remembers of its earlier looks; it answers with a :class:`Judgement`: pass, fail, wait or inconclusive, with a reason a
reader understands and the figures it rests on, whether the release is to be taken back, and what it will remember. It
never sees the ledger. What it remembers is plain, frozen data that ``sim/cluster/judging.py`` keeps: a gate itself has
no state, so that the same looks always give the same judgements.

To add a gate, write ``sim/gates/<word>.py`` with one frozen class, its ``kind`` and an ``example``. Nothing else to
register. Derive

- :class:`WindowGate` and say in ``judge`` what it makes of one window; counting failures in a row is done for you;
- or :class:`CountingGate` and say in ``weigh`` what it makes of all requests and errors since it began;
- or :class:`PacedGate`, which looks every so often, and say in ``begin`` what it remembers at first, and in ``look``
  everything else; or :class:`Gate`, and say as well when it looks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sim.allowed import counting
from sim.doors import Kind
from sim.judges.bound import Bound
from sim.judges.tally import Tally, figures_of
from sim.quantities import Duration, Period, Share, default
from sim.steps import Answer, Verdict
from sim.versions import NEVER

if TYPE_CHECKING:
    from sim.observation import Observation, Reads, View


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a gate makes of one look.

    ``stop``: the release is to be taken back. ``tally`` says how near to that it is ("2 of 3"). ``memory`` is handed to
    the next look, which comes ``next_in`` nanoseconds later (None: never again; the gate has made up its mind).
    ``prolong``: the present hold is to last so many ns longer; ``at_least``: so many ns from this look. ``pause``: the
    rollout is to stay where it is until a person has resumed it, for ``pause_limit`` ns at most; then the gate begins
    anew, and so does the hold. ``measured``: it found something to go by, even if it has not made up its mind.
    """

    verdict: Verdict
    memory: Any
    next_in: int | None
    stop: bool = False
    tally: str = ""
    prolong: int = 0
    at_least: int = 0
    pause: bool = False
    pause_limit: int = NEVER
    measured: bool = False


def nothing_new(memory: Any, next_in: int, figures: Mapping[str, float] | None = None) -> Judgement:
    """What a gate that adds up what is new answers where nothing has been scraped since its last look."""
    waits = Verdict(answer=Answer.WAIT, reason="nothing new has been scraped", figures=figures or {})
    return Judgement(verdict=waits, memory=memory, next_in=next_in)


class WrongSeries(BaseModel):
    """A query that selects other pods than the new version's: the running ones, all, or (misspelt) none."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    reads: Literal["stable", "service", "nothing"] = Field(
        description="what the query reads in place of the new version's series: the stable version's, the whole "
        "service's, or none"
    )
    chance: Share = default(
        "100%", origin="wired so, it is so in every release", trust="high", means="share of releases in which it does"
    )


class Gate(Kind):
    """What every gate says: how late its metrics are beyond ``telemetry.delay``, when it looks, and what it says."""

    delay: Duration = default(
        "0s",
        origin="none beyond telemetry.delay, which all share",
        trust="high",
        means="lag of the metrics the gate reads, on top of telemetry.delay",
    )
    wrong_series: WrongSeries | None = Field(
        default=None, description="what the gate reads in place of the new version's series; the right ones if left out"
    )

    def reads(self, luck: float) -> Reads:
        """Whose series it reads in a release with this luck, a uniform."""
        wrong = self.wrong_series
        return wrong.reads if wrong is not None and luck < wrong.chance else "new"

    @property
    def needs_latency(self) -> bool:
        """Whether the gate reads latencies; where nobody does, they are not scraped."""
        return False

    @property
    def bound(self) -> Bound | None:
        """What it lets pass, where that is a fixed bound on windows; None where it judges otherwise."""
        return None

    @property
    def bounds(self) -> tuple[Bound, ...]:
        """The same for each of its metrics; going beyond any of them stops the release."""
        return () if self.bound is None else (self.bound,)

    def stops_today(self, requests: Sequence[float], errors: float) -> float | None:
        """The chance that it stops a release as good as today, where a closed form says so; None elsewhere.

        ``requests`` are those expected from look to look, over the whole rollout; ``errors`` is today's share.
        """
        return None

    @property
    def goes_on(self) -> bool:
        """Whether the gate remembers from hold to hold of one rollout, or begins anew at each."""
        return True

    @property
    def reach(self) -> int:
        """How far back, ns before a look and all delays, the gate asks for metrics."""
        raise NotImplementedError

    @property
    def first_in(self) -> int:
        """When the first look comes, ns after a hold begins (the first hold, where the gate looks between holds)."""
        raise NotImplementedError

    def first_verdict(self, data: int) -> int:
        """When its first verdict can fall, ns after it begins; ``data``: so long a query has no answer."""
        return max(self.first_in, data)

    def first_stop(self, data: int) -> int:
        """When it can stop a release at the soonest, ns after it begins."""
        return self.first_verdict(data)

    @property
    def looks_between_holds(self) -> bool:
        """Whether it looks at its own pace from the first hold until the rollout is over, whatever the steps do."""
        return self.goes_on

    @property
    def holds_while_failing(self) -> bool:
        """Whether a failed check makes the hold longer, so that none is too short for the gate to stop a release."""
        return False

    @property
    def tool(self) -> str:
        """The rollout controller whose checks these are; empty for a gate that any may ask."""
        return ""

    @property
    def least_hold(self) -> int:
        """How long a hold lasts at least, ns, whatever the strategy says, if no look changes that."""
        return 0

    def begin(self) -> Any:
        """What the gate remembers before its first look."""
        return None

    def look(self, view: View, memory: Any) -> Judgement:
        """Judge what there is to see; depends on nothing but the view and the memory."""
        raise NotImplementedError


class PacedGate(Gate):
    """A gate that looks every so often, the first time one ``every`` after the first hold begins."""

    every: Period = default(
        "1m", origin="a usual evaluation interval", trust="medium", means="time between two judgements"
    )

    @property
    def reach(self) -> int:
        """As far as from look to look."""
        return self.every

    @property
    def first_in(self) -> int:
        """After one interval."""
        return self.every

    def first_verdict(self, data: int) -> int:
        """At the first look that has data."""
        return self.first_in + max(0, -(-(data - self.first_in) // self.every)) * self.every


class CountingGate(PacedGate):
    """A gate that adds up what has been scraped since it began, and weighs all of it at each look."""

    def begin(self) -> Tally:
        """Nothing counted."""
        return Tally()

    def look(self, view: View, memory: Tally) -> Judgement:
        """Count what is new, and weigh."""
        seen = memory.next(view)
        if seen is None:
            return nothing_new(memory, self.every, figures_of(memory))
        return self.weigh(memory.plus(seen))

    def weigh(self, tally: Tally) -> Judgement:
        """Judge all that has been counted, which the gate remembers."""
        raise NotImplementedError


class WindowGate(PacedGate):
    """A gate that judges one window at a time, and stops the release after so many failures in a row.

    A window reaches back as far as it is long, across steps and weights. A passed judgement ends a row of failures; one
    that waits is no judgement and leaves the row as it was.
    """

    window: Period = default(
        "1m",
        origin="the range in the query, as rate(…[1m])",
        trust="medium",
        means="how far back each judgement looks",
    )
    fails: Annotated[
        int,
        Field(ge=1, description="judgements in a row that must fail"),
        counting(1, 1_000_000, "each is a judgement that is played"),
    ] = default(1, origin="the first failing judgement counts", trust="medium")

    @property
    def reach(self) -> int:
        """The window."""
        return self.window

    def begin(self) -> int:
        """No failure yet."""
        return 0

    def look(self, view: View, memory: int) -> Judgement:
        """Judge the newest window and count failures in a row."""
        seen = view.window(self.window)
        verdict = self.without_metrics() if seen is None else self.judge(seen)
        row = {Answer.FAIL: memory + 1, Answer.PASS: 0}.get(verdict.answer, memory)
        failed = verdict.answer == Answer.FAIL
        return Judgement(
            verdict=verdict,
            memory=row,
            next_in=self.every,
            stop=row >= self.fails,
            tally=f"{row} of {self.fails}" if failed else "",
        )

    def first_stop(self, data: int) -> int:
        """After as many failures in a row."""
        return self.first_verdict(data) + (self.fails - 1) * self.every

    def judge(self, seen: Observation) -> Verdict:
        """The verdict on one window; depends on nothing but the window."""
        raise NotImplementedError

    def without_metrics(self) -> Verdict:
        """The verdict where a window has no two scrapes, or the metrics are out."""
        return Verdict(answer=Answer.WAIT, reason="no metrics: the window holds no two scrapes")
