"""Control variates, tried: what intervals cover when figures are corrected by luck whose mean is known exactly.

A bad release's own draw (how high its error rate is) and the reaction time of the person on call come from uniform
numbers with known addresses. Here each loss has such a number that knows much of it; losses are corrected by regression
on it, stratum by stratum, and the residuals are widened for the leverage of each (HC3), before the product's own
interval is made of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from coverage_worlds import SHARED, WEIGHTS, WORLDS, World, truth
from scipy import special

from sim.stats.coverage import Coverage, coverage
from sim.stats.intervals import Interval, Sample
from sim.stats.skewed import skewed_expectation

KNOWS = 0.9
"""Correlation, before transformation, of a loss's luck and the number whose mean is known."""
SIZES = (50, 100, 300)


def corrected(losses: Sample, uniform: Sample) -> Sample:
    """Losses whose mean is the regression estimate at the known means of two functions of the uniform number."""
    known = np.column_stack([np.ones(len(losses)), uniform - 0.5, -np.log1p(-uniform) - 1.0])
    basis, _ = np.linalg.qr(known)
    factors, *_ = np.linalg.lstsq(known, losses, rcond=None)
    left = (losses - known @ factors) / (1 - np.minimum((basis**2).sum(axis=1), 0.9))
    return np.asarray(factors[0] + left - left.mean())


def measured(world: World, n: int, plays: int, *, with_controls: bool) -> Coverage:
    def experiment(luck: np.random.Generator) -> Interval:
        common = luck.standard_normal(n)
        lengths = (max(10, n // 5), n, max(10, n // 2))
        own = [SHARED * common[:size] + math.sqrt(1 - SHARED**2) * luck.standard_normal(size) for size in lengths]
        seen = [special.ndtr(KNOWS * each + math.sqrt(1 - KNOWS**2) * luck.standard_normal(len(each))) for each in own]
        good, *bad = [world.good(own[0]), world.losses(own[1]), 0.3 * world.losses(own[2])]
        if with_controls:
            bad = [corrected(losses, uniform) for losses, uniform in zip(bad, seen[1:], strict=True)]
        return skewed_expectation(WEIGHTS, [good, *bad])

    return coverage(experiment, truth(world)["release"], plays=plays, seed=n)


def table(plays: int) -> Iterator[str]:
    """Markdown: the coverage in percent with and without, and what is left of the width."""
    yield "| world | " + " | ".join(f"n = {n}: without | with | width left" for n in SIZES) + " |"
    yield "|---|" + "---:|" * (3 * len(SIZES))
    for world in WORLDS:
        figures = []
        for n in SIZES:
            plain, helped = (measured(world, n, plays, with_controls=each) for each in (False, True))
            width = helped.half_width / plain.half_width
            figures += [f"{100 * plain.share:.1f}", f"{100 * helped.share:.1f}", f"{100 * width:.0f} %"]
        yield f"| {world.name} | " + " | ".join(figures) + " |"


if __name__ == "__main__":
    import sys

    for line in table(int(sys.argv[1]) if len(sys.argv) > 1 else 400):
        print(line, flush=True)  # noqa: T201
