"""Studies that stop by themselves: what their last interval covers, by the size of the pilot.

The rule is that of the product: a pilot, then Neyman's allocation and growth by what is missing, until the half-width
is a share of the figure. Looking often and stopping at the first narrow interval makes intervals cover less.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from coverage_worlds import SHARED, WEIGHTS, WORLDS, World, truth

from sim.stats.coverage import Coverage, coverage
from sim.stats.intervals import Interval, Sample
from sim.stats.skewed import skewed_expectation
from sim.stats.stopping import Precision, next_counts, reached

PILOTS = (10, 20, 50, 150)
CAP = 3000
LEAST_GROWTH = 1.1


def stopped(world: World, luck: np.random.Generator, pilot: int, relative: float) -> Interval:
    """The interval at which a study ends that asks for a relative half-width."""
    played, counts = _played(world, luck), [min(pilot, 20), pilot, pilot]
    asked = Precision(relative=relative)
    while True:
        samples = [x[:count] for x, count in zip(played, counts, strict=True)]
        found, spread = skewed_expectation(WEIGHTS, samples), [float(x.std(ddof=1)) for x in samples]
        varying = [place for place in range(3) if spread[place] > 0]
        if reached(found, asked) or all(counts[place] >= CAP for place in varying):
            return found
        factor = max(LEAST_GROWTH, (found.half_width / asked.target(found.value)) ** 2)
        wanted = next_counts(
            [WEIGHTS[place] for place in varying],
            [spread[place] for place in varying],
            [counts[place] for place in varying],
            factor,
            CAP,
        )
        for place, count in zip(varying, wanted, strict=True):
            counts[place] = count


def _played(world: World, luck: np.random.Generator) -> list[Sample]:
    common = luck.standard_normal(CAP)
    own = [SHARED * common + math.sqrt(1 - SHARED**2) * luck.standard_normal(CAP) for _ in range(3)]
    return [world.good(own[0]), world.losses(own[1]), 0.3 * world.losses(own[2])]


def measured(world: World, pilot: int, relative: float, plays: int) -> Coverage:
    return coverage(lambda luck: stopped(world, luck, pilot, relative), truth(world)["release"], plays=plays, seed=7)


def table(plays: int) -> Iterator[str]:
    """Markdown: the coverage in percent at the end, by world, asked precision and pilot."""
    yield "| world | asked | " + " | ".join(f"pilot {pilot}" for pilot in PILOTS) + " |"
    yield "|---|---:|" + "---:|" * len(PILOTS)
    for world in WORLDS:
        for relative in (0.3, 0.1):
            shares = [f"{100 * measured(world, pilot, relative, plays).share:.1f}" for pilot in PILOTS]
            yield f"| {world.name} | ±{100 * relative:.0f} % | " + " | ".join(shares) + " |"


if __name__ == "__main__":
    import sys

    for line in table(int(sys.argv[1]) if len(sys.argv) > 1 else 400):
        print(line, flush=True)  # noqa: T201
