"""A year of releases agrees with arithmetic, and its bands hold."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest
from coverage_worlds import WORLDS
from coverage_years import measured
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.stats.annual import year
from sim.stats.compound import totals
from sim.stats.coverage import coverage
from sim.stats.intervals import Interval, Sample

RELEASES, RATE = 100, 0.1


@pytest.mark.parametrize("releases", [1, 12, 100, 3000])
def test_with_one_price_per_bad_release_a_year_is_a_binomial_number_of_them(releases: int) -> None:
    found = year([1 - RATE, RATE], [np.zeros(30), np.full(30, 7.0)], releases)
    expected = stats.binom.sf(np.round(found.curve.thresholds / 7.0), releases, RATE)
    assert found.curve.chances == pytest.approx(expected, abs=1e-9)
    assert found.one_in_twenty.value == pytest.approx(7.0 * stats.binom.ppf(0.95, releases, RATE))


def test_a_sum_has_the_mean_and_the_variance_of_its_draws() -> None:
    luck = np.random.default_rng(3)
    shares, samples = [0.7, 0.2, 0.1], [luck.normal(size=9), luck.exponential(size=20), 50 * luck.random(7)]
    found, _ = totals(shares, samples, 40)
    points = found.low + found.step * np.arange(len(found.chances))
    chances = np.diff(found.chances, prepend=0.0)
    mean = sum(share * x.mean() for share, x in zip(shares, samples, strict=True))
    square = sum(share * (x**2).mean() for share, x in zip(shares, samples, strict=True))
    assert chances @ points == pytest.approx(40 * mean, rel=1e-6)
    assert chances @ (points - 40 * mean) ** 2 == pytest.approx(40 * (square - mean**2), rel=1e-3)


@given(
    st.lists(st.integers(-20, 60).map(float), min_size=1, max_size=5),
    st.lists(st.integers(-20, 60).map(float), min_size=1, max_size=5),
    st.integers(0, 3),
)
@example([0.0, 1.0], [0.0, 1.0], 0)  # half of all draws are 0, so that a transform is 0 somewhere
@settings(max_examples=30)
def test_a_sum_of_few_draws_is_what_counting_gives(first: list[float], second: list[float], draws: int) -> None:
    masses = dict.fromkeys((*first, *second), 0.0)
    for share, sample in ((0.75, first), (0.25, second)):
        for number in sample:
            masses[number] += share / len(sample)
    counted = {0.0: 1.0}
    for _ in range(draws):
        added: dict[float, float] = {}
        for (sum_, chance), (number, mass) in itertools.product(counted.items(), masses.items()):
            added[sum_ + number] = added.get(sum_ + number, 0.0) + chance * mass
        counted = added
    between = np.arange(-60.5, 181.0)
    expected = [sum(chance for sum_, chance in counted.items() if sum_ > each) for each in between]
    found, _ = totals([0.75, 0.25], [np.array(first), np.array(second)], draws)
    assert found.above(between) == pytest.approx(expected, abs=1e-9)


def test_the_same_data_give_the_same_year() -> None:
    luck = np.random.default_rng(1)
    samples = [luck.normal(size=20), luck.exponential(size=40)]
    one, other = year([0.9, 0.1], samples, RELEASES), year([0.9, 0.1], samples, RELEASES)
    assert one.one_in_twenty == other.one_in_twenty
    assert np.array_equal(one.curve.high, other.curve.high)


def test_the_curve_falls_and_lies_in_its_band() -> None:
    found = year([0.9, 0.1], [np.zeros(20), np.random.default_rng(1).exponential(size=60)], RELEASES).curve
    assert np.all(np.diff(found.chances) <= 0)
    assert np.all((found.low <= found.chances) & (found.chances <= found.high))


def truth(prices: Callable[[np.random.Generator, int], Sample]) -> float:
    """What one year in twenty exceeds, by drawing very many years."""
    luck = np.random.default_rng(99)
    bad = luck.binomial(RELEASES, RATE, 100_000)
    costs = np.bincount(np.repeat(np.arange(len(bad)), bad), prices(luck, int(bad.sum())), minlength=len(bad))
    return float(np.quantile(costs, 0.95))


@pytest.mark.parametrize(
    ("prices", "promised"),
    [
        (lambda luck, n: luck.exponential(size=n), 0.95),
        (lambda luck, n: luck.lognormal(size=n), 0.91),
        (lambda luck, n: 100.0 + luck.random(n), 0.95),  # a thousand drawn years were off by more than this varies
    ],
    ids=["exponential", "lognormal", "hardly varying"],
)
def test_what_one_year_in_twenty_exceeds_is_covered(
    prices: Callable[[np.random.Generator, int], Sample], promised: float
) -> None:
    def experiment(luck: np.random.Generator) -> Interval:
        return year([1 - RATE, RATE], [np.zeros(20), prices(luck, 60)], RELEASES).one_in_twenty

    assert coverage(experiment, truth(prices), plays=75).at_least(promised)


def test_what_one_year_in_twenty_exceeds_is_covered_where_costs_come_in_lumps() -> None:
    rare = next(world for world in WORLDS if world.name.startswith("rare"))
    assert measured(rare, RELEASES, 300, plays=60).at_least(0.95)


def test_the_band_of_the_curve_covers_the_chance_of_a_dear_year() -> None:
    at, bad = 15.0, np.random.default_rng(98).binomial(RELEASES, RATE, 400_000)
    chance = float(stats.gamma.sf(at, np.maximum(bad, 1e-9)).mean())

    def experiment(luck: np.random.Generator) -> Interval:
        curve = year([1 - RATE, RATE], [np.zeros(20), luck.exponential(size=60)], RELEASES).curve
        low, high, value = (float(np.interp(at, curve.thresholds, y)) for y in (curve.low, curve.high, curve.chances))
        return Interval(value=value, low=low, high=high, n=80, method="band")

    assert coverage(experiment, chance, plays=75).at_least(0.95)


def test_a_study_without_spread_has_a_year_without_a_band() -> None:
    found = year([0.9, 0.1], [np.zeros(20), np.full(20, 3.0)], RELEASES)
    assert found.one_in_twenty.half_width == 0.0
    assert math.isclose(found.one_in_twenty.value, 45.0)
