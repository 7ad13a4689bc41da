"""The expectation over strata that share luck: right on average, and its interval covers as often as it says."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given as provided
from hypothesis import strategies as st

from sim.stats.intervals import Interval, Sample, around
from sim.stats.resampling import bootstrap_t
from sim.stats.stratified import (
    blocks,
    break_even,
    conditional,
    expectation,
    given,
    neyman,
    variance,
)

WEIGHTS = (0.6, 0.3, 0.1)
LENGTHS = (40, 120, 90)
EXPERIMENTS = 2_000


def shared_luck(luck: np.random.Generator) -> list[Sample]:
    """Three strata of unequal length with expectations 1, 2 and 5, all moved by one number per index."""
    common = luck.normal(size=max(LENGTHS))
    return [
        mean + scale * (0.8 * common[:n] + 0.6 * luck.normal(size=n))
        for mean, scale, n in zip((1.0, 2.0, 5.0), (1.0, 2.0, 8.0), LENGTHS, strict=True)
    ]


def as_if_independent(weights: Sequence[float], samples: Sequence[Sample]) -> Interval:
    """The textbook's stratified interval, wrong here: it forgets that strata share luck."""
    value = sum(weight * sample.mean() for weight, sample in zip(weights, samples, strict=True))
    spread = sum(weight**2 * sample.var(ddof=1) / len(sample) for weight, sample in zip(weights, samples, strict=True))
    return around(float(value), float(spread), 100.0, 0.95, 0)


def coverage(
    interval: Callable[[Sequence[float], Sequence[Sample]], Interval],
    draw: Callable[[np.random.Generator], list[Sample]],
    truth: float,
    weights: Sequence[float] = WEIGHTS,
    experiments: int = EXPERIMENTS,
) -> float:
    luck = np.random.default_rng(1)
    return sum(interval(weights, draw(luck)).contains(truth) for _ in range(experiments)) / experiments


def within_band(share: float, experiments: int = EXPERIMENTS) -> bool:
    """Four standard errors around 95 %."""
    return abs(share - 0.95) <= 4 * math.sqrt(0.95 * 0.05 / experiments)


def test_the_interval_covers_when_strata_share_luck_and_differ_in_length() -> None:
    assert within_band(coverage(expectation, shared_luck, 1.7))


def test_the_coverage_experiment_catches_an_interval_that_forgets_shared_luck() -> None:
    assert not within_band(coverage(as_if_independent, shared_luck, 1.7))


def test_the_interval_covers_with_a_stratum_of_few_replications() -> None:
    """The few carry most of the variance: the degrees of freedom must fall towards theirs."""

    def draw(luck: np.random.Generator) -> list[Sample]:
        return [luck.normal(1.0, 0.1, 300), luck.normal(5.0, 8.0, 6)]

    assert within_band(coverage(expectation, draw, 0.9 + 0.5, weights=(0.9, 0.1)))


def test_the_variance_is_the_double_sum_of_covariances_when_lengths_agree() -> None:
    samples = [sample[:40] for sample in shared_luck(np.random.default_rng(5))]
    matrix = np.cov(np.array(samples), ddof=1)
    spread, freedom = variance(WEIGHTS, samples)
    assert spread == pytest.approx(np.array(WEIGHTS) @ matrix @ np.array(WEIGHTS) / 40)
    assert freedom == pytest.approx(39)


def test_the_variance_is_right_on_average_when_lengths_differ() -> None:
    luck = np.random.default_rng(9)
    found = [
        (expectation(WEIGHTS, s).value, variance(WEIGHTS, s)[0]) for s in (shared_luck(luck) for _ in range(4_000))
    ]
    values, spreads = np.array(found).T
    assert spreads.mean() == pytest.approx(values.var(ddof=1), rel=0.1)


def test_contributions_sum_to_the_estimate() -> None:
    samples = shared_luck(np.random.default_rng(2))
    total = sum(block.contributions[block.begin :].sum() for block in blocks(WEIGHTS, samples))
    assert total == pytest.approx(expectation(WEIGHTS, samples).value)


def test_a_stratum_of_one_replication_gives_a_figure_without_an_interval() -> None:
    found = expectation([0.5, 0.5], [np.array([1.0]), np.arange(9.0)])
    assert found.value == 2.5
    assert math.isnan(found.half_width)


def test_a_stratum_of_weight_zero_needs_no_replications() -> None:
    assert expectation([1.0, 0.0], [np.arange(5.0), np.array([])]).value == 2.0


def test_a_weighted_stratum_without_replications_is_refused() -> None:
    with pytest.raises(ValueError, match="no replications"):
        variance([0.5, 0.5], [np.arange(5.0), np.array([])])


