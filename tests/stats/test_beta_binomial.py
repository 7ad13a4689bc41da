"""The posterior chance of being worse, against the closed sum for whole numbers."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betaln

from sim.stats.beta_binomial import chance_worse

counted = st.integers(0, 60).flatmap(lambda bad: st.tuples(st.just(bad), st.integers(0, 5000)))


def closed(new: tuple[int, int], stable: tuple[int, int]) -> float:
    """The chance that a beta variate exceeds another, as a sum over the first's whole parameter."""
    a_new, b_new = 1 + new[1], 1 + new[0] - new[1]
    a_stable, b_stable = 1 + stable[1], 1 + stable[0] - stable[1]
    return sum(
        math.exp(
            betaln(a_stable + i, b_new + b_stable)
            - math.log(b_new + i)
            - betaln(1 + i, b_new)
            - betaln(a_stable, b_stable)
        )
        for i in range(a_new)
    )


@settings(deadline=None)
@given(counted, counted)
def test_the_quadrature_is_the_closed_sum(new: tuple[int, int], stable: tuple[int, int]) -> None:
    pairs = [(good + bad, bad) for bad, good in (new, stable)]
    assert chance_worse(pairs[0], pairs[1], margin=0.0) == pytest.approx(closed(pairs[0], pairs[1]), abs=1e-4)


def test_the_two_versions_can_change_places() -> None:
    one, other = (300, 4), (900, 5)
    assert chance_worse(one, other, margin=0.0) + chance_worse(other, one, margin=0.0) == pytest.approx(1, abs=1e-5)


def test_a_margin_makes_it_less_likely() -> None:
    chances = [chance_worse((300, 6), (5700, 19), margin=margin) for margin in (0.0, 0.005, 0.02)]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] > 0.99 > chances[-1]


def test_a_strong_prior_needs_more_to_be_persuaded() -> None:
    weak = chance_worse((300, 3), (5700, 6), margin=0.0)
    strong = chance_worse((300, 3), (5700, 6), margin=0.0, prior=(10.0, 9990.0))
    assert strong < weak
