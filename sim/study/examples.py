"""Which releases to look at: one typical bad release and one of bad luck, the same under every strategy.

The same defect with the same luck under each strategy is what can be compared. The typical one lies as near the middle
of every strategy's bad releases as any does, by its rank; the unlucky one ranks highest over all strategies together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.scenario.resolved import Scenario
from sim.study import estimates
from sim.study.rows import Floats, Table

MEASURE = "failed_requests"
Example = tuple[str, int]
"""Case and index."""
MIDDLE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """The two releases, and how each ranks: by strategy the share of its bad releases that cost less, ties one half."""

    typical: Example
    unlucky: Example
    ranks: Mapping[Example, Mapping[str, float]]


def typical_and_unlucky(
    table: Table, scenario: Scenario, counts: Mapping[str, int], strategies: Sequence[str]
) -> Examples | None:
    """The bad release nearest the middle for the strategy it fits least, and the one that ranks highest; of equals the
    first.

    A case's replications weigh its share of the bad releases together. None where there are no bad releases.
    """
    shares = estimates.weights(scenario, estimates.BAD)
    releases = [(case, index) for case in shares for index in range(counts.get(case, 0))]
    if not releases or any(not counts.get(case, 0) for case in shares):
        return None
    weights = np.array([shares[case] / counts[case] for case, _ in releases])
    ranks = np.array([_ranks(_losses(table, scenario, counts, name), weights) for name in strategies])
    typical = int(np.argmin(np.round(np.abs(ranks - MIDDLE).max(axis=0), 9)))
    unlucky = int(np.argmax(np.round(ranks.mean(axis=0), 9)))
    return Examples(
        typical=releases[typical],
        unlucky=releases[unlucky],
        ranks={
            releases[place]: dict(zip(strategies, ranks[:, place].tolist(), strict=True))
            for place in (typical, unlucky)
        },
    )


def _losses(table: Table, scenario: Scenario, counts: Mapping[str, int], strategy: str) -> Floats:
    columns = estimates.samples(table, scenario, counts, MEASURE, strategy, estimates.BAD)
    return np.concatenate([np.nan_to_num(column) for column in columns.values()])


def _ranks(losses: Floats, weights: Floats) -> Floats:
    """The weighted share of releases that cost less, with half of those that cost the same.

    >>> _ranks(np.array([5.0, 1.0, 1.0]), np.array([0.5, 0.25, 0.25])).tolist()
    [0.75, 0.25, 0.25]
    """
    values, place = np.unique(losses, return_inverse=True)
    each = np.zeros(len(values))
    np.add.at(each, place, weights)
    found: Floats = ((np.cumsum(each) - each / 2) / each.sum())[place]
    return found
