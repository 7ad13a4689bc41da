"""When a study may stop, and what it asks for next."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.stats.intervals import Interval, mean
from sim.stats.stopping import FASTEST, Precision, growth, next_counts, pilot_done, reached, replications_needed


def interval(value: float, half_width: float) -> Interval:
    return Interval(value=value, low=value - half_width, high=value + half_width, n=10, method="t")


def test_a_half_width_within_what_was_asked_is_precise_enough() -> None:
    assert reached(interval(200, 20), Precision(relative=0.1))
    assert not reached(interval(200, 20.1), Precision(relative=0.1))
    assert reached(interval(200, 5), Precision(absolute=5))


def test_half_the_indifference_zone_is_precise_enough_whatever_was_asked() -> None:
    assert reached(interval(1, 25), Precision(relative=0.1, indifferent=50))
    assert not reached(interval(1, 25.1), Precision(relative=0.1, indifferent=50))


def test_without_an_interval_nothing_is_precise_enough() -> None:
    assert not reached(mean([3.0]), Precision(relative=1.0))
    assert growth(mean([3.0]), Precision(relative=1.0)) == math.inf


def test_a_loss_of_zero_for_certain_is_precise_enough() -> None:
    assert reached(interval(0, 0), Precision(relative=0.1))


def test_nobody_looks_before_the_pilot_is_complete_in_every_stratum() -> None:
    assert not pilot_done([300, 299], 300)
    assert pilot_done([300, 300], 300)


def test_half_the_half_width_takes_four_times_as_many() -> None:
    assert growth(interval(100, 20), Precision(relative=0.1)) == pytest.approx(4.0)
    assert growth(interval(100, 5), Precision(relative=0.1)) == 1.0


def test_the_replications_needed_are_enough_and_one_less_is_not() -> None:
    data = np.random.default_rng(1).normal(10, 3, 20)
    needed = replications_needed(data, 0.5)
    # Samples of the same variance, of that length and of one less.
    for n, narrow in ((needed, True), (needed - 1, False)):
        sample = np.resize([-1.0, 1.0], n)
        sample = (sample - sample.mean()) / sample.std(ddof=1) * data.std(ddof=1)
        assert (mean(sample).half_width <= 0.5) == narrow


@given(
    st.lists(st.tuples(st.floats(0.01, 1), st.floats(0, 100), st.integers(1, 500)), min_size=1, max_size=5),
    st.floats(1, 10),
)
def test_no_stratum_shrinks_none_passes_the_cap_and_the_total_grows_no_faster_than_allowed(
    strata: list[tuple[float, float, int]], factor: float
) -> None:
    weights, deviations, counts = zip(*strata, strict=True)
    found = next_counts(weights, deviations, counts, factor, cap=500)
    assert all(now <= then <= 500 for now, then in zip(counts, found, strict=True))
    assert sum(found) <= math.ceil(sum(counts) * min(factor, FASTEST))
    if sum(found) < math.ceil(sum(counts) * min(factor, FASTEST)):
        assert all(then == 500 for then in found)


def test_the_next_replications_go_where_the_variance_is() -> None:
    assert next_counts([0.9, 0.1], [0.1, 50.0], [300, 300], 2.0, cap=10_000) == (300, 900)


def test_what_a_full_stratum_cannot_take_goes_to_the_others() -> None:
    assert next_counts([0.9, 0.1], [0.1, 50.0], [300, 300], 2.0, cap=500) == (700 - 200, 500)


def sequential_coverage(pilot: int, experiments: int, seed: int) -> float:
    """How often the interval at the stopping time covers, for a lognormal loss (sigma 1) to 30 % at 95 %."""
    luck, truth, held = np.random.default_rng(seed), math.exp(0.5), 0
    precision = Precision(relative=0.30)
    for _ in range(experiments):
        sample = luck.lognormal(0.0, 1.0, pilot)
        found = mean(sample)
        while not reached(found, precision) and len(sample) < 4_000:
            (n,) = next_counts([1.0], [1.0], [len(sample)], growth(found, precision), 4_000)
            sample = np.concatenate([sample, luck.lognormal(0.0, 1.0, n - len(sample))])
            found = mean(sample)
        held += found.contains(truth)
    return held / experiments


def test_a_pilot_of_three_hundred_keeps_the_promise_that_one_of_ten_breaks() -> None:
    """Measured: 92 % against 86 %."""
    assert sequential_coverage(300, 1_000, 2) >= 0.90
    assert sequential_coverage(10, 1_000, 2) < 0.88
