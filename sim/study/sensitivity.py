"""What the verdict hangs on, as far as the releases that were played can tell: the same releases, weighed otherwise.

How often releases are bad, which defects they have and what things cost are weights on replications, so that other
values of these cost no further play. All other inputs need a sweep. Each swing is of the advantage that the verdict
claims, with one input at its low and at its high end; an input without a range goes from half to double.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.scenario.resolved import Scenario
from sim.stats.stratified import expectation
from sim.study import estimates
from sim.study.cells import GOOD
from sim.study.charges import Charge, charges
from sim.study.findings import NOT_ELECTED, Ruling, Swing
from sim.study.joins import LOSS
from sim.study.ranging import rates
from sim.study.rows import Floats, Table
from sim.study.ruling import Evidence
from sim.units import show_share, two_figures

HALF, DOUBLE = 0.5, 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    """One end of one input: how it is written, the weights of the cases, and what is added to each strategy's loss."""

    word: str
    weights: tuple[float, ...]
    more: Mapping[str, Sequence[Floats]] | None = None


def swings(table: Table, scenario: Scenario, counts: Mapping[str, int], found: Evidence, ruling: Ruling) -> list[Swing]:
    """The inputs that can be weighed otherwise, the one that moves the advantage most first.

    Empty without bad releases, and where there is nobody to compare with.
    """
    first = next((name for name, standing in ruling.standings.items() if standing.value == "best"), None)
    chosen, other = ruling.recommended or first, ruling.reference
    if not scenario.release.defects or chosen is None or other is None:
        return []
    ends = [_rate(scenario), *_defects(scenario), *_prices(table, scenario, counts)]
    swung = [_swing(found, ruling, name, low, high, (chosen, other)) for name, low, high in ends]
    return sorted(swung, key=lambda each: -abs(each.at_high.value - each.at_low.value))


def _swing(found: Evidence, ruling: Ruling, name: str, low: _End, high: _End, pair: tuple[str, str]) -> Swing:
    chosen, other = pair
    advantages = []
    for end in (low, high):
        apart = [
            theirs - ours
            for theirs, ours in zip(_columns(found, other, end), _columns(found, chosen, end), strict=True)
        ]
        advantages.append(estimates.told(expectation(end.weights, apart, found.scenario.study.confidence)))
    excess, best = max(_excess(found, ruling, chosen, end) for end in (low, high))
    return Swing(
        input=name,
        low=low.word,
        high=high.word,
        chosen=chosen,
        other=other,
        at_low=advantages[0],
        at_high=advantages[1],
        better=best if excess > ruling.indifferent else None,
    )


def _columns(found: Evidence, strategy: str, end: _End) -> list[Floats]:
    more = end.more[strategy] if end.more else None
    columns = found.columns(strategy)
    return columns if more is None else [one + extra for one, extra in zip(columns, more, strict=True)]


def _excess(found: Evidence, ruling: Ruling, chosen: str, end: _End) -> tuple[float, str]:
    """By how much the chosen strategy costs more than the cheapest that may be chosen, and which that is."""
    running = [name for name in found.losses if ruling.standings[name] not in NOT_ELECTED]
    losses = {name: expectation(end.weights, _columns(found, name, end)).value for name in running}
    best = min(losses, key=lambda name: losses[name])
    return losses[chosen] - losses[best], best


def _weights(scenario: Scenario, rate: float, shares: Mapping[str, float]) -> tuple[float, ...]:
    """The probability of each case, by how often releases are bad and the shares of the defects among those."""
    whole = sum(shares.values())
    return tuple(1 - rate if case == GOOD else rate * shares[case] / whole for case, _ in scenario.cases())


def _rate(scenario: Scenario) -> tuple[str, _End, _End]:
    likely, shares = scenario.release.change_failure_rate, _shares(scenario)
    tried = rates(scenario)
    ends = (min(tried), max(tried)) if len(tried) > 1 else (likely * HALF, min(1.0, likely * DOUBLE))
    low, high = (_End(word=show_share(rate), weights=_weights(scenario, rate, shares)) for rate in ends)
    return "how often releases are bad", low, high


def _defects(scenario: Scenario) -> Iterator[tuple[str, _End, _End]]:
    rate, shares = scenario.release.change_failure_rate, _shares(scenario)
    for name, share in shares.items():
        if len(shares) > 1 and share > 0:
            ends = []
            for factor in (HALF, DOUBLE):
                moved = {**shares, name: share * factor}
                of_all = moved[name] / sum(moved.values())
                word = show_share(two_figures(of_all))
                ends.append(_End(word=word, weights=_weights(scenario, rate, moved)))
            yield f"{name} among bad releases", ends[0], ends[1]


def _shares(scenario: Scenario) -> dict[str, float]:
    return {defect.name: defect.share for defect in scenario.release.defects}


def _prices(table: Table, scenario: Scenario, counts: Mapping[str, int]) -> Iterator[tuple[str, _End, _End]]:
    """Only where money decides. A pod-hour's twin is the same for all strategies, and so has no say in differences."""
    prices, weights = scenario.prices, tuple(share for _, share in scenario.cases())
    if prices is None or scenario.study.decide_by != LOSS:
        return
    for charge in charges(prices):
        if charge.price > 0:
            ends = []
            for factor in (HALF, DOUBLE):
                more = {
                    one.name: [
                        (factor - 1) * charge.price * amount
                        for amount in _charged(table, scenario, counts, one.name, charge)
                    ]
                    for one in scenario.strategies
                }
                word = f"{charge.price * factor:.4g} {prices.currency}"
                ends.append(_End(word=word, weights=weights, more=more))
            yield f"price of {charge.what}", ends[0], ends[1]


def _charged(
    table: Table, scenario: Scenario, counts: Mapping[str, int], strategy: str, charge: Charge
) -> Iterator[Floats]:
    """Case by case how much of the priced thing each release has."""
    of_measures = [
        [amount * np.nan_to_num(column) for column in found.values()]
        for measure, amount in charge.of
        for found in [estimates.samples(table, scenario, counts, measure, strategy, estimates.RELEASE)]
    ]
    return (sum(parts) for parts in zip(*of_measures, strict=True))
