"""A year of releases as an experiment: how often the interval of what one year in twenty exceeds holds the truth."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np
from coverage_worlds import WEIGHTS, WORLDS, World, quantiles

from sim.stats.annual import SELDOM, year
from sim.stats.coverage import Coverage, coverage
from sim.stats.intervals import Sample

RELEASES = (100, 500)
"""Releases a year; ten and fifty of them bad on average."""
SIZES = (50, 100, 300)
"""Replications of the first defect; the second has half as many, good a fifth."""
YEARS = 400_000
AT_ONCE = 20_000


@functools.cache
def truth(world: World, releases: int) -> float:
    """What one year in twenty exceeds, by drawing very many years, release by release."""
    luck = np.random.default_rng(releases)
    costs = [_drawn(world, releases, luck) for _ in range(YEARS // AT_ONCE)]
    return float(np.quantile(np.concatenate(costs), 1.0 - SELDOM))


def _drawn(world: World, releases: int, luck: np.random.Generator) -> Sample:
    """So many years' costs."""
    good, one, two = luck.multinomial(releases, WEIGHTS, AT_ONCE).T
    costs: Sample = np.zeros(AT_ONCE)
    for counts, losses, factor in ((good, world.good, 1.0), (one, world.losses, 1.0), (two, world.losses, 0.3)):
        if losses is np.zeros_like:
            continue
        each = factor * luck.choice(quantiles(losses), int(counts.sum()))
        costs += np.bincount(np.repeat(np.arange(AT_ONCE), counts), each, minlength=AT_ONCE)
    return costs


def measured(world: World, releases: int, n: int, plays: int) -> Coverage:
    return coverage(
        lambda luck: year(WEIGHTS, world.draw(luck, n), releases).one_in_twenty,
        truth(world, releases),
        plays=plays,
        seed=n,
    )


def table(plays: int) -> Iterator[str]:
    """Markdown: the coverage in percent, by world, releases a year and number of replications."""
    yield "| world | releases a year | " + " | ".join(f"n = {n}" for n in SIZES) + " |"
    yield "|---|---:|" + "---:|" * len(SIZES)
    for world in WORLDS:
        for releases in RELEASES:
            shares = [f"{100 * measured(world, releases, n, plays).share:.1f}" for n in SIZES]
            yield f"| {world.name} | {releases} | " + " | ".join(shares) + " |"


if __name__ == "__main__":
    import sys

    for line in table(int(sys.argv[1]) if len(sys.argv) > 1 else 500):
        print(line, flush=True)  # noqa: T201
