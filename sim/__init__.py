"""rollrisk: what would this release cost under each strategy?

>>> import sim
>>> study = sim.run("scenarios/textbook.yaml")  # doctest: +SKIP
>>> study.summary()  # doctest: +SKIP

A scenario says how the service, its traffic and its bad releases are; a study plays thousands of releases by each
strategy on the same luck; the findings say which to choose and how sure that is. Importing this loads nothing heavy:
each name is fetched when it is first used.
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing it takes longer than all this, and Ctrl-C may come at once
if TYPE_CHECKING:
    from typing import Any

    from sim.errors import RollriskError, ScenarioError
    from sim.notebook import Capacity, Study, capacity, check, open_results, run, timeline
    from sim.replication import Record, replicate
    from sim.scenario import load
    from sim.scenario.resolved import Scenario

__all__ = [
    "Capacity",
    "Record",
    "RollriskError",
    "Scenario",
    "ScenarioError",
    "Study",
    "capacity",
    "check",
    "load",
    "open_results",
    "replicate",
    "run",
    "timeline",
]

_WHERE = {
    "Capacity": "sim.notebook",
    "Record": "sim.replication",
    "RollriskError": "sim.errors",
    "Scenario": "sim.scenario.resolved",
    "ScenarioError": "sim.errors",
    "Study": "sim.notebook",
    "capacity": "sim.notebook",
    "check": "sim.notebook",
    "load": "sim.scenario",
    "open_results": "sim.notebook",
    "replicate": "sim.replication",
    "run": "sim.notebook",
    "timeline": "sim.notebook",
}


def __getattr__(name: str) -> Any:
    """Fetch a public name from the room it lives in."""
    if name not in _WHERE:
        raise AttributeError(f"module 'sim' has no attribute {name!r}; it has: {', '.join(__all__)}")
    from importlib import import_module

    return getattr(import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    """The public names, for completion."""
    return sorted(__all__)
