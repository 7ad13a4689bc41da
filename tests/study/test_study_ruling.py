"""The verdict as a statistical procedure: how often it declares a winner where there is none."""

from __future__ import annotations

import math
from typing import Any

import imagined_studies as imagined
import numpy as np
import pytest

from sim.stats.stopping import Precision, reached
from sim.study import estimates
from sim.study.findings import Standing
from sim.study.ruling import Evidence, rule

PLAYS = 80
BAD = 0.5
"""Share of the luck that two strategies have in common."""


def alike(luck: np.random.Generator, names: tuple[str, ...], n: int) -> dict[str, dict[str, Any]]:
    """Strategies of the same skewed law on common luck, each with noise of its own: no one is better."""
    common = {"errors": luck.standard_normal(n), "slow": luck.standard_normal(n // 2)}
    return {
        name: {"good": np.zeros(10)}
        | {
            case: 1000 * np.exp(math.sqrt(BAD) * shared + math.sqrt(1 - BAD) * luck.standard_normal(len(shared)))
            for case, shared in common.items()
        }
        for name in names
    }


def winner(losses: dict[str, dict[str, Any]], zone: float = 0.0) -> bool:
    """Whether the verdict says that one is better than another."""
    scenario = imagined.scenario(dict.fromkeys(losses, "weight:1"), indifferent=zone)
    ruling = rule(Evidence(scenario=scenario, losses=losses, durations=dict.fromkeys(losses, 60.0)), {})
    return Standing.WORSE in ruling.standings.values()


@pytest.mark.parametrize("names", [("a", "b"), ("a", "b", "c", "d")])
def test_strategies_of_one_law_seldom_yield_a_winner(names: tuple[str, ...]) -> None:
    won = sum(winner(alike(np.random.default_rng(play), names, 60)) for play in range(PLAYS))
    assert won / PLAYS <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / PLAYS)


def test_stopping_at_a_precision_does_not_make_winners() -> None:
    def at_the_end(play: int) -> bool:
        losses, count = alike(np.random.default_rng(play), ("a", "b"), 1000), 50
        while True:
            seen = {
                name: {case: x[: count if case == "errors" else count // 2] for case, x in of_case.items()}
                for name, of_case in losses.items()
            }
            apart = {case: seen["a"][case] - seen["b"][case] for case in seen["a"]}
            shares = estimates.weights(imagined.scenario(), estimates.RELEASE)
            told = estimates.estimate(apart, shares, 0.95)
            if reached(told, Precision(absolute=30.0)) or count == 1000:  # type: ignore[arg-type]
                return winner(seen)
            count = min(1000, math.ceil(1.3 * count))

    won = sum(at_the_end(play) for play in range(PLAYS))
    assert won / PLAYS <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / PLAYS)


def test_two_copies_of_one_strategy_never_yield_a_winner() -> None:
    for play in range(50):
        losses = alike(np.random.default_rng(play), ("a",), 30)
        assert not winner({**losses, "copy": losses["a"]})


def test_the_recommended_strategy_is_told_against_the_best_of_the_others() -> None:
    losses = alike(np.random.default_rng(1), ("a", "b", "c"), 60)
    losses["a"] = {case: x / 10 for case, x in losses["a"].items()}
    scenario = imagined.scenario(dict.fromkeys(losses, "weight:1"), indifferent=1.0)
    ruling = rule(Evidence(scenario=scenario, losses=losses, durations=dict.fromkeys(losses, 60.0)), {})
    assert ruling.recommended == "a"
    assert ruling.against_best["a"].high < 0 < ruling.against_best["b"].low
    assert ruling.wins["b"].low > 0.9
