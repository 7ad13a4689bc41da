"""The verdict: which strategy to use, by one measure and with a zone in which the reader is indifferent.

Every strategy is compared with every other by paired differences on common luck, with intervals that hold for all
pairs together: the recommended one is picked by the same data, and only so do its comparisons still hold. A difference
that lies within the zone is *equal for your purpose*, one that lies on the bad side of zero is *worse*, all else
*cannot tell*. A strategy is recommended when it is sure that no other is better by more than the zone; of those that
are equal the quickest is, for nothing else tells them apart. Two names for one strategy are equal, and neither wins.

Whoever surely does not ship (:mod:`sim.study.shipping`) stands for no election, and neither does no release at all
beside others. Where that changes the winner, the one who would have won is named with its price.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sim.scenario.resolved import Scenario
from sim.stats.best import Pairs, against_the_best, all_pairs
from sim.stats.intervals import Interval
from sim.stats.paired import stratified_win_probability
from sim.stats.skewed import skewed_expectation
from sim.stats.stratified import break_even, expectation
from sim.study import estimates, outlook
from sim.study.contest import electable
from sim.study.findings import Difference, Estimate, Excluded, Ruling, Selected, Shipping, Ships, Standing, Swing
from sim.study.joins import sign
from sim.study.outlook import Pace, depends_on
from sim.study.ranging import RATE, Ranging, ranging, rates, weights_at
from sim.study.rows import Floats, Table
from sim.study.wording import sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the verdict rests on: the deciding measure's net figures as losses (less is better)."""

    scenario: Scenario
    losses: Mapping[str, Mapping[str, Floats]]
    durations: Mapping[str, float]  # mean duration of a good release, seconds
    requests: float = math.nan  # of one release, over all streams

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
        durations={name: _mean_if_good(table, scenario, counts, name, "duration") for name in names},
        requests=_mean_if_good(table, scenario, counts, names[0], "requests"),
    )


def rule(
    found: Evidence,
    reversals: Mapping[tuple[str, str], tuple[str, ...]],
    selected: Selected | None = None,
    ships: Mapping[str, Shipping] | None = None,
    *,
    seconds: float = math.nan,
    swung: Callable[[Ruling], Sequence[Swing]] | None = None,
) -> Ruling:
    """The verdict. ``reversals`` has, by (recommended, reference), the measures on which the order turns round.

    ``selected`` is what a study that ran until the best was known came to; the one that is left is recommended, if it
    ships. ``seconds`` is how long a replication takes by all workers together, ``swung`` what moves the advantage of a
    ruling, the most first: only what is said of both rests on them.
    """
    ships, zone, direction = ships or {}, found.scenario.study.indifferent, sign(found.scenario.study.decide_by)
    names, stand = list(found.losses), electable(list(found.losses), ships)
    pairs = all_pairs(found.shares, {name: found.columns(name) for name in names}, found.scenario.study.confidence)
    running = stand or names  # where none ships, the figures are told all the same
    candidate, best = _candidate(found, pairs, running), selected.best if selected else None
    if best in running and best is not None:
        candidate = best
    apart = _differences(pairs, candidate)
    standings = {candidate: Standing.BEST} | {each.first: _standing(each.estimate, zone) for each in apart}
    standings |= {name: _not_elected(ships[name]) for name in names if name not in stand and name in ships}
    rivals = [each for each in apart if each.first in running]
    settled = candidate == best or all(each.estimate.low >= -zone for each in rivals)
    tied = len(running) > 1 and _all_alike(found, candidate, running)
    if tied and stand:
        standings[candidate] = Standing.EQUAL
    reference = _reference(standings, found, candidate, running)
    columns = {name: found.columns(name) for name in names}
    tried = ranging(found.scenario, columns, candidate, reference, running)
    paying = _break_even(found, candidate, reference)
    recommended = candidate if stand and settled and not tied else None
    ruling = Ruling(
        recommended=recommended,
        sentence="",
        measure=found.scenario.study.decide_by,
        indifferent=zone,
        standings={name: standings[name] for name in names},
        differences=tuple(_as_measured(each, direction) for each in apart),
        break_even=paying,
        reference=reference,
        over_range={rate: {name: _signed(found, name, rate) for name in names} for rate in rates(found.scenario)},
        reversals=reversals.get((candidate, reference), ()) if reference else (),
        not_varied=tuple(ranged.path for ranged in found.scenario.ranges if ranged.path != RATE),
        against_best={name: estimates.told(each) for name, each in _against_the_best(pairs, running).items()},
        wins=_wins(found, candidate),
        selected=selected,
        over_range_losses=_as_measured_losses(tried, direction),
        over_range_apart=tried.apart,
        over_range_holds=tried.holds if recommended else None,
        break_even_between=tried.break_even_between,
        none_ships=not stand,
        excluded=_excluded(found, pairs, stand, ships),
    )
    pace = Pace(replications=_varying(found, running), seconds=seconds)
    return sentence(
        ruling,
        found.scenario,
        candidate,
        found.durations,
        told_losses(found),
        ships,
        found.requests,
        depends=depends_on(swung(ruling)) if swung and recommended else (),
        more=outlook.more(outlook.times_as_many(rivals, zone, selected), pace),
    )


