"""The interval that leans: what it agrees with, and that it covers where the symmetric one does not."""

from __future__ import annotations

import numpy as np
import pytest
from coverage_grid import KINDS, measured
from coverage_worlds import WORLDS, World
from hypothesis import given
from hypothesis import strategies as st

from sim.stats.skewed import skewed_expectation, straightened
from sim.stats.stratified import expectation

BY_NAME = {kind.name: kind for kind in KINDS}
PLAYS = 400


def world(name: str) -> World:
    return next(each for each in WORLDS if each.name == name)


def test_without_skewness_it_is_the_t_interval() -> None:
    sample = np.array([1.0, 2.0, 4.0, 5.0])
    plain, found = expectation([1.0], [sample]), skewed_expectation([1.0], [sample])
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high))


def test_it_leans_to_the_long_tail() -> None:
    found = skewed_expectation([1.0], [np.exp(np.random.default_rng(1).standard_normal(50))])
    assert found.high - found.value > 1.1 * (found.value - found.low)


def test_it_is_never_narrower_than_the_symmetric_one_on_either_side() -> None:
    sample = np.exp(np.random.default_rng(1).standard_normal(50))
    plain, found = expectation([1.0], [sample]), skewed_expectation([1.0], [sample])
    assert found.low <= plain.low
    assert found.high > plain.high


def test_what_never_varies_has_an_interval_of_no_length() -> None:
    found = skewed_expectation([0.9, 0.1], [np.zeros(5), np.full(5, 3.0)])
    assert found.low == found.high == pytest.approx(0.3)


def test_one_number_carries_no_interval() -> None:
    assert np.isnan(skewed_expectation([1.0], [np.array([3.0])]).low)


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(-1.5, 1.5))
def test_the_transformation_keeps_the_order(one: float, other: float, skewness: float) -> None:
    low, high = sorted((one, other))
    assert straightened(low, skewness) <= straightened(high, skewness) + 1e-9


@given(st.floats(-3, 3), st.floats(0.01, 1.5))
def test_the_transformation_undoes_halls_cubic(number: float, skewness: float) -> None:
    found = straightened(number, skewness)
    cubic = found + skewness / 3 * found**2 + skewness**2 / 27 * found**3 + skewness / 6
    assert cubic == pytest.approx(number, abs=1e-6)


@given(st.floats(0.1, 1e6), st.floats(-1e3, 1e3))
def test_units_do_not_matter(scale: float, shift: float) -> None:
    sample = np.exp(np.random.default_rng(2).standard_normal(30))
    found, moved = skewed_expectation([1.0], [sample]), skewed_expectation([1.0], [scale * sample + shift])
    expected = (scale * found.low + shift, scale * found.high + shift)
    assert (moved.low, moved.high) == pytest.approx(expected, rel=1e-6, abs=1e-6 * max(scale, abs(shift)))


@pytest.mark.parametrize(
    ("name", "where", "n", "least"),
    [
        ("loss if bad, leaning", "skewed", 50, 0.92),
        ("loss if bad, leaning", "zero in six of ten", 50, 0.92),
        ("loss if bad, leaning", "bounded", 50, 0.94),
        ("loss per release, leaning", "skewed, good noisy too", 100, 0.93),
        ("loss per release, leaning", "skewed very much", 100, 0.88),
        ("difference, leaning", "skewed", 50, 0.91),
        ("p90 if bad", "skewed", 50, 0.92),
        ("chance above 1 if bad", "skewed", 50, 0.93),
        ("mean of the worst tenth", "skewed a little", 300, 0.90),
        ("ratio of losses", "skewed", 100, 0.92),
    ],
)
def test_the_intervals_cover_as_the_table_says(name: str, where: str, n: int, least: float) -> None:
    found = measured(BY_NAME[name], world(where), n, PLAYS)
    assert found.at_least(least), f"{found.share:.3f} of {PLAYS}"


def test_the_leaning_interval_covers_more_than_the_symmetric_one_when_losses_are_skewed() -> None:
    where = world("skewed very much")
    plain = measured(BY_NAME["loss if bad, t"], where, 50, PLAYS)
    leaning = measured(BY_NAME["loss if bad, leaning"], where, 50, PLAYS)
    assert leaning.held > plain.held + 0.03 * PLAYS
