"""What is called clearly rare is at least as rare by the exact sum."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from sim.stats.chernoff import fewer_than, share_above
from sim.stats.looks import window_fails

EXPECTED = st.floats(0.5, 5_000)
SHARES = st.floats(0.0, 0.5)


@given(EXPECTED, SHARES, SHARES)
def test_a_window_fails_no_more_often_than_the_bound_says(expected: float, bad: float, allowed: float) -> None:
    assert window_fails(expected, bad=bad, allowed=allowed) <= share_above(expected, bad, allowed) + 1e-9


@given(EXPECTED, st.integers(1, 6_000))
def test_a_window_starves_no_more_often_than_the_bound_says(expected: float, least: int) -> None:
    assert float(poisson.cdf(least - 1, expected)) <= fewer_than(expected, least) + 1e-9


def test_a_window_of_six_hundred_requests_with_ten_times_the_room_is_seldom_bad() -> None:
    assert share_above(600, 0.001, 0.01) < 0.0003
