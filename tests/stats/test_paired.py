"""Differences on common luck: their intervals cover, alone and together, and pairing's worth is told."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from sim.stats.intervals import Sample
from sim.stats.paired import (
    difference,
    holm,
    simultaneous,
    stratified_difference,
    stratified_win_probability,
    win_probability,
)

WEIGHTS = (0.9, 0.1)


def strategies(luck: np.random.Generator, gaps: tuple[float, ...], n: int = 60) -> list[list[Sample]]:
    """One pair of strata per strategy; all strategies are moved by the same luck, the bad stratum by a gap."""
    common = luck.normal(size=n)
    return [[0.1 * common + 0.1 * luck.normal(size=n), 20 + gap + 5 * common + luck.normal(size=n)] for gap in gaps]


def test_a_difference_agrees_with_the_paired_t_test() -> None:
    luck = np.random.default_rng(1)
    first, second = luck.normal(size=30), luck.normal(size=30)
    expected = stats.ttest_rel(first, second)
    found = difference(first, second)
    bounds = expected.confidence_interval(0.95)
    assert (found.estimate.low, found.estimate.high) == pytest.approx((bounds.low, bounds.high))
    assert found.p_value == pytest.approx(expected.pvalue)


def test_the_correlation_and_the_variance_saved_are_those_of_the_samples() -> None:
    luck = np.random.default_rng(2)
    common = luck.normal(size=500)
    first, second = common + 0.3 * luck.normal(size=500), 2 * common + 0.3 * luck.normal(size=500)
    found = difference(first, second)
    assert found.correlation == pytest.approx(np.corrcoef(first, second)[0, 1])
    apart = first.var(ddof=1) + second.var(ddof=1)
    assert found.variance_saved == pytest.approx(1 - (first - second).var(ddof=1) / apart)


def test_pairing_that_backfires_is_told_as_a_negative_saving() -> None:
    common = np.random.default_rng(3).normal(size=50)
    assert difference(common, -common).variance_saved == pytest.approx(-1.0)


def test_two_names_for_one_strategy_differ_by_exactly_nothing() -> None:
    (samples,) = strategies(np.random.default_rng(4), (0.0,))
    found = stratified_difference(WEIGHTS, samples, samples)
    assert (found.estimate.low, found.estimate.value, found.estimate.high) == (0.0, 0.0, 0.0)
    assert found.p_value == 1.0


def test_only_common_indexes_are_compared() -> None:
    first, second = np.arange(10.0), np.arange(7.0) + 1
    assert difference(first, second).estimate.value == pytest.approx(-1.0)
    assert difference(first, second).estimate.n == 7


def test_simultaneous_intervals_cover_all_differences_together() -> None:
    luck, gaps, experiments, held = np.random.default_rng(5), (0.0, 1.0, 2.0, -1.0), 1_000, 0
    for _ in range(experiments):
        reference, *others = strategies(luck, gaps)
        found = simultaneous(WEIGHTS, reference, {str(gap): each for gap, each in zip(gaps[1:], others, strict=True)})
        held += all(found[str(gap)].estimate.contains(0.1 * gap) for gap in gaps[1:])
    assert held / experiments >= 0.95 - 4 * math.sqrt(0.95 * 0.05 / experiments)


def test_intervals_taken_one_by_one_do_not_hold_together() -> None:
    """The experiment above can fail: without the correction fewer than 95 % of experiments hold."""
    luck, experiments, held = np.random.default_rng(5), 1_000, 0
    for _ in range(experiments):
        reference, *others = strategies(luck, (0.0,) * 6)
        held += all(stratified_difference(WEIGHTS, each, reference).estimate.contains(0.0) for each in others)
    assert held / experiments < 0.95 - 4 * math.sqrt(0.95 * 0.05 / experiments)


def test_equal_strategies_are_seldom_told_apart() -> None:
    luck, experiments, told = np.random.default_rng(6), 1_000, 0
    for _ in range(experiments):
        reference, *others = strategies(luck, (0.0,) * 4, n=40)
        found = simultaneous(WEIGHTS, reference, {str(place): each for place, each in enumerate(others)})
        told += bool(holm({name: each.p_value for name, each in found.items()}))
    assert told / experiments <= 0.05 + 4 * math.sqrt(0.95 * 0.05 / experiments)


def test_holm_stops_at_the_first_that_fails() -> None:
    assert holm({"a": 0.001, "b": 0.03, "c": 0.04}) == frozenset({"a"})


def test_an_unknown_p_value_never_tells_apart() -> None:
    assert holm({"a": math.nan}) == frozenset()


def test_the_chance_to_win_counts_a_tie_one_half() -> None:
    first, second = np.array([0.0] * 50 + [1.0] * 30 + [2.0] * 20), np.array([0.0] * 50 + [2.0] * 30 + [1.0] * 20)
    found = win_probability(first, second)
    assert found.value == pytest.approx(0.25 + 0.3)
    assert found.low < 0.55 < found.high


def test_all_ties_are_one_half_for_certain() -> None:
    found = win_probability(np.zeros(20), np.zeros(20))
    assert (found.low, found.value, found.high) == (0.5, 0.5, 0.5)


def test_the_chance_to_win_over_strata_is_that_of_each_by_its_weight() -> None:
    first, second = [np.zeros(20), np.zeros(20)], [np.zeros(20), np.array([1.0] * 15 + [-1.0] * 5)]
    assert stratified_win_probability(WEIGHTS, first, second).value == pytest.approx(0.9 * 0.5 + 0.1 * 0.75)
