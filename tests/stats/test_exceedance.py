"""Exceedance, quantiles and tail means of a mixture, and ratios."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from sim.stats.exceedance import chance_above, exceedance, mixture_quantile, tail_mean
from sim.stats.intervals import Sample, proportion
from sim.stats.ratio import jackknife, ratio
from sim.stats.tail import tail

WEIGHTS = (0.8, 0.2)
EXPERIMENTS = 1_000


def mixture(luck: np.random.Generator) -> list[Sample]:
    """Good: normal around 0; bad: normal around 4; on shared luck, unequal lengths."""
    common = luck.normal(size=400)
    own = luck.normal(size=400)
    return [common[:150], 4 + 2 * (0.8 * common + 0.6 * own)]


def true_chance(threshold: float) -> float:
    return float(0.8 * stats.norm.sf(threshold) + 0.2 * stats.norm.sf(threshold, 4, 2))


def enough(held: int, experiments: int = EXPERIMENTS, promised: float = 0.95) -> bool:
    return held / experiments >= promised - 4 * math.sqrt(promised * (1 - promised) / experiments)


def test_the_chance_above_a_threshold_is_covered() -> None:
    luck = np.random.default_rng(1)
    assert enough(sum(chance_above(WEIGHTS, mixture(luck), 3.0).contains(true_chance(3.0)) for _ in range(EXPERIMENTS)))


def test_one_stratum_is_a_plain_proportion() -> None:
    sample = np.arange(100.0)
    found, plain = chance_above([1.0], [sample], 89.5), proportion(10, 100)
    assert found.value == pytest.approx(0.1)
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high), rel=0.03)


def test_a_threshold_nobody_passed_still_has_an_upper_bound() -> None:
    found = chance_above(WEIGHTS, [np.zeros(100), np.zeros(100)], 1.0)
    assert found.value == 0.0
    assert (found.low, found.high) == pytest.approx((0.0, proportion(0, 100).high))


def test_the_curve_falls_from_nearly_one_to_zero() -> None:
    curve = exceedance(WEIGHTS, mixture(np.random.default_rng(2)))
    assert np.all(np.diff(curve.chances) <= 1e-12)
    assert curve.chances[-1] == pytest.approx(0.0, abs=1e-12)
    assert np.all((curve.low <= curve.chances + 1e-12) & (curve.chances <= curve.high + 1e-12))


def test_the_band_of_one_stratum_is_dvoretzky_kiefer_and_wolfowitz() -> None:
    curve = exceedance([1.0], [np.arange(1_000.0)], [499.5])
    assert curve.high[0] - curve.chances[0] == pytest.approx(math.sqrt(math.log(2 / 0.05) / 2_000))


def test_the_band_holds_the_whole_curve() -> None:
    luck, held, at = np.random.default_rng(3), 0, np.linspace(-3, 12, 60)
    truth = np.array([true_chance(x) for x in at])
    for _ in range(300):
        curve = exceedance(WEIGHTS, mixture(luck), at)
        held += bool(np.all((curve.low <= truth) & (truth <= curve.high)))
    assert enough(held, 300)


def test_the_quantile_of_a_mixture_is_covered() -> None:
    truth = 4 + 2 * float(stats.norm.ppf(0.5))  # near 4: where the good hardly come
    chance = 1 - true_chance(truth)
    luck = np.random.default_rng(4)
    held = sum(mixture_quantile(WEIGHTS, mixture(luck), chance).contains(truth) for _ in range(EXPERIMENTS))
    assert enough(held)


def test_a_mixture_of_one_stratum_has_the_plain_quantile() -> None:
    assert mixture_quantile([1.0], [np.arange(1.0, 101.0)], 0.5).value == 50.0


def test_a_quantile_beyond_the_data_is_open_above() -> None:
    assert mixture_quantile(WEIGHTS, [np.arange(20.0), np.arange(20.0)], 0.99).high == math.inf


def test_a_quantile_among_those_that_never_come_is_never() -> None:
    assert mixture_quantile(WEIGHTS, [np.zeros(9), np.full(9, math.inf)], 0.9).value == math.inf


def test_the_tail_mean_of_a_lognormal_agrees_with_its_formula() -> None:
    sample = np.exp(0.5 * stats.norm.ppf((np.arange(200_000) + 0.5) / 200_000))
    truth = math.exp(0.125) * stats.norm.cdf(0.5 - stats.norm.ppf(0.95)) / 0.05
    assert tail_mean([1.0], [sample], 0.95).value == pytest.approx(truth, rel=1e-3)


def test_the_ratio_is_that_of_the_means_and_not_the_mean_of_ratios() -> None:
    found = ratio(
        [0.5, 0.5], [np.array([1.0, 3.0]), np.array([10.0, 10.0])], [np.array([2.0, 2.0]), np.array([10.0, 20.0])]
    )
    assert found.value == pytest.approx(12 / 17)


def test_the_ratio_is_covered_when_tops_and_bottoms_move_together() -> None:
    luck, held = np.random.default_rng(5), 0
    for _ in range(EXPERIMENTS):
        bottoms = luck.uniform(50, 150, 80)
        tops = 0.9 * bottoms + luck.normal(size=80)
        held += ratio([1.0], [tops], [bottoms]).contains(0.9)
    assert enough(held)


def test_the_jackknife_removes_the_bias_of_a_ratio() -> None:
    luck = np.random.default_rng(6)
    plain, mended = [], []
    for _ in range(4_000):
        tops, bottoms = np.ones(10), luck.uniform(0.2, 1.8, 10)
        plain.append(ratio([1.0], [tops], [bottoms]).value)
        mended.append(jackknife(tops, bottoms).value)
    assert abs(np.mean(mended) - 1) < abs(np.mean(plain) - 1) / 4


def test_a_ratio_that_never_varies_is_certain() -> None:
    found = jackknife(np.array([1.0, 2.0]), np.array([2.0, 4.0]))
    assert (found.low, found.value, found.high) == (0.5, 0.5, 0.5)


def test_a_ratio_to_nothing_is_no_number() -> None:
    assert math.isnan(ratio([1.0], [np.ones(3)], [np.zeros(3)]).value)
    assert math.isnan(jackknife(np.ones(3), np.zeros(3)).value)


def test_a_normal_sample_carries_a_mean_and_one_outage_among_a_hundred_does_not() -> None:
    assert tail(np.random.default_rng(7).normal(size=400)).carries_a_mean
    assert not tail(np.array([0.0] * 99 + [1e6])).carries_a_mean


def test_no_data_has_no_tail() -> None:
    assert tail(np.array([])).worst_share == 0.0
