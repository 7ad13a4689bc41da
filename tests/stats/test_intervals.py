"""One sample's intervals agree with the textbooks and with scipy."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.stats.intervals import mean, proportion, proportion_guaranteed, quantile, quantile_ranks
from sim.stats.paired import difference
from sim.stats.stopping import replications_needed

REFERENCE = Path(__file__).parents[2].parent / "shared" / "stat_reference.json"


@pytest.fixture(scope="module")
def reference() -> Any:
    if not REFERENCE.exists():
        pytest.skip("the reference numbers are not beside the repository")
    return json.loads(REFERENCE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["normal_sample_90", "bank_delay_90"])
def test_the_mean_agrees_with_the_worked_examples_of_the_textbook(reference: Any, name: str) -> None:
    example = reference["law_worked_examples"][name]
    found = mean(example["data"], 0.90)
    assert (found.value, found.half_width) == pytest.approx((example["mean"], example["half_width"]), abs=5e-6)


def test_the_run_lengths_agree_with_the_textbook(reference: Any) -> None:
    example = reference["law_worked_examples"]["bank_delay_90"]
    data = np.array(example["data"])
    assert replications_needed(data, 0.25, 0.90) == example["n_abs(beta=.25)"]
    assert replications_needed(data, 0.10 / 1.10 * data.mean(), 0.90) == example["n_rel(gamma=.10)"]


def test_the_paired_difference_agrees_with_the_textbook(reference: Any) -> None:
    example = reference["law_worked_examples"]["inventory_paired_t_90"]
    found = difference(np.array(example["x1"]), np.array(example["x2"]), 0.90).estimate
    assert (found.low, found.high) == pytest.approx(tuple(example["ci"]), abs=1e-6)


def test_proportions_agree_with_the_reference(reference: Any) -> None:
    for row in reference["proportion_intervals_95"]["rows"]:
        wilson, exact = proportion(row["x"], row["n"]), proportion_guaranteed(row["x"], row["n"])
        assert (wilson.low, wilson.high) == pytest.approx(row["wilson"], abs=1e-8)
        assert (exact.low, exact.high) == pytest.approx(row["clopper_pearson"], abs=1e-8)


def test_quantile_ranks_agree_with_the_reference(reference: Any) -> None:
    for name, (first, last, _) in reference["order_statistic_quantile_ci_95"]["rows"].items():
        n, p = (part.split("=")[1] for part in name.split(","))
        assert quantile_ranks(int(n), float(p)) == (first, last)


@given(n=st.integers(1, 400), data=st.data())
def test_proportions_agree_with_scipy(n: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, n))
    wilson = stats.binomtest(successes, n).proportion_ci(0.9, "wilson")
    exact = stats.binomtest(successes, n).proportion_ci(0.9, "exact")
    found, guaranteed = proportion(successes, n, 0.9), proportion_guaranteed(successes, n, 0.9)
    assert (found.low, found.high) == pytest.approx((wilson.low, wilson.high), abs=1e-12)
    assert (guaranteed.low, guaranteed.high) == pytest.approx((exact.low, exact.high), abs=1e-12)


@pytest.mark.parametrize("p", [0.003, 0.02, 0.1, 0.5])
def test_the_guaranteed_proportion_covers_at_least_as_often_as_it_says(p: float) -> None:
    """By enumeration of every outcome, not by chance."""
    n = 60
    covered = sum(stats.binom.pmf(x, n, p) for x in range(n + 1) if proportion_guaranteed(x, n).contains(p))
    assert covered >= 0.95


@given(st.integers(1, 300), st.floats(0.01, 0.99))
def test_quantile_ranks_hold_the_quantile_as_often_as_asked(n: int, p: float) -> None:
    """By the binomial distribution: the chance that rank r lies at or below the quantile and rank s at or above."""
    first, last = quantile_ranks(n, p)
    assert stats.binom.cdf(last - 1, n, p) - stats.binom.cdf(first - 1, n, p) >= 0.95 - 1e-9


def test_the_mean_agrees_with_scipy() -> None:
    data = np.random.default_rng(3).normal(5, 2, 17)
    expected = stats.ttest_1samp(data, 0).confidence_interval(0.99)
    found = mean(data, 0.99)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_one_number_has_a_mean_and_no_interval() -> None:
    found = mean([3.0])
    assert found.value == 3.0
    assert math.isnan(found.low)
    assert not found.contains(3.0)


def test_a_quantile_of_times_that_may_never_come_is_never() -> None:
    found = quantile([1.0, 2.0, math.inf, math.inf, math.inf], 0.9)
    assert found.value == math.inf


def test_a_far_quantile_of_a_small_sample_is_open_above() -> None:
    assert quantile(np.arange(50.0), 0.99).high == math.inf


def test_nothing_gives_no_figure() -> None:
    assert math.isnan(quantile([], 0.5).value)
    assert math.isnan(proportion(0, 0).value)
    assert math.isnan(mean([]).value)