def _varying(found: Evidence, names: Sequence[str]) -> float:
    """Replications of these strategies in cases that vary, with their twins."""
    columns = [
        [column for name in names for column in (found.losses[name][case],) if len(column) > 1 and np.ptp(column) > 0]
        for case, _ in found.scenario.cases()
    ]
    return float(sum(len(column) for of_case in columns for column in of_case)) + max(
        (len(column) for of_case in columns for column in of_case), default=0
    )


def told_losses(found: Evidence) -> dict[str, tuple[Estimate, Estimate | None]]:
    """By strategy the expected loss of any release and of a bad one, as the measure is written."""
    direction, defects = sign(found.scenario.study.decide_by), found.scenario.release.defects
    whole = sum(defect.share for defect in defects)
    bad = [0.0, *(defect.share / whole for defect in defects)] if whole > 0 else []
    confidence, told = found.scenario.study.confidence, {}
    for name in found.losses:
        columns = [direction * column for column in found.columns(name)]
        if_bad = bounded(skewed_expectation(bad, columns, confidence), columns) if bad else None
        told[name] = bounded(skewed_expectation(found.shares, columns, confidence), columns), if_bad
    return told


def bounded(found: Interval, columns: Sequence[Floats]) -> Estimate:
    """An expectation whose interval does not go below zero where no release did."""
    return estimates.told(estimates.not_below_what_can_be(found, columns))


def _candidate(found: Evidence, pairs: Pairs, running: Sequence[str]) -> str:
    """The best by expectation, or one that is equal to it and quicker."""
    least = min(running, key=lambda name: (found.loss(name), running.index(name)))
    return _quickest(found, pairs, least, running)


def _not_elected(found: Shipping) -> Standing:
    return Standing.DOES_NOT_SHIP if found.standing is Ships.DOES_NOT else Standing.BASELINE


def _against_the_best(pairs: Pairs, running: Sequence[str]) -> dict[str, Interval]:
    """Each one against the best of the others that may be recommended."""
    return against_the_best({pair: each for pair, each in pairs.items() if pair[1] in running})


def _excluded(found: Evidence, pairs: Pairs, stand: Sequence[str], ships: Mapping[str, Shipping]) -> Excluded | None:
    """Who would have won if it shipped; None where that is nobody."""
    out = [name for name in found.losses if name in ships and ships[name].standing is Ships.DOES_NOT]
    if not stand or not out:
        return None
    name = _candidate(found, pairs, [each for each in found.losses if each in stand or each in out])
    if name in stand:
        return None
    share, good = ships[name].share, expectation([1.0], found.columns(name)[:1]).value
    again = found.loss(name)
    if share < 1.0:
        again += found.shares[0] * good * share / (1.0 - share)
    direction = sign(found.scenario.study.decide_by)
    return Excluded(
        name=name,
        loss=told_losses(found)[name][0],
        again=direction * again if share < 1.0 else float("inf"),
        admits=ships[name].share,
    )


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


def _quickest(found: Evidence, pairs: Pairs, leader: str, names: Sequence[str]) -> str:
    """Of the strategies equal to the leader for this purpose the one through soonest; the leader if it is near that."""
    zone = found.scenario.study.indifferent
    equal = {each.first for each in _differences(pairs, leader) if _standing(each.estimate, zone) == Standing.EQUAL}
    alike = [name for name in names if name in equal or name == leader]
    soonest = min(alike, key=lambda name: (found.durations[name], names.index(name)))
    return leader if found.durations[leader] <= NEARLY_AS_SOON * found.durations[soonest] else soonest


def _all_alike(found: Evidence, candidate: str, running: Sequence[str]) -> bool:
    """Whether no strategy differs from the candidate in anything that was played: the same, by several names."""
    return (
        all(
            np.array_equal(one, other)
            for name in running
            for one, other in zip(found.columns(name), found.columns(candidate), strict=True)
        )
        and len({found.durations[name] for name in running}) == 1
    )


def _reference(
    standings: Mapping[str, Standing], found: Evidence, candidate: str, running: Sequence[str]
) -> str | None:
    """The strongest rival that is not the same for this purpose; where all are, the best of them."""
    others = [name for name in running if name != candidate]
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


def _mean_if_good(table: Table, scenario: Scenario, counts: Mapping[str, int], strategy: str, measure: str) -> float:
    columns = estimates.samples(table, scenario, counts, measure, strategy, "good")
    return estimates.estimate(columns, {"good": 1.0}, scenario.study.confidence).value
