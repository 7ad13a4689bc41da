"""The same question with other inputs: which knob matters, and does the verdict hold?

Every point of a sweep is a small study of its own with the same luck, so that points differ by the knobs and not by
chance, and its replications are kept: a sweep that is asked for again, or made larger, plays only what is new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import UsageError
from sim.scenario.corners import with_values
from sim.scenario.override import with_study
from sim.scenario.resolved import Scenario
from sim.study.executors import Runner, Stop
from sim.study.findings import Estimate, Findings
from sim.study.folders import slug
from sim.study.play import Played, Work
from sim.study.processes import LocalProcesses
from sim.study.studies import run
from sim.whatif import designs
from sim.whatif.knobs import Knob, check_places

if TYPE_CHECKING:
    import pandas as pd

    from sim.study.cells import Job

Watch = Callable[[int, int], None]
"""Told how many points are done, and of how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a sweep looks at: a measure given a case, at points of a design, each with so many replications per case."""

    measure: str
    given: str
    design: str
    number: int
    replications: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The values tried (only those that differ from the file), the figure by strategy, and the verdict."""

    values: Mapping[str, Any]
    figures: Mapping[str, Estimate]
    recommended: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Swing:
    """What one knob does to a strategy's figure when it alone goes from its low to its high end."""

    path: str
    strategy: str
    low: Any
    high: Any
    at_low: Estimate
    at_high: Estimate

    @property
    def size(self) -> float:
        """How far the figure moves."""
        return abs(self.at_high.value - self.at_low.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """All points of a sweep, the file's own values first."""

    scenario: Scenario
    knobs: tuple[Knob, ...]
    asked: Asked
    shares: designs.Points  # the points in the unit cube, without the file's own
    likely: Point
    points: tuple[Point, ...]

    def frame(self) -> pd.DataFrame:
        """One tidy row per point and strategy: a column per knob, then value, low, high, n and the verdict."""
        import pandas as pd

        rows = [
            {**{knob.path: point.values.get(knob.path, "as written") for knob in self.knobs}, "strategy": name}
            | {"value": found.value, "low": found.low, "high": found.high, "n": found.n}
            | {"recommended": point.recommended or "cannot tell"}
            for point in (self.likely, *self.points)
            for name, found in point.figures.items()
        ]
        return pd.DataFrame(rows)

    def tornado(self) -> tuple[Swing, ...]:
        """Each knob's swing for each strategy, the widest first; for the design ``ends`` only."""
        if self.asked.design != "ends":
            return ()
        pairs = zip(self.points[::2], self.points[1::2], strict=True)
        swings = [
            Swing(
                path=knob.path,
                strategy=name,
                low=low.values[knob.path],
                high=high.values[knob.path],
                at_low=low.figures[name],
                at_high=high.figures[name],
            )
            for knob, (low, high) in zip(self.knobs, pairs, strict=True)
            for name in low.figures
        ]
        return tuple(sorted(swings, key=lambda swing: -swing.size))

    def indices(self) -> dict[str, list[Mapping[str, float]]]:
        """By strategy and knob how much it matters, on the logarithm of one plus the figure: few terrible points would
        otherwise be all there is. For the designs ``morris`` and ``saltelli`` only.
        """
        if self.asked.design not in ("morris", "saltelli"):
            return {}
        return {name: self._importance(name) for name in self.likely.figures}

    def _importance(self, strategy: str) -> list[Mapping[str, float]]:
        answers = np.log1p([max(0.0, point.figures[strategy].value) for point in self.points])
        if np.ptp(answers) == 0:
            return [{} for _ in self.knobs]
        if self.asked.design == "morris":
            return designs.morris(self.knobs, self.shares, answers)
        return designs.sobol_indices(self.knobs, answers)

    def turned(self) -> tuple[Point, ...]:
        """The points at which another strategy is recommended than with the file's own values."""
        mine = self.likely.recommended
        return tuple(point for point in self.points if point.recommended not in (None, mine))


def sweep(
    scenario: Scenario,
    knobs: Sequence[Knob],
    asked: Asked,
    *,
    results: Path = Path("results"),
    workers: int | None = None,
    runner: Runner | None = None,
    watch: Watch | None = None,
    **options: Any,
) -> Sweep:
    """Play the points of a sweep; ``options`` go to each study.

    Raises UsageError where there is nothing to vary, a knob is no part of the scenario, or a value does not fit.
    """
    if not knobs:
        raise UsageError(
            "nothing to vary: write --vary service.replicas=4..12, or give an input as a range in the file"
        )
    check_places(scenario, tuple(knobs))
    shares = designs.points(asked.design, knobs, asked.number, scenario.study.seed)
    tried = [_values(knobs, row) for row in shares]
    scenarios = [_small(scenario, values, asked) for values in ({}, *tried)]  # all are checked before any is played
    kept, found = _Kept(runner or LocalProcesses(workers)), []
    try:
        for place, (each, values) in enumerate(zip(scenarios, ({}, *tried), strict=True)):
            findings = run(each, results=results / f"{slug(scenario.name)}-sweep", runner=kept, beside=False, **options)
            if findings.interrupted:
                raise KeyboardInterrupt
            found.append(_point(findings, values, asked))
            if watch is not None:
                watch(place + 1, len(scenarios))
    finally:
        kept.let_go()
    likely, *points = found
    return Sweep(scenario=scenario, knobs=tuple(knobs), asked=asked, shares=shares, likely=likely, points=tuple(points))


class _Kept:
    """A runner that many studies use one after the other, so that workers start once."""

    def __init__(self, runner: Runner) -> None:
        self._runner, self.workers = runner, runner.workers

    def run(self, work: Work, jobs: Sequence[Job], stop: Stop) -> Iterator[Played]:
        """As the runner does."""
        return self._runner.run(work, jobs, stop)

    def close(self) -> None:
        """Not yet: the next point needs the workers."""

    def let_go(self) -> None:
        """Now."""
        self._runner.close()


def _values(knobs: Sequence[Knob], row: Sequence[float] | designs.Points) -> dict[str, Any]:
    """What a point changes; nan leaves a knob as the file has it."""
    return {knob.path: knob.at(float(share)) for knob, share in zip(knobs, row, strict=True) if not np.isnan(share)}


def _small(scenario: Scenario, values: Mapping[str, Any], asked: Asked) -> Scenario:
    changed = with_values(scenario, values) if values else scenario
    return with_study(changed, pilot=asked.replications, cap=asked.replications)


def _point(findings: Findings, values: Mapping[str, Any], asked: Asked) -> Point:
    figures = {name: findings.estimates.get((asked.measure, name, asked.given)) for name in findings.strategies}
    if any(found is None for found in figures.values()):
        known = ", ".join(dict.fromkeys(measure for measure, _, given in findings.estimates if given == asked.given))
        raise UsageError(f"there is no {asked.measure} given {asked.given}; known: {known or 'nothing so given'}")
    return Point(
        values=values,
        figures={name: found for name, found in figures.items() if found is not None},
        recommended=findings.ruling.recommended,
    )
