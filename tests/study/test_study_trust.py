"""What the data cannot carry is said."""

from __future__ import annotations

import imagined_studies as imagined
import numpy as np
import pytest

from sim.stats.intervals import proportion_guaranteed
from sim.study import trust
from sim.study.findings import Estimate, TailFound

NOTHING = Estimate(value=float("nan"), low=float("nan"), high=float("nan"), n=0, method="")
PLENTY = dict.fromkeys(imagined.CASES, 100)


def a_tail(hurting: int, n: int) -> TailFound:
    return TailFound(n=n, hurting=hurting, skewness=0.0, worst_share=0.0, worst_tenth=NOTHING)


def said(**found: TailFound) -> list[str]:
    return [each for each in trust.cautions(imagined.scenario(), PLENTY, found) if "less often than" in each]


def test_a_strategy_without_spread_beside_one_with_some_is_not_called_certain() -> None:
    assert said(calm=a_tail(0, 60), wild=a_tail(40, 60)) == [
        "calm: all 60 bad releases cost the same. A costly one that comes less often than once in 21 may not have been "
        "played."
    ]


def test_where_nothing_ever_varies_there_is_nothing_to_say() -> None:
    assert said(calm=a_tail(0, 60), still=a_tail(0, 60)) == []


@pytest.mark.parametrize("n", [20, 60, 300])
def test_what_may_be_unseen_is_the_guaranteed_bound_of_none_among_so_many(n: int) -> None:
    (sentence,) = said(calm=a_tail(0, n), wild=a_tail(n, n))
    seldom = int(sentence.split("once in ")[1].split(" ")[0])
    assert 1 / seldom == pytest.approx(proportion_guaranteed(0, n, 0.90).high, rel=0.03)


def test_so_rare_a_harm_is_missed_as_often_as_said() -> None:
    missed = np.random.default_rng(5).binomial(60, 1 / 21, 20_000) == 0
    assert missed.mean() == pytest.approx(trust.UNSEEN, abs=0.006)


@pytest.mark.parametrize(
    ("pilot", "advice"),
    [
        (20, "write pilot: 50 (or more) under study."),
        (60, "Run the same command again to play the 60 that the scenario asks for."),
    ],
)
def test_after_an_interrupt_nobody_is_told_to_ask_for_what_was_asked_for(pilot: int, advice: str) -> None:
    counts = dict.fromkeys(imagined.CASES, 12)
    (caution,) = trust.cautions(imagined.scenario(pilot=pilot, cap=400), counts, {})
    assert advice in caution
