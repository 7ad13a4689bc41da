"""The verdict: which strategy to use, by one measure and with a zone in which the reader is indifferent.

Every strategy is compared with every other by paired differences on common luck, with intervals that hold for all
pairs together: the recommended one is picked by the same data, and only so do its comparisons still hold. A difference
that lies within the zone is *equal for your purpose*, one that lies on the bad side of zero is *worse*, all else
*cannot tell*. A strategy is recommended when it is sure that no other is better by more than the zone; of those that
are equal the quickest is, for nothing else tells them apart. Two names for one strategy are equal, and neither wins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from sim.scenario.resolved import Scenario
from sim.stats.best import Pairs, against_the_best, all_pairs
from sim.stats.paired import stratified_win_probability
from sim.stats.stratified import break_even, expectation
from sim.study import estimates
from sim.study.findings import Difference, Estimate, Ruling, Selected, Standing
from sim.study.joins import sign
from sim.study.ranging import RATE, Ranging, ranging, rates, weights_at
from sim.study.rows import Floats, Table
from sim.study.wording import sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the verdict rests on: the deciding measure's net figures as losses (less is better)."""

    scenario: Scenario
    losses: Mapping[str, Mapping[str, Floats]]
    durations: Mapping[str, float]  # mean duration of a good release, seconds

    @property
    def shares(self) -> list[float]:
        """The probabilities of the cases, in their order."""
        return [share for _, share in self.scenario.cases()]

    def columns(self, strategy: str) -> list[Floats]:
        """A strategy's losses, one column per case."""
        return [self.losses[strategy][case] for case, _ in self.scenario.cases()]

    def loss(self, strategy: str, rate: float | None = None) -> float:
        """The expected loss of a release, at the likely or another rate of bad releases."""
        weights = self.shares if rate is None else weights_at(self.scenario, rate)
        return expectation(weights, self.columns(strategy)).value


NEARLY_AS_SOON = 1.1
"""A rollout that takes up to a tenth longer is no slower to those who wait for it."""


def evidence(table: Table, scenario: Scenario, counts: Mapping[str, int]) -> Evidence:
    """Gather it from the first ``counts`` rows of each case."""
    measure = scenario.study.decide_by
    names = [strategy.name for strategy in scenario.strategies]
    return Evidence(
        scenario=scenario,
        losses={
            name: {
                case: sign(measure) * column
                for case, column in estimates.samples(table, scenario, counts, measure, name, estimates.RELEASE).items()
            }
            for name in names
        },
        durations={name: _duration(table, scenario, counts, name) for name in names},
    )


def rule(
    found: Evidence, reversals: Mapping[tuple[str, str], tuple[str, ...]], selected: Selected | None = None
) -> Ruling:
    """The verdict. ``reversals`` has, by (recommended, reference), the measures on which the order turns round.

    ``selected`` is what a study that ran until the best was known came to; the one that is left is recommended.
    """
    scenario, names = found.scenario, list(found.losses)
    pairs = all_pairs(
        found.shares, {name: found.columns(name) for name in found.losses}, found.scenario.study.confidence
    )
    candidate = min(names, key=lambda name: (found.loss(name), names.index(name)))
    candidate = _quickest(found, pairs, candidate)
    best = selected.best if selected else None
    if best is not None:
        candidate = best
    apart = _differences(pairs, candidate)
    standings = {candidate: Standing.BEST} | {
        each.first: _standing(each.estimate, scenario.study.indifferent) for each in apart
    }
    settled = best is not None or all(each.estimate.low >= -scenario.study.indifferent for each in apart)
    tied = len(names) > 1 and _all_alike(found, candidate)
    if tied:
        standings[candidate] = Standing.EQUAL
    reference = _reference(standings, found, candidate)
    tried = ranging(scenario, {name: found.columns(name) for name in names}, candidate, reference)
    paying = _break_even(found, candidate, reference)
    ruling = Ruling(
        recommended=candidate if settled and not tied else None,
        sentence="",
        measure=scenario.study.decide_by,
        indifferent=scenario.study.indifferent,
        standings={name: standings[name] for name in names},
        differences=tuple(_as_measured(each, sign(scenario.study.decide_by)) for each in apart),
        break_even=paying,
        reference=reference,
        over_range={rate: {name: _signed(found, name, rate) for name in names} for rate in rates(scenario)},
        reversals=reversals.get((candidate, reference), ()) if reference else (),
        not_varied=tuple(ranged.path for ranged in scenario.ranges if ranged.path != RATE),
        against_best={name: estimates.told(each) for name, each in against_the_best(pairs).items()},
        wins=_wins(found, candidate),
        selected=selected,
        over_range_losses=_as_measured_losses(tried, sign(scenario.study.decide_by)),
        over_range_apart=tried.apart,
        over_range_holds=tried.holds if settled and not tied else None,
        break_even_between=tried.break_even_between if paying else None,
    )
    return sentence(ruling, scenario, candidate, found.durations)


