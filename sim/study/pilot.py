"""How many replications every study plays before anybody looks."""

from __future__ import annotations

from sim.scenario.resolved import Scenario
from sim.study.cells import GOOD

LEAST = 2
"""Replications per case below which there is no variance to speak of."""
GOOD_PILOT = 20
"""Good releases hardly differ: so many are enough to see whether they do."""


def first_counts(scenario: Scenario) -> dict[str, int]:
    """Replications per case before the first look."""
    study = scenario.study
    return {
        case: max(LEAST, min(study.pilot, study.cap, GOOD_PILOT if case == GOOD else study.pilot))
        for case, _ in scenario.cases()
    }
