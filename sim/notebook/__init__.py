"""The notebook face: run a scenario, see the answer, take tidy frames and plots.

>>> import sim
>>> study = sim.run("scenarios/textbook.yaml")  # doctest: +SKIP
>>> study.frame().groupby(["strategy", "case"])["failed_requests"].mean()  # doctest: +SKIP

Nothing here prints; every result shows itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.notebook.release import Timeline, played
from sim.notebook.review import Capacity
from sim.notebook.study import Plots, Study
from sim.scenario import from_data, load
from sim.scenario.override import with_study
from sim.scenario.resolved import Scenario

if TYPE_CHECKING:
    from sim.scenario.arithmetic import FleetArithmetic

__all__ = ["Capacity", "Plots", "Study", "Timeline", "capacity", "check", "open_results", "run", "timeline"]

RESULTS = Path("results")
Given = str | Path | Scenario | Mapping[str, Any]
"""A scenario as people hold it: a file, what :func:`sim.load` gave, or its sections as plain data."""


def run(
    scenario: Given,
    *,
    results: str | Path = RESULTS,
    workers: int | None = None,
    on_progress: Callable[[Any], None] | None = None,
    **study: Any,
) -> Study:
    """Play a scenario's study, or what is missing of it, and give its findings.

    ``study`` replaces settings of the scenario's study section, as in ``cap=200``, ``seed=7``, ``precision="5%"``.
    What lies in ``results`` from an earlier run is used again.

    Raises :class:`sim.ScenarioError` with all problems of a file.
    """
    from sim.study import run as run_study

    chosen = with_study(_scenario(scenario), **study)
    return Study(run_study(chosen, results=Path(results), workers=workers, on_progress=on_progress))


def open_results(folder: str | Path) -> Study:
    """The findings in a results folder, without playing anything.

    Raises :class:`sim.RollriskError` when the folder holds no study.
    """
    from sim.study import read

    return Study(read(Path(folder)))


def check(scenario: Given) -> FleetArithmetic:
    """The fleet's arithmetic, if the file is sound; nothing is simulated.

    Raises :class:`sim.ScenarioError` with all problems of the file.
    """
    from sim.scenario.arithmetic import fleet_arithmetic

    return fleet_arithmetic(_scenario(scenario))


def timeline(scenario: Given, strategy: str, *, case: str = "good", index: int = 0) -> Timeline:
    """Play one replication again and tell it along a time axis."""
    return played(_scenario(scenario), strategy, case=case, index=index)


def capacity(
    scenario: Given,
    *,
    growths: Sequence[float] = (1.0, 1.25, 1.5),
    replications: int = 8,
    workers: int | None = None,
    on_progress: Callable[[str], None] = lambda said: None,
) -> Capacity:
    """What a release needs at the planning peak, by each strategy, with and without a lost node; minutes.

    ``growths`` are factors on today's peak, ``replications`` how many good releases each fleet is played through at
    most. ``workers`` are processes, as many as there are cores when left out.
    """
    from sim.whatif.capacity import review

    chosen = _scenario(scenario)
    confidence = chosen.study.confidence
    found = review(
        chosen,
        growths=growths,
        replications=replications,
        confidence=confidence,
        workers=workers,
        on_progress=on_progress,
    )
    return Capacity(found)


def _scenario(given: Given) -> Scenario:
    if isinstance(given, Scenario):
        return given
    return from_data(given) if isinstance(given, Mapping) else load(given)