def _signed(found: Evidence, strategy: str, rate: float) -> float:
    return sign(found.scenario.study.decide_by) * found.loss(strategy, rate)


def _differences(pairs: Pairs, candidate: str) -> list[Difference]:
    return [
        Difference(
            first=first,
            second=second,
            estimate=estimates.told(each.estimate),
            correlation=each.correlation,
            variance_saved=each.variance_saved,
        )
        for (first, second), each in pairs.items()
        if second == candidate
    ]


def _wins(found: Evidence, candidate: str) -> dict[str, Estimate]:
    """The chance that a bad release costs less by the candidate than by each other on the same luck, a tie one half."""
    defects = [defect.share for defect in found.scenario.release.defects]
    if not defects or not sum(defects) > 0:
        return {}
    weights, ours = (0.0, *(share / sum(defects) for share in defects)), found.columns(candidate)
    confidence = found.scenario.study.confidence
    return {
        name: estimates.told(stratified_win_probability(weights, ours, found.columns(name), confidence))
        for name in found.losses
        if name != candidate
    }


def _as_measured(difference: Difference, direction: float) -> Difference:
    """A difference of losses as one of the measure itself."""
    if direction > 0:
        return difference
    return replace(difference, estimate=_negative(difference.estimate))


def _as_measured_losses(tried: Ranging, direction: float) -> dict[float, dict[str, Estimate]]:
    return {
        rate: {name: found if direction > 0 else _negative(found) for name, found in losses.items()}
        for rate, losses in tried.losses.items()
    }


def _negative(found: Estimate) -> Estimate:
    return replace(found, value=-found.value, low=-found.high, high=-found.low)


def _standing(difference: Estimate, zone: float) -> Standing:
    """How another strategy stands, by its loss minus the candidate's."""
    if -zone <= difference.low and difference.high <= zone:
        return Standing.EQUAL
    return Standing.WORSE if difference.low > 0 else Standing.CANNOT_TELL


def _quickest(found: Evidence, pairs: Pairs, leader: str) -> str:
    """Of the strategies equal to the leader for this purpose the one through soonest; the leader if it is near that."""
    zone, names = found.scenario.study.indifferent, list(found.losses)
    equal = {each.first for each in _differences(pairs, leader) if _standing(each.estimate, zone) == Standing.EQUAL}
    alike = [name for name in names if name in equal or name == leader]
    soonest = min(alike, key=lambda name: (found.durations[name], names.index(name)))
    return leader if found.durations[leader] <= NEARLY_AS_SOON * found.durations[soonest] else soonest


def _all_alike(found: Evidence, candidate: str) -> bool:
    """Whether no strategy differs from the candidate in anything that was played: the same, by several names."""
    return (
        all(
            np.array_equal(one, other)
            for name in found.losses
            for one, other in zip(found.columns(name), found.columns(candidate), strict=True)
        )
        and len({found.durations[name] for name in found.losses}) == 1
    )


def _reference(standings: Mapping[str, Standing], found: Evidence, candidate: str) -> str | None:
    """The strongest rival that is not the same for this purpose; where all are, the best of them."""
    others = [name for name in found.losses if name != candidate]
    unequal = [name for name in others if standings[name] != Standing.EQUAL]
    return min(unequal or others, key=found.loss, default=None)


def _break_even(found: Evidence, candidate: str, reference: str | None) -> float | None:
    """The rate of bad releases above which the candidate pays; 0 when it pays at any rate, None when at none."""
    if reference is None or not found.scenario.release.defects:
        return None
    good, bad = (found.loss(reference, rate) - found.loss(candidate, rate) for rate in (0.0, 1.0))
    if good >= 0:
        return 0.0 if bad > 0 else None
    return break_even(good, bad)


def _duration(table: Table, scenario: Scenario, counts: Mapping[str, int], strategy: str) -> float:
    columns = estimates.samples(table, scenario, counts, "duration", strategy, "good")
    return estimates.estimate(columns, {"good": 1.0}, scenario.study.confidence).value
