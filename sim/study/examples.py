"""Which releases to look at: a typical bad one and an unlucky one of each strategy."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.scenario.resolved import Scenario
from sim.study import estimates
from sim.study.rows import Table

MEASURE = "failed_requests"
Example = tuple[str, int]
"""Case and index."""


def typical_and_unlucky(
    table: Table, scenario: Scenario, counts: Mapping[str, int], strategy: str
) -> tuple[Example, Example] | None:
    """The bad release at the weighted median of net failed requests, and the worst; the first of equals.

    A case's replications weigh its share of the bad releases together. None where there are no bad releases.
    """
    shares = estimates.weights(scenario, estimates.BAD)
    columns = estimates.samples(table, scenario, counts, MEASURE, strategy, estimates.BAD)
    releases = [
        (float(loss), case, index, share / len(columns[case]))
        for case, share in shares.items()
        for index, loss in enumerate(columns[case])
    ]
    if not releases:
        return None
    order = sorted(range(len(releases)), key=lambda place: (releases[place][0], place))
    reached = np.cumsum([releases[place][3] for place in order])
    middle = releases[order[int(np.searchsorted(reached, reached[-1] / 2 - 1e-12))]]
    worst = max(releases, key=lambda release: release[0])
    return (middle[1], middle[2]), (worst[1], worst[2])
