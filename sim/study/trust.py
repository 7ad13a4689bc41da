"""How far the figures can be trusted: what the data cannot carry is refused, and the reader is told why.

The bounds are those of the experiments in docs/validation-statistics.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from sim.scenario.resolved import Scenario
from sim.stats.exceedance import tail_mean
from sim.stats.tail import tail
from sim.study import estimates
from sim.study.estimates import BAD
from sim.study.findings import Estimate, TailFound
from sim.study.joins import sign
from sim.study.rows import Floats, Table

ENOUGH = 50
"""Replications of a defect from which on the 95 % intervals held in at least 89 % of studies of every world tried."""
HURTING = 10
"""Bad releases with a loss of their own, below which an interval knows too little of what it has not seen."""
UNSEEN = 0.05
"""Chance to have seen none, at which a rare harm is said to be one that may be unseen."""
WORST_SHARE = 0.2
"""Of a mean: what may hang on one release before the reader is told."""
WORST = 0.9
BEYOND = 7
"""Bad releases in the worst tenth, below which its mean is not told."""


def tails(table: Table, scenario: Scenario, counts: Mapping[str, int]) -> dict[str, TailFound]:
    """By strategy, of the deciding measure given a bad release; empty where there are none."""
    shares = estimates.weights(scenario, BAD)
    if not shares or min(counts[case] for case in shares) < 2:
        return {}
    return {each.name: _of_strategy(table, scenario, counts, each.name, shares) for each in scenario.strategies}


def cautions(scenario: Scenario, counts: Mapping[str, int], found: Mapping[str, TailFound]) -> tuple[str, ...]:
    """Sentences, the gravest first; none where everything stands on enough."""
    return (*_too_few(scenario, counts), *_few_hurt(found), *_none_differs(found), *_one_release(found))


def _of_strategy(
    table: Table, scenario: Scenario, counts: Mapping[str, int], strategy: str, shares: Mapping[str, float]
) -> TailFound:
    measure = scenario.study.decide_by
    columns = estimates.samples(table, scenario, counts, measure, strategy, BAD)
    parts, losses = list(shares.values()), [sign(measure) * columns[case] for case in shares]
    weighted = np.concatenate([share / len(x) * x for share, x in zip(parts, losses, strict=True)])
    together = np.concatenate(losses)
    total = float(np.abs(weighted).sum())
    return TailFound(
        n=len(together),
        hurting=_unlike_most(together),
        skewness=tail(together).skewness,
        worst_share=float(np.abs(weighted).max()) / total if total > 0 else 0.0,
        worst_tenth=_worst_tenth(parts, losses, scenario.study.confidence),
    )


def _unlike_most(losses: Floats) -> int:
    _, times = np.unique(losses, return_counts=True)
    return len(losses) - int(times.max()) if times.max() > 1 else len(losses)


def _worst_tenth(parts: list[float], losses: list[Floats], confidence: float) -> Estimate:
    n = sum(map(len, losses))
    if any(np.isnan(x).any() for x in losses):
        return estimates.nothing("not defined in every replication")
    if n * (1 - WORST) < BEYOND:
        return estimates.nothing(f"refused: {n} bad releases are too few for a worst tenth, {BEYOND * 10} are enough")
    return estimates.told(tail_mean(parts, losses, WORST, confidence))


def _too_few(scenario: Scenario, counts: Mapping[str, int]) -> Iterator[str]:
    few = {defect.name: counts[defect.name] for defect in scenario.release.defects if counts[defect.name] < ENOUGH}
    if few:
        least, pilot = min(few.values()), scenario.study.pilot
        named = ", ".join(few)
        yield (
            f"only {least} bad releases each of {named} were played. With so few, a "
            f"{100 * scenario.study.confidence:g} % interval contained the true value in only {_measured(least)} of "
            "our test studies. "
            + (
                f"For intervals that hold, write pilot: {ENOUGH} (or more) under study."
                if pilot < ENOUGH
                else f"Run the same command again to play the {pilot} that the scenario asks for."
            )
        )


def _measured(n: int) -> str:
    """The lowest coverage measured where a study stopped at its precision from a pilot of this size."""
    return "45 %" if n < 20 else "72 %"


def _few_hurt(found: Mapping[str, TailFound]) -> Iterator[str]:
    for name, each in found.items():
        if 0 < each.hurting < HURTING <= each.n:
            yield (
                f"{name}: only {each.hurting} of {each.n} bad releases cost more or less than the others; costly ones "
                "that are rarer may not have been played."
            )


def _none_differs(found: Mapping[str, TailFound]) -> Iterator[str]:
    """Of a strategy without spread, beside others with some: its interval has no width, and is not certain for that.

    What harms one release in k is missed by n of them with a chance of (1 - 1/k)^n.
    """
    if not any(each.hurting for each in found.values()):
        return
    for name, each in found.items():
        if not each.hurting and each.n >= HURTING:
            seldom = round(1 / (1 - UNSEEN ** (1 / each.n)))
            yield (
                f"{name}: all {each.n} bad releases cost the same. A costly one that comes less often than once in "
                f"{seldom} may not have been played."
            )


def _one_release(found: Mapping[str, TailFound]) -> Iterator[str]:
    for name, each in found.items():
        if each.worst_share > WORST_SHARE and each.n >= 1 / WORST_SHARE:
            yield f"{name}: a single release makes up {each.worst_share:.0%} of the mean cost of its bad releases."
