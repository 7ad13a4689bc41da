"""A few releases of a scenario that is nearly the study's, played beside it by the same workers.

They answer questions that the study's own cells cannot: what a late defect costs once it is awake, what would cure the
failures of a good release. Their rows do not count for any figure of the study.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sim.scenario.resolved import Scenario
from sim.study.cells import TWIN, Cell, Job
from sim.study.executors import Runner, Stop
from sim.study.joins import join_of
from sim.study.play import LINE, Work
from sim.study.rows import Table

FEW_REQUESTS = 2_000_000
"""Requests of one replication above which only half as many are played beside a study."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of it; ``seconds`` is how long each release was watched."""

    table: Table
    count: int
    seconds: float

    def net_figures(self, cell: Cell) -> Iterator[Mapping[str, float]]:
        """The net figures of a cell, index by index; only of what was played, and its twin with it."""
        for index in range(self.count):
            if Job(cell, index) in self.table and Job(TWIN, index) in self.table:
                names, figures = self.table.net(cell, index)
                yield dict(zip(names, figures.tolist(), strict=True))

    def figures(self, cell: Cell) -> Iterator[Mapping[str, float]]:
        """The figures of a cell as they are, index by index."""
        jobs = (Job(cell, index) for index in range(self.count))
        return (self.table[job].values for job in jobs if job in self.table)


def nothing_played(scenario: Scenario) -> Played:
    """Where nobody had the time."""
    return Played(table=Table(join_of(scenario)), count=0, seconds=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Who plays beside a study, until somebody stops it."""

    runner: Runner
    stop: Stop
    engine: str

    def play(self, scenario: Scenario, cells: Sequence[Cell], count: int, replicate: str = LINE) -> Played:
        """Play so many releases of each cell."""
        table = Table(join_of(scenario))
        jobs = [Job(cell, index) for index in range(count) for cell in cells]
        work = Work.on(scenario, replicate=replicate, engine=self.engine)
        for played in self.runner.run(work, jobs, self.stop):
            table.add(played.rows)
        return Played(table=table, count=count, seconds=scenario.study.horizon / 1e9)
