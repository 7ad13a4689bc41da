"""The quantile functions say what the textbook says, and both engines draw the very same bits."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from scipy import integrate, stats

from sim.doors import kinds
from sim.jit import compiled, rule
from sim.laws import DurationLaw, Law, ShareLaw, draw_from, pack, value
from sim.laws.deterministic import Deterministic
from sim.laws.empirical import Empirical
from sim.laws.exponential import Exponential
from sim.laws.gamma import Gamma
from sim.laws.law import curve_of
from sim.laws.lognormal import Lognormal
from sim.laws.mixture import Mixture, Part
from sim.laws.rules import MOST
from sim.laws.uniform import Uniform
from sim.laws.weibull import Weibull

DURATIONS: TypeAdapter[Law] = TypeAdapter(DurationLaw)
SHARES: TypeAdapter[Law] = TypeAdapter(ShareLaw)
EXAMPLES: dict[str, Law] = {word: DURATIONS.validate_python(kind.example) for word, kind in kinds("laws").items()}
CLIPPED = SHARES.validate_python({"p50": "3%", "p95": "40%"})
ALL = [*EXAMPLES.values(), CLIPPED]
NAMES = [*EXAMPLES, "clipped"]

TAILS = np.concatenate([2.0 ** -np.linspace(1.001, 32.9, 4001), np.linspace(0.001, 0.4999, 2003)])
BOTH_SIDES = np.concatenate([TAILS, 1.0 - TAILS])

uniforms = st.integers(0, 2**32 - 1).map(lambda word: (word + 0.5) * 2.0**-32)


def lognormal(sigma: float) -> Lognormal:
    return Lognormal(percentiles=((0.5, 1.0), (float(stats.norm.cdf(1.0)), math.exp(sigma))))


def drawn(law: Law, us: Any) -> Any:
    packed = pack([law])
    return np.array([value(packed, 0, float(u)) for u in us])


@rule
def fill(laws: Any, law: Any, us: Any, out: Any) -> None:
    for place in range(len(us)):
        out[place] = value(laws, law, us[place])


@pytest.fixture(scope="module")
def kernel() -> Any:
    return compiled(fill)


@pytest.mark.parametrize("law", ALL, ids=NAMES)
def test_compiled_and_plain_python_draw_the_same_bits(law: Law, kernel: Any) -> None:
    words = np.random.default_rng(20).integers(0, 2**32, 100_000)
    us = np.concatenate([(words + 0.5) * 2.0**-32, [0.5 * 2.0**-32, 0.5, 1.0 - 0.5 * 2.0**-32]])
    packed = pack([Deterministic(value=1.0), law])
    out = np.empty(len(us))
    kernel(packed, 1, us, out)
    plain = np.array([value(packed, 1, u) for u in us.tolist()])
    assert np.array_equal(out.view(np.int64), plain.view(np.int64))


@pytest.mark.parametrize("law", ALL, ids=NAMES)
@given(first=uniforms, second=uniforms)
def test_a_larger_uniform_never_gives_a_smaller_value(law: Law, first: float, second: float) -> None:
    low, high = sorted([first, second])
    assert law.quantile(low) <= law.quantile(high)


@pytest.mark.parametrize("law", ALL, ids=NAMES)
def test_neighbouring_uniforms_never_step_back(law: Law) -> None:
    """Around every octave's edge and the middle, where two pieces of a table meet."""
    edges = [2**power for power in range(1, 32)] + [2**32 - 2**power for power in range(1, 32)]
    us = sorted({(edge + step + 0.5) * 2.0**-32 for edge in edges for step in (-2, -1, 0, 1)})
    values = [law.quantile(u) for u in us if 0 < u < 1]
    assert all(left <= right for left, right in pairwise(values))


@pytest.mark.parametrize("law", ALL, ids=NAMES)
def test_a_law_of_its_own_draws_the_bits_of_the_packed_row(law: Law) -> None:
    packed = pack([Uniform(low=0, high=1), law])
    for u in (2.0**-33, 0.1, 0.5, 0.731, 1 - 2.0**-33):
        assert draw_from(law, u) == law.quantile(u) == value(packed, 1, u)


