"""What a run would do, before it is run: cells, replications, requests, time, and what is there already. Light."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sim.scenario import identity
from sim.scenario.arithmetic import fleet_arithmetic
from sim.scenario.demand import REQUESTS_PER_SECOND
from sim.scenario.resolved import Scenario
from sim.study import folders
from sim.study.cells import cells_of
from sim.study.machine import cores

START = 3.0
"""Seconds for imports, workers and pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run would do."""

    identity: str
    folder: Path
    cells: int  # the twin among them
    least: int  # replications of all cells with the pilot
    most: int  # … with the cap
    requests_per_replication: float
    reused: int  # replications already on disk
    workers: int
    seconds: tuple[float, float]  # wall time with the pilot, and with the cap
    from_earlier_run: bool  # whether the time rests on an earlier run of this study


def plan(
    scenario: Scenario, *, results: Path = Path("results"), workers: int | None = None, file: Path | None = None
) -> Plan:
    """Count, look into the results folder's manifest, and estimate; nothing is simulated."""
    name = identity(scenario)
    folder = folders.folder_of(Path(results), scenario.name, name, file)
    manifest, processes = folders.read_manifest(folder), workers or cores()
    requests = fleet_arithmetic(scenario).requests_played * _with_warm_up(scenario)
    measured = manifest.get("seconds_per_replication")
    each = (float(measured) if measured else requests / REQUESTS_PER_SECOND) / processes
    done = {(row["strategy"], row["case"]): int(row["rows"]) for row in manifest.get("rows", [])}
    totals = [_missing(scenario, {}, count) for count in (scenario.study.pilot, scenario.study.cap)]
    missing = [_missing(scenario, done, count) for count in (scenario.study.pilot, scenario.study.cap)]
    return Plan(
        identity=name,
        folder=folder,
        cells=len(cells_of(scenario)),
        least=totals[0],
        most=totals[1],
        requests_per_replication=requests,
        reused=sum(done.values()),
        workers=processes,
        seconds=(START + missing[0] * each, START + missing[1] * each),
        from_earlier_run=bool(measured),
    )


def _missing(scenario: Scenario, done: dict[tuple[str, str], int], count: int) -> int:
    """Replications still to play if every case had so many; the twin has as many as the longest case."""
    return sum(max(0, count - done.get((cell.strategy, cell.case), 0)) for cell in cells_of(scenario))


def _with_warm_up(scenario: Scenario) -> float:
    """Requests played over requests measured."""
    return (scenario.study.horizon + scenario.study.warm_up) / scenario.study.horizon
