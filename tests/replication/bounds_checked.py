"""Plays the shipped scenarios and scenarios at the edges of the schema; run where every index is checked.

``NUMBA_BOUNDSCHECK=1 python tests/replication/bounds_checked.py 60 1`` plays 60 edges, drawn with seed 1, and prints
how many releases were played. An index beyond its table ends it with IndexError.
"""

from __future__ import annotations

import sys
from pathlib import Path

from edges import edged, is_light
from hypothesis import HealthCheck, Phase, given, seed, settings

from sim.errors import ScenarioError
from sim.replication import replicate
from sim.scenario import from_data, load
from sim.scenario.resolved import Scenario

SHIPPED = Path(__file__).parents[2] / "scenarios"
MOST = 300_000
"""Requests of a release that is played here."""


def played(scenario: Scenario) -> int:
    """Play the twin and every case of every strategy once."""
    replicate(scenario, strategy=None, case="good", index=0)
    cells = [(strategy.name, case) for strategy in scenario.strategies for case, _ in scenario.cases()]
    for strategy, case in cells:
        replicate(scenario, strategy=strategy, case=case, index=0)
    return len(cells) + 1


def at_edges(examples: int, number: int) -> int:
    """So many scenarios at the edges."""
    found = [0]

    @seed(number)
    @settings(
        max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )  # fmt: skip
    @given(edged())
    def play(data: dict[str, object]) -> None:
        try:
            scenario = from_data(data)
        except ScenarioError:
            return
        if is_light(scenario, MOST):
            found[0] += played(scenario)

    play()
    return found[0]


if __name__ == "__main__":
    shipped = [load(file) for file in sorted(SHIPPED.glob("*.yaml"))]
    print(sum(played(scenario) for scenario in shipped if is_light(scenario, MOST)))
    print(at_edges(int(sys.argv[1]), int(sys.argv[2])))
