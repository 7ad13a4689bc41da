"""The intervals the product makes, each as an experiment on a world, and the table of what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from coverage_worlds import BAD, WEIGHTS, WORLDS, World, truth

from sim.stats.coverage import Coverage, coverage
from sim.stats.exceedance import chance_above, mixture_quantile, tail_mean
from sim.stats.intervals import Interval
from sim.stats.paired import stratified_difference, stratified_win_probability
from sim.stats.ratio import ratio
from sim.stats.resampling import bootstrap_t
from sim.stats.skewed import skewed_expectation
from sim.stats.stratified import expectation

ONE = (0.0, 1.0, 0.0)
AT_A_POINT = ("p50", "p90", "p95", "above", "seldom", "win")
Made = Callable[[World, int], Callable[[np.random.Generator], Interval]]


@dataclass(frozen=True)
class Kind:
    name: str
    of: str  # which truth
    made: Made


def _of_samples(make: Callable[..., Interval]) -> Made:
    return lambda world, n: lambda luck: make(world.draw(luck, n))


def _of_pairs(make: Callable[..., Interval]) -> Made:
    return lambda world, n: lambda luck: make(*world.draw_pair(luck, n))


KINDS = (
    Kind("loss per release, t", "release", _of_samples(lambda x: expectation(WEIGHTS, x))),
    Kind("loss per release, leaning", "release", _of_samples(lambda x: skewed_expectation(WEIGHTS, x))),
    Kind("loss if bad, t", "bad", _of_samples(lambda x: expectation(BAD, x))),
    Kind("loss if bad, leaning", "bad", _of_samples(lambda x: skewed_expectation(BAD, x))),
    Kind("loss of one defect, leaning", "one", _of_samples(lambda x: skewed_expectation(ONE, x))),
    Kind("difference, leaning", "difference", _of_pairs(lambda a, b: stratified_difference(WEIGHTS, a, b).estimate)),
    Kind("ratio of losses", "ratio", _of_pairs(lambda a, b: ratio(WEIGHTS, b, a))),
    Kind("p50 if bad", "p50", _of_samples(lambda x: mixture_quantile(BAD, x, 0.5))),
    Kind("p90 if bad", "p90", _of_samples(lambda x: mixture_quantile(BAD, x, 0.9))),
    Kind("p95 if bad", "p95", _of_samples(lambda x: mixture_quantile(BAD, x, 0.95))),
    Kind("chance above 1 if bad", "above", _of_samples(lambda x: chance_above(BAD, x, 1.0))),
    Kind(
        "chance of 1 in 50 if bad",
        "seldom",
        lambda world, n: lambda luck: chance_above(BAD, world.draw(luck, n), truth(world)["p98"]),
    ),
    Kind(
        "chance to cost less", "win", _of_pairs(lambda a, b: stratified_win_probability(BAD, b, [0.5 * x for x in a]))
    ),
    Kind("mean of the worst tenth", "tail", _of_samples(lambda x: tail_mean(BAD, x, 0.9))),
)
BOOTSTRAP = Kind("loss if bad, bootstrap-t", "bad", _of_samples(lambda x: bootstrap_t(BAD, x, resamples=499)))
SIZES = (20, 50, 100, 300)
"""Replications of the first defect; the second has half as many, good a fifth."""


def measured(kind: Kind, world: World, n: int, plays: int) -> Coverage:
    return coverage(kind.made(world, n), truth(world)[kind.of], plays=plays, seed=n)


def table(plays: int, kinds: tuple[Kind, ...] = (*KINDS, BOOTSTRAP)) -> Iterator[str]:
    """Markdown: by interval and world, the measured coverage in percent at each size."""
    yield "| interval | world | " + " | ".join(f"n = {n}" for n in SIZES) + " |"
    yield "|---|---|" + "---:|" * len(SIZES)
    for kind in kinds:
        for world in WORLDS:
            if kind.of in AT_A_POINT and world.name.startswith(("rare", "bounded", "zero")):
                continue  # a quantile at an atom, or a threshold beyond all: nothing is at risk
            shares = [f"{100 * measured(kind, world, n, plays).share:.1f}" for n in SIZES]
            yield f"| {kind.name} | {world.name} | " + " | ".join(shares) + " |"


if __name__ == "__main__":
    import sys

    for line in table(int(sys.argv[1]) if len(sys.argv) > 1 else 1000):
        print(line, flush=True)  # noqa: T201
