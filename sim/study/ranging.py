"""The verdict over how often releases are bad: what nobody knows well, and what costs no replication to vary.

The strata stay and only their weights change. Losses are linear in the rate, so that what is sure at both ends of the
author's range is sure everywhere in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sim.scenario.resolved import Scenario
from sim.stats.best import all_pairs
from sim.stats.intervals import Sample
from sim.stats.rates import break_even_between, over_rates
from sim.stats.stratified import at_rate
from sim.study import estimates
from sim.study.findings import Estimate, Holding

RATE = "release.change_failure_rate"
Losses = Mapping[str, Sequence[Sample]]
"""By strategy one column per case, good first; less is better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranging:
    """What was found over the range."""

    losses: Mapping[float, Mapping[str, Estimate]]  # rate -> strategy -> expected loss, each for itself
    apart: Mapping[float, Mapping[str, Estimate]]  # end -> other -> its loss minus the candidate's, all together
    holds: Holding | None  # None without a range
    break_even_between: tuple[float, float] | None


def rates(scenario: Scenario) -> tuple[float, ...]:
    """The change-failure rates a verdict is tried at: the ends of the range where there is one, and the likely one."""
    from sim.units import share

    likely = scenario.release.change_failure_rate
    ends = {share(end) for each in scenario.ranges if each.path == RATE for end in (each.low, each.high)}
    return tuple(sorted({likely, *ends}))


def weights_at(scenario: Scenario, rate: float) -> tuple[float, ...]:
    """The cases' probabilities at another rate; from the defects' shares, so that a likely rate of 0 works too."""
    defects = [defect.share for defect in scenario.release.defects]
    return at_rate([0.0, *defects], rate) if defects else (1.0,)


def ranging(
    scenario: Scenario, losses: Losses, candidate: str, reference: str | None, running: Sequence[str]
) -> Ranging:
    """Try the candidate at every rate, against all that are ``running``; its break-even is against ``reference``."""
    tried, confidence = rates(scenario), scenario.study.confidence
    shares = weights_at(scenario, 0.5)
    known = (
        {name: over_rates(tried, shares, columns, confidence) for name, columns in losses.items()}
        if (len(shares) > 1)
        else {}
    )
    ends = dict.fromkeys((tried[0], tried[-1])) if len(tried) > 1 and len(shares) > 1 else {}
    rivals = {name: losses[name] for name in running}
    apart = {end: _apart(scenario, rivals, candidate, end) for end in ends}
    return Ranging(
        losses={
            rate: {name: estimates.told(found[place]) for name, found in known.items()}
            for place, rate in enumerate(tried)
        },
        apart=apart,
        holds=_holds(apart, scenario.study.indifferent) if apart else None,
        break_even_between=_between(shares, losses, candidate, reference, confidence),
    )


def _apart(scenario: Scenario, losses: Losses, candidate: str, rate: float) -> dict[str, Estimate]:
    """At one of the two ends; the intervals hold for all pairs at both ends together."""
    level = 1 - (1 - scenario.study.confidence) / 2
    pairs = all_pairs(weights_at(scenario, rate), losses, level)
    return {first: estimates.told(each.estimate) for (first, second), each in pairs.items() if second == candidate}


def _holds(apart: Mapping[float, Mapping[str, Estimate]], zone: float) -> Holding:
    """Whether no other is better by more than the zone at either end: surely, surely not, or not known."""
    gaps = [each for of_end in apart.values() for each in of_end.values()]
    if any(gap.high < -zone for gap in gaps):
        return Holding.TURNS
    return Holding.HOLDS if all(gap.low >= -zone for gap in gaps) else Holding.CANNOT_TELL


def _between(
    shares: Sequence[float], losses: Losses, candidate: str, reference: str | None, confidence: float
) -> tuple[float, float] | None:
    if reference is None or len(shares) < 2:
        return None
    gaps = []
    for theirs, ours in zip(losses[reference], losses[candidate], strict=True):
        common = min(len(theirs), len(ours))
        gaps.append(theirs[:common] - ours[:common])
    return break_even_between(shares, gaps, confidence)
