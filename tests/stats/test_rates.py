"""Every rate of bad releases from one set of replications: linear, and with an honest break-even."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.stats.rates import break_even_between, over_rates
from sim.stats.stratified import at_rate, expectation

WEIGHTS = (0.9, 0.06, 0.04)


def drawn(luck: np.random.Generator, n: int = 60) -> list[np.ndarray]:
    """Three cases that share luck, the first good; their expectations are 2, -98 and -8."""
    common = luck.standard_normal(n)
    return [2 + common[: n // 3], -98 + 40 * common, -8 + 10 * luck.standard_normal(n // 2)]


@settings(deadline=None)
@given(st.floats(0.0, 1.0))
def test_another_rate_is_a_reweighting_of_the_same_replications(rate: float) -> None:
    samples = drawn(np.random.default_rng(6))
    (found,) = over_rates([rate], WEIGHTS, samples)
    bad = 0.6 * samples[1].mean() + 0.4 * samples[2].mean()
    assert found.value == pytest.approx((1 - rate) * samples[0].mean() + rate * bad)
    assert found.value == pytest.approx(expectation(at_rate(WEIGHTS, rate), samples).value)


def test_the_rates_between_which_the_break_even_lies_hold_the_true_one() -> None:
    true = 2 / (2 + 0.6 * 98 + 0.4 * 8)
    held = 0
    for play in range(80):
        found = break_even_between(WEIGHTS, drawn(np.random.default_rng(play)))
        held += found is not None and found[0] <= true <= found[1]
    assert held / 80 >= 0.95 - 3 * 0.0244


def test_more_replications_bring_the_break_even_closer() -> None:
    few, many = (break_even_between(WEIGHTS, drawn(np.random.default_rng(1), n)) for n in (30, 3000))
    assert few is not None
    assert many is not None
    assert many[1] - many[0] < (few[1] - few[0]) / 3


def test_what_is_dearer_at_every_rate_has_no_break_even() -> None:
    assert break_even_between(WEIGHTS, [np.full(5, -1.0), np.full(5, -3.0), np.full(5, -2.0)]) is None


def test_a_difference_without_noise_breaks_even_in_one_place() -> None:
    found = break_even_between((0.5, 0.5), [np.full(5, 20.0), np.full(5, -900.0)])
    assert found == pytest.approx((20 / 920, 20 / 920), rel=1e-3)
