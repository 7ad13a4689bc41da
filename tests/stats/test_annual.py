"""A year of releases agrees with arithmetic, and its bands hold."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.stats.annual import year
from sim.stats.coverage import coverage
from sim.stats.intervals import Interval

RELEASES, RATE = 100, 0.1


def test_with_one_price_per_bad_release_a_year_is_a_binomial_number_of_them() -> None:
    found = year([1 - RATE, RATE], [np.zeros(30), np.full(30, 7.0)], RELEASES)
    expected = stats.binom.sf(np.floor(found.curve.thresholds / 7.0), RELEASES, RATE)
    assert found.curve.chances == pytest.approx(expected, abs=0.06)  # a thousand years are drawn
    assert found.one_in_twenty.value == pytest.approx(7.0 * stats.binom.ppf(0.95, RELEASES, RATE), abs=7.0)


def test_the_same_data_give_the_same_year() -> None:
    luck = np.random.default_rng(1)
    samples = [luck.normal(size=20), luck.exponential(size=40)]
    one, other = year([0.9, 0.1], samples, RELEASES), year([0.9, 0.1], samples, RELEASES)
    assert one.one_in_twenty == other.one_in_twenty
    assert np.array_equal(one.curve.high, other.curve.high)


def test_the_curve_falls_and_lies_in_its_band() -> None:
    found = year([0.9, 0.1], [np.zeros(20), np.random.default_rng(1).exponential(size=60)], RELEASES).curve
    assert np.all(np.diff(found.chances) <= 0)
    assert np.all((found.low <= found.chances + 0.02) & (found.chances <= found.high + 0.02))


def test_what_one_year_in_twenty_exceeds_is_covered() -> None:
    def truth() -> float:
        luck = np.random.default_rng(99)
        bad = luck.binomial(RELEASES, RATE, 200_000)
        return float(np.quantile(luck.gamma(np.maximum(bad, 1e-9)), 0.95))  # sums of exponentials

    def experiment(luck: np.random.Generator) -> Interval:
        return year([1 - RATE, RATE], [np.zeros(20), luck.exponential(size=100)], RELEASES).one_in_twenty

    assert coverage(experiment, truth(), plays=100).at_least(0.92)
