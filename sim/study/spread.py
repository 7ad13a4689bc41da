"""How a cost is spread over releases, good and bad apart: what is usual, what is rare, how many feel nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from sim.scenario.resolved import Scenario
from sim.stats.exceedance import mixture_quantile
from sim.study import estimates
from sim.study.cells import GOOD
from sim.study.estimates import BAD
from sim.study.findings import Spread
from sim.study.rows import Floats, Table

SPREAD = ("failed_requests", "down_99")
"""The measures whose distribution a reader is shown."""
USUAL, RARE = 0.5, 0.9


def spreads(table: Table, scenario: Scenario, counts: Mapping[str, int]) -> dict[tuple[str, str, str], Spread]:
    """(measure, strategy, "good" or "bad") -> the spread of its net figures; left out where a figure is missing."""
    asked = [(measure, each.name, given) for measure in SPREAD for each in scenario.strategies for given in (GOOD, BAD)]
    return {place: found for place in asked for found in _spread(table, scenario, counts, place)}


def _spread(
    table: Table, scenario: Scenario, counts: Mapping[str, int], place: tuple[str, str, str]
) -> Iterator[Spread]:
    measure, strategy, given = place
    shares = estimates.weights(scenario, given)
    columns = estimates.samples(table, scenario, counts, measure, strategy, given)
    parts, arrays = list(shares.values()), [columns[case] for case in shares]
    if min(map(len, arrays), default=0) and not any(np.isnan(array).any() for array in arrays):
        confidence = scenario.study.confidence
        untouched = {case: (column <= 0).astype(np.float64) for case, column in columns.items()}
        yield Spread(
            n=sum(map(len, arrays)),
            half=estimates.told(mixture_quantile(parts, arrays, USUAL, confidence)),
            one_in_ten=estimates.told(mixture_quantile(parts, arrays, RARE, confidence)),
            worst=max(float(array.max()) for array in arrays),
            untouched=estimates.estimate(untouched, shares, confidence, measure="detected"),
        )


def marks(parts: Sequence[float], samples: Sequence[Floats], count: int) -> Floats:
    """So many values that stand for equal shares of a mixture, rising; ``parts`` are the weights of the samples.

    >>> marks([0.5, 0.5], [np.array([1.0, 1.0]), np.array([5.0])], 4).tolist()
    [1.0, 1.0, 5.0, 5.0]
    """
    values = np.concatenate(samples)
    weights = np.concatenate(
        [np.full(len(sample), part / len(sample)) for part, sample in zip(parts, samples, strict=True)]
    )
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order]) / weights.sum()
    places = np.searchsorted(reached, (np.arange(count) + 0.5) / count - 1e-12)
    found: Floats = values[order][np.minimum(places, len(values) - 1)]
    return found
