"""Looks with the level spent among them: published boundaries, a naive oracle, and the level kept."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, norm

from sim.stats.group_sequential import SPENDING, Looks, pocock

# K. Lan, D. DeMets (1983), two-sided level of 5 %, five looks: standard normal boundaries
PUBLISHED = {
    "obrien_fleming": (4.8769, 3.357, 2.6803, 2.2898, 2.031),
    "pocock": (2.438, 2.4268, 2.4102, 2.3966, 2.386),
}


@pytest.mark.parametrize("spending", sorted(PUBLISHED))
def test_with_many_errors_the_boundaries_are_the_published_ones(spending: str) -> None:
    looks, errors = Looks(), 4000
    for number, published in enumerate(PUBLISHED[spending], start=1):
        level = SPENDING[spending](number / 5, 0.025)
        looks, least = looks.look(errors=errors, share=0.5, level=level)
        total = number * errors
        z = (least - 0.5 - total / 2) / math.sqrt(total / 4)
        assert z == pytest.approx(published, abs=0.02)


counts = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from([0.05, 0.25, 0.5, 0.9]), st.floats(0.0, 0.2)), min_size=1, max_size=4
)


def naive(looks: list[tuple[int, float, float]], bounds: list[int]) -> float:
    """The chance of a stop, over all paths of the new version's errors."""
    stopped = 0.0
    for path in itertools.product(*(range(errors + 1) for errors, _, _ in looks)):
        chance = math.prod(
            float(binom.pmf(new, errors, share)) for new, (errors, share, _) in zip(path, looks, strict=True)
        )
        totals = itertools.accumulate(path)
        if any(total >= bound for total, bound in zip(totals, bounds, strict=True)):
            stopped += chance
    return stopped


@settings(deadline=None, max_examples=60)
@given(counts)
def test_what_is_spent_is_the_chance_of_a_stop_and_never_more_than_allowed(
    written: list[tuple[int, float, float]],
) -> None:
    course, bounds, level = Looks(), [], 0.0
    for errors, share, more in written:
        level += more
        course, least = course.look(errors=errors, share=share, level=level)
        bounds.append(least)
    assert course.spent <= level + 1e-12
    assert course.spent == pytest.approx(naive(written, bounds), abs=1e-9)


@pytest.mark.parametrize("errors", [1, 3, 8])
@pytest.mark.parametrize("level", [0.001, 0.05, 0.3])
def test_no_smaller_boundary_would_keep_the_level(errors: int, level: float) -> None:
    least = Looks().look(errors=errors, share=0.25, level=level)[1]
    assert naive([(errors, 0.25, level)], [least - 1]) > level


@pytest.mark.parametrize("spending", sorted(SPENDING))
def test_all_of_the_level_is_spent_at_the_end_and_none_before_the_start(spending: str) -> None:
    assert SPENDING[spending](1.0, 0.01) == pytest.approx(0.01)
    assert SPENDING[spending](0.0, 0.01) == 0.0


def test_pococks_shape_spends_more_early() -> None:
    assert SPENDING["pocock"](0.2, 0.01) > 100 * SPENDING["obrien_fleming"](0.2, 0.01)


@given(st.lists(st.tuples(st.integers(0, 900), st.floats(0.01, 0.99)), min_size=1, max_size=4), st.floats(0.0005, 0.1))
def test_leaving_out_what_has_no_chance_moves_no_boundary(parts: list[tuple[int, float]], alpha: float) -> None:
    """Held against the whole law, convolved look by look."""
    looks, law, spent = Looks(), np.ones(1), 0.0
    for number, (errors, share) in enumerate(parts, start=1):
        level = pocock(number / len(parts), alpha)
        looks, least = looks.look(errors=errors, share=share, level=level)
        law = np.convolve(law, binom.pmf(np.arange(errors + 1), errors, share))
        at_least = np.cumsum(law[::-1])[::-1]
        enough = np.flatnonzero(at_least <= level - spent)
        expected = int(enough[0]) if len(enough) else len(law)
        spent += float(at_least[expected]) if expected < len(law) else 0.0
        law = law[:expected] if expected else np.zeros(1)
        assert looks.spent == pytest.approx(spent, abs=1e-12)
        if expected < len(at_least) and at_least[expected] > 1e-12:
            assert least == expected


def test_a_million_errors_are_judged_as_the_normal_law_has_it() -> None:
    """Convolving them all took a minute; a stopped service makes so many within minutes."""
    _, least = Looks().look(errors=1_000_000, share=0.5, level=0.01)
    assert least == pytest.approx(500_000 + 500 * norm.isf(0.01), abs=2)
    looks = Looks()
    for progress in (0.2, 0.4, 0.6, 0.8, 1.0):
        looks, _ = looks.look(errors=200_000, share=0.5, level=pocock(progress, 0.01))
    assert 0.0095 < looks.spent <= 0.01


@pytest.mark.parametrize("level", [1e-2, 1e-6, 1e-10])
def test_a_law_convolved_by_fourier_transforms_has_the_tail_that_sums_have(level: float) -> None:
    """Long enough for the transform to be chosen; products of probabilities are added up one by one beside it."""
    errors, share = 60_000, 0.3
    first, _ = Looks().look(errors=errors, share=share, level=0.0)
    second, least = first.look(errors=errors, share=share, level=level)
    law = np.convolve(np.array(first.chances), np.array(first.chances))  # both looks have the same law
    at_least = np.cumsum(law[::-1])[::-1]
    expected = int(np.flatnonzero(at_least <= level)[0])
    assert least == 2 * first.first + expected
    assert second.spent == pytest.approx(at_least[expected], abs=1e-13)


def test_a_level_below_the_rounding_is_kept_for_later_and_never_overspent() -> None:
    first, _ = Looks().look(errors=60_000, share=0.3, level=0.0)
    early, least = first.look(errors=60_000, share=0.3, level=1e-20)
    assert binom.sf(least - 1, 120_000, 0.3) <= 1e-20
    assert early.spent <= 1e-20
    late, _ = early.look(errors=60_000, share=0.3, level=0.01)
    assert 0.0095 < late.spent <= 0.01