@pytest.mark.parametrize("sigma", [0.05, 0.5, 1.0, 1.6, 2.5, 5.0])
def test_a_lognormal_table_errs_by_at_most_a_hundred_thousandth(sigma: float) -> None:
    truth = np.exp(sigma * np.concatenate([stats.norm.ppf(TAILS), stats.norm.isf(TAILS)]))
    worst = np.max(np.abs(drawn(lognormal(sigma), BOTH_SIDES) / truth - 1))
    assert worst <= 1e-5


@pytest.mark.parametrize("cv", [0.05, 0.3, 1.0, 1.4, 2.0])
def test_a_gamma_table_errs_by_at_most_a_hundred_thousandth(cv: float) -> None:
    """Relatively down to a thousandth of the mean; below that, by that much of a thousandth of the mean."""
    shape = 1 / cv**2
    exact = stats.gamma(shape, scale=1 / shape)
    truth = np.concatenate([exact.ppf(TAILS), exact.isf(TAILS)])
    worst = np.max(np.abs(drawn(Gamma(mean=1.0, cv=cv), BOTH_SIDES) - truth) / np.maximum(truth, 1e-3))
    assert worst <= 1e-5


def test_exponential_and_weibull_are_exact() -> None:
    assert drawn(Exponential(mean=3.0), BOTH_SIDES) == pytest.approx(stats.expon(scale=3).ppf(BOTH_SIDES), rel=1e-12)
    truth = stats.weibull_min(1.7, scale=2).ppf(BOTH_SIDES)
    assert drawn(Weibull(shape=1.7, scale=2.0), BOTH_SIDES) == pytest.approx(truth, rel=1e-12)


def test_a_gamma_with_cv_one_is_exponential() -> None:
    assert drawn(Gamma(mean=2.0, cv=1.0), TAILS) == pytest.approx(
        drawn(Exponential(mean=2.0), TAILS), rel=1e-5, abs=2e-8
    )


def test_a_mixture_of_smooth_laws_inverts_the_mixed_distribution() -> None:
    parts = (Part(share=0.9, law=lognormal(0.6)), Part(share=0.1, law=Exponential(mean=20.0)))
    mixture = Mixture(of=parts)
    us = BOTH_SIDES[(BOTH_SIDES > 1e-6) & (BOTH_SIDES < 1 - 1e-6)]
    values = drawn(mixture, us)
    slope = 0.9 * stats.lognorm(0.6).pdf(values) + 0.1 * stats.expon(scale=20).pdf(values)
    error = (np.array([mixture.cdf(x) for x in values]) - us) / slope / values
    assert np.max(np.abs(error)) <= 2e-5


def test_a_mixture_of_fixed_values_gives_only_those_values() -> None:
    mixture = Mixture(of=(Part(share=0.9, law=Deterministic(value=2.0)), Part(share=0.1, law=Deterministic(value=7.0))))
    us = (np.arange(2_000) + 0.5) / 2_000
    assert {
        value: int(count) for value, count in zip(*np.unique(drawn(mixture, us), return_counts=True), strict=True)
    } == {
        2.0: 1_800,
        7.0: 200,
    }


def test_a_fixed_value_inside_a_mixture_keeps_its_whole_chance() -> None:
    mixture = Mixture(of=(Part(share=0.5, law=Uniform(low=0, high=4)), Part(share=0.5, law=Deterministic(value=1.0))))
    assert [mixture.quantile(u) for u in (0.0625, 0.126, 0.4, 0.624, 0.75)] == pytest.approx([0.5, 1, 1, 1, 2])


def test_an_empirical_law_gives_the_inverse_of_the_step_function() -> None:
    law = Empirical(values=(3.0, 1.0, 2.0), weights=(1, 2, 0))
    assert [law.quantile(u) for u in (0.1, 0.66, 0.67, 0.99)] == [1.0, 1.0, 3.0, 3.0]


def test_at_the_edge_of_a_step_the_value_before_it_is_drawn() -> None:
    assert Empirical(values=(1.0, 2.0)).quantile(0.5) == 1.0


