from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.cluster.folding import fold
from sim.steps import Edit, Effect

chances = st.floats(min_value=0, max_value=1)


def error(value: float, **words: Any) -> Edit:
    return Edit(effect=Effect.ERROR, value=value, **words)


def unseen(value: float, **words: Any) -> Edit:
    return Edit(effect=Effect.UNSEEN_ERROR, value=value, **words)


@st.composite
def edits(draw: st.DrawFn) -> list[Edit]:
    effect = st.sampled_from([Effect.ERROR, Effect.UNSEEN_ERROR])
    return draw(st.lists(st.builds(Edit, effect=effect, value=chances, cohort=chances), max_size=5))


def test_without_edits_the_base_stands_to_the_bit() -> None:
    assert fold(0.1 + 0.2, 1.1, [])[:6] == (1.1, 0.1 + 0.2, 0.1 + 0.2, 0.0, 0.1 + 0.2, 0.1 + 0.2)


def test_independent_causes_add_up_and_those_seen_come_first() -> None:
    folded = fold(0.1, 1.0, [unseen(0.5), error(0.2)])
    assert folded.seen_chance == pytest.approx(1 - 0.9 * 0.8)
    assert folded.error_chance == pytest.approx(1 - 0.9 * 0.8 * 0.5)


def test_service_factors_multiply() -> None:
    slow = [Edit(effect=Effect.SERVICE_FACTOR, value=factor) for factor in (2.0, 1.5)]
    assert fold(0.0, 1.1, slow).service_factor == 1.1 * 2.0 * 1.5


def test_a_cohort_is_hurt_and_the_others_are_not() -> None:
    folded = fold(0.01, 1.0, [error(0.5, cohort=0.1)])
    assert (folded.error_chance, folded.cohort) == (0.01, 0.1)
    assert folded.cohort_error == pytest.approx(0.01 + 0.99 * 0.5)


def test_a_smaller_cohort_is_thinned_to_the_larger_so_that_as_many_answers_are_bad() -> None:
    folded = fold(0.0, 1.0, [error(0.4, cohort=0.1), unseen(0.0, cohort=0.2)])
    assert folded.cohort * folded.cohort_error == pytest.approx(0.1 * 0.4)


@given(base=chances, made=edits())
def test_chances_stay_chances_and_what_is_seen_is_never_more_than_what_is(base: float, made: list[Edit]) -> None:
    folded = fold(base, 1.0, made)
    assert base <= folded.seen_chance <= folded.error_chance <= 1.0 + 1e-15
    assert folded.cohort_seen <= folded.cohort_error <= 1.0 + 1e-15


@given(base=chances, made=edits(), more=chances)
def test_one_more_cause_never_makes_an_answer_better(base: float, made: list[Edit], more: float) -> None:
    before, after = fold(base, 1.0, made), fold(base, 1.0, [*made, error(more)])
    assert after.error_chance >= before.error_chance - 1e-15
    assert after.cohort_error >= before.cohort_error - 1e-15
