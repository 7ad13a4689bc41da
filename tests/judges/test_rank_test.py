import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.judges.mann_whitney import exact, faithful, statistic
from sim.judges.metric_label import Label, MetricRule, clean, label, outliers_by_quartiles

NUMBERS = st.lists(st.integers(-1000, 1000).map(float), min_size=5, max_size=25, unique=True)


@given(NUMBERS, NUMBERS)
def test_on_large_numbers_the_solver_agrees_with_the_order_statistics(first: list[float], second: list[float]) -> None:
    """The order statistics are a step apart at most: between one difference and the next."""
    near, sure = faithful(first, second, 0.9), exact(first, second, 0.9)
    differences = sorted(x - y for x in first for y in second)
    place = min(range(len(differences)), key=lambda each: abs(differences[each] - sure.low))
    beside = differences[max(0, place - 3)], differences[min(len(differences) - 1, place + 3)]
    assert beside[0] - 1e-3 <= near.low <= beside[1] + 1e-3


@given(NUMBERS, NUMBERS)
def test_the_exact_interval_is_never_reversed_and_holds_its_estimate(first: list[float], second: list[float]) -> None:
    shift = exact(first, second, 0.98)
    assert shift.low <= shift.estimate <= shift.high


@given(NUMBERS, NUMBERS, st.floats(-100, 100))
def test_the_statistic_falls_with_the_shift(first: list[float], second: list[float], shift: float) -> None:
    ordered = sorted(second)
    assert statistic(first, ordered, shift) >= statistic(first, ordered, shift + 10) - 0.2


def test_the_solver_reverses_an_interval_of_small_ratios_and_the_order_statistics_do_not() -> None:
    luck = random.Random(1)
    first = [0.0 if luck.random() < 0.5 else luck.random() * 1e-3 for _ in range(60)]
    second = [0.0 if luck.random() < 0.6 else luck.random() * 1e-3 for _ in range(60)]
    assert exact(first, second, 0.98).low <= exact(first, second, 0.98).high
    assert abs(faithful(first, second, 0.98).low - exact(first, second, 0.98).low) < 1e-4


def test_two_points_against_two_can_fail_a_release_for_want_of_a_least_sample() -> None:
    assert label([10.0, 11.0], [1.0, 2.0], MetricRule()).label == Label.HIGH


def test_constant_samples_that_differ_are_told_apart_the_same_way_every_time() -> None:
    rule = MetricRule(direction="increase")
    verdicts = {label([2.0] * 10, [1.0] * 10, rule).label for _ in range(5)}
    assert verdicts == {Label.HIGH}


@pytest.mark.parametrize(("direction", "expected"), [("increase", "Pass"), ("decrease", "Low"), ("either", "Low")])
def test_a_fall_counts_only_where_it_is_looked_for(direction: str, expected: str) -> None:
    rule = MetricRule(direction=direction)  # type: ignore[arg-type]
    assert label([1.0, 2.0, 3.0, 4.0, 5.0], [11.0, 12.0, 13.0, 14.0, 15.0], rule).label == expected


def test_outliers_go_only_where_that_is_asked_for() -> None:
    points = [*([10.0, 11.0] * 100), 500.0]
    assert 500.0 in clean(points, "remove")
    assert 500.0 not in clean(points, "remove", outliers="remove")


def test_the_widened_fence_keeps_what_the_plain_one_drops() -> None:
    points = [21.0, 23.0, 24.0, 25.0, 29.0, 23.0, 21.0] * 10 + [50.0] * 2
    assert sum(outliers_by_quartiles(points, 1.5)) == 2
    assert sum(outliers_by_quartiles(points, 1.5, widened=True)) == 0