def test_an_empirical_law_of_one_value_is_that_value() -> None:
    assert Empirical(values=(4.0,)).quantile(0.3) == 4.0


@pytest.mark.parametrize("law", ALL, ids=NAMES)
def test_the_mean_is_the_area_under_the_quantiles(law: Law) -> None:
    us = np.unique(BOTH_SIDES)
    values = drawn(law, us)
    assert law.mean() == pytest.approx(integrate.trapezoid(values, us) + values[-1] * (1 - us[-1]), rel=2e-3)


@pytest.mark.parametrize("law", ALL, ids=NAMES)
@given(u=uniforms)
def test_quantile_and_distribution_function_are_inverse_to_each_other(law: Law, u: float) -> None:
    x = law.quantile(u)
    slack = 2e-5 * max(x, law.mean() / 1000)
    assert law.below(x - slack) <= u + 1e-12
    assert law.cdf(x + slack) >= u - 1e-12


@pytest.mark.parametrize("law", ALL, ids=NAMES)
@given(u=uniforms)
def test_every_draw_lies_within_the_support(law: Law, u: float) -> None:
    low, high = law.support()
    assert low <= law.quantile(u) <= high


def test_a_share_law_never_leaves_zero_to_one() -> None:
    assert CLIPPED.quantile(1 - 2.0**-33) == 1.0
    assert CLIPPED.cdf(1.0) == 1.0
    assert CLIPPED.quantile(0.5) == pytest.approx(0.03, rel=1e-5)


def test_no_tail_carries_a_time_past_never() -> None:
    law = DURATIONS.validate_python({"p50": "500d", "p95": "3600d"})
    assert law.quantile(1 - 2.0**-33) == MOST


def test_equal_laws_share_one_table() -> None:
    first, second = lognormal(0.7), lognormal(0.7)
    packed = pack([first, Exponential(mean=1.0), second])
    assert packed.start[0] == packed.start[2]
    assert len(packed.values) == len(curve_of(first).values)


@settings(max_examples=30)
@given(p50=st.floats(1e-3, 1e3), ratio=st.floats(1.01, 1e3))
def test_a_lognormal_goes_through_its_two_percentiles(p50: float, ratio: float) -> None:
    law = Lognormal(percentiles=((0.5, p50), (0.95, p50 * ratio)))
    assert (law.quantile(0.5), law.quantile(0.95)) == pytest.approx((p50, p50 * ratio), rel=1e-5)


@settings(max_examples=30)
@given(mean=st.floats(1e-3, 1e3), ratio=st.floats(0.3, 3.8))
def test_a_lognormal_by_mean_goes_through_its_percentile(mean: float, ratio: float) -> None:
    law = Lognormal(mean=mean, percentiles=((0.95, mean * ratio),))
    mu, sigma, _ = law.solved
    assert (math.exp(mu + sigma**2 / 2), law.quantile(0.95)) == pytest.approx((mean, mean * ratio), rel=1e-5)


def test_of_two_lognormals_with_one_mean_and_p95_the_lighter_tail_is_taken_and_said() -> None:
    law = Lognormal(mean=1.0, percentiles=((0.95, 3.0),))
    _, taken, other = law.solved
    assert taken < other
    assert f"{taken:.3g} or {other:.3g}" in law.note()


def test_a_lognormal_by_mean_and_median_has_one_solution() -> None:
    law = Lognormal(mean=2.0, percentiles=((0.5, 1.0),))
    assert law.solved[1] == pytest.approx(math.sqrt(2 * math.log(2)))
    assert law.note() == ""


def test_a_weibull_by_its_mean_has_that_mean() -> None:
    scale = 5 / math.gamma(1.5)
    assert Weibull(shape=2.0, mean=5.0).quantile(0.5) == pytest.approx(stats.weibull_min(2, scale=scale).ppf(0.5))
    assert Weibull(shape=2.0, scale=scale).mean() == pytest.approx(5.0)


def test_only_laws_without_spread_are_deterministic() -> None:
    assert [word for word, law in EXAMPLES.items() if law.deterministic] == ["deterministic"]
    assert Uniform(low=2, high=2).deterministic
    assert Empirical(values=(2.0, 2.0)).deterministic