def test_weights_that_do_not_sum_to_one_are_refused() -> None:
    with pytest.raises(ValueError, match=r"sum to 0\.9"):
        expectation([0.5, 0.4], [np.arange(5.0), np.arange(5.0)])


def test_what_is_always_the_same_has_an_interval_of_no_length() -> None:
    found = expectation([0.5, 0.5], [np.zeros(5), np.full(7, 2.0)])
    assert (found.low, found.high) == (1.0, 1.0)


def test_a_stratum_that_never_varies_costs_no_precision_however_short() -> None:
    bad = shared_luck(np.random.default_rng(3))[1]
    assert variance([0.9, 0.1], [np.zeros(10), bad]) == variance([0.0, 0.1], [np.zeros(10), bad])


def test_given_the_bad_strata_their_weights_sum_to_one() -> None:
    assert conditional((0.9, 0.06, 0.04), (False, True, True)) == pytest.approx((0.0, 0.6, 0.4))


def test_the_expectation_is_the_rate_times_that_given_bad_where_good_costs_nothing() -> None:
    samples = [np.zeros(30), *shared_luck(np.random.default_rng(4))[1:]]
    weights = (0.9, 0.06, 0.04)
    bad = given(weights, samples, (False, True, True))
    whole = expectation(weights, samples)
    assert (whole.value, whole.low, whole.high) == pytest.approx((0.1 * bad.value, 0.1 * bad.low, 0.1 * bad.high))


def test_at_the_break_even_rate_the_difference_is_zero() -> None:
    rate = break_even(good=3.0, bad=-97.0)
    assert rate is not None
    assert (1 - rate) * 3.0 + rate * -97.0 == pytest.approx(0.0)


@provided(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1e3), st.integers(0, 50)), min_size=1, max_size=6),
    st.integers(0, 5_000),
)
def test_an_allocation_keeps_the_total_and_every_least(strata: list[tuple[float, float, int]], total: int) -> None:
    weights, deviations, least = zip(*strata, strict=True)
    found = neyman(weights, deviations, total, least)
    if any(weight > 0 for weight in weights):
        assert sum(found) == max(total, sum(least))
    assert all(count >= bound for count, bound in zip(found, least, strict=True))


def test_an_allocation_minimises_the_variance() -> None:
    weights, deviations = (0.9, 0.07, 0.03), (1.0, 20.0, 60.0)

    def spread(counts: Sequence[int]) -> float:
        return sum((w * s) ** 2 / n for w, s, n in zip(weights, deviations, counts, strict=True))

    best = neyman(weights, deviations, 600)
    for giver in range(3):
        for taker in range(3):
            moved = [n - 10 * (place == giver) + 10 * (place == taker) for place, n in enumerate(best)]
            assert spread(best) <= spread(moved) * (1 + 1e-4)


def test_the_bootstrap_covers_a_skewed_loss_better_than_the_t_interval() -> None:
    """A lognormal loss (sigma 1) given bad, 100 replications: the t interval falls short by several per cent."""
    truth = 0.1 * math.exp(0.5)

    def draw(luck: np.random.Generator) -> list[Sample]:
        return [np.zeros(100), luck.lognormal(0.0, 1.0, 100)]

    plain = coverage(expectation, draw, truth, (0.9, 0.1), 600)
    studentised = coverage(lambda w, s: bootstrap_t(w, s, resamples=399), draw, truth, (0.9, 0.1), 600)
    assert plain < 0.93
    assert studentised > plain
    assert studentised >= 0.92


def test_the_bootstrap_reaches_further_towards_the_long_tail() -> None:
    sample = np.random.default_rng(2).lognormal(0.0, 1.0, 100)
    found = bootstrap_t([1.0], [sample])
    assert found.high - found.value > 1.2 * (found.value - found.low)


def test_the_bootstrap_of_the_same_data_is_the_same() -> None:
    samples = shared_luck(np.random.default_rng(8))
    assert bootstrap_t(WEIGHTS, samples) == bootstrap_t(WEIGHTS, samples)


def test_the_bootstrap_agrees_with_t_where_nothing_is_skewed() -> None:
    samples = shared_luck(np.random.default_rng(8))
    plain, found = expectation(WEIGHTS, samples), bootstrap_t(WEIGHTS, samples)
    assert found.method == "bootstrap-t"
    assert found.half_width == pytest.approx(plain.half_width, rel=0.1)


def test_a_short_block_falls_back_to_the_t_interval() -> None:
    samples = [np.arange(30.0), np.arange(33.0)]
    assert bootstrap_t([0.5, 0.5], samples) == expectation([0.5, 0.5], samples)
