"""What a run would do, before it is run: cells, replications, requests, time, and what is there already. Light."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import cache_from_source, find_spec
from pathlib import Path

from sim.requests.parts import is_compiled
from sim.rollout_plan import plan_of
from sim.scenario import identity
from sim.scenario.arithmetic import fleet_arithmetic
from sim.scenario.resolved import Scenario
from sim.scenario.side_by_side import shortages
from sim.scenario.strictness import surely_above
from sim.stats.settling import none_lost_shows
from sim.study import folders
from sim.study.cells import FATE, GOOD, TWIN, Cell, cells_of
from sim.study.machine import WORTH_WORKERS, cores
from sim.study.pace import cost_of, share_until_known
from sim.study.pilot import LEAST, first_counts
from sim.study.speed import COMPILING, slowness
from sim.units import SECOND, show_duration

BEGINNING, ENDING = 2.0, 4.0
"""Seconds of an ordinary machine for what is loaded first, and for drawing the report."""
LOOKED_AT = 0.004
"""… for every replication in whatever is worked out of the rows."""
MOSTLY = 0.5
"""Of good releases: so many lost are seen in the pilot."""
WORKERS = 1.0
"""… for starting workers, side by side with one another."""
SIDE_BY_SIDE = 1.25
"""Processors that all play at once are so much slower than one alone: they share caches, and often cores."""
UNKEPT, UNKEPT_BY_A_WORKER = 8.0, 4.0
"""… and on top of both where modules are compiled each time: Python is told to keep none (PYTHONDONTWRITEBYTECODE)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """How long something takes, seconds: at least, likely, at most; ``compiling`` comes on top of them, once."""

    least: float
    likely: float
    most: float
    compiling: float = 0.0

    def words(self) -> str:
        """As it is said.

        >>> Time(least=40.0, likely=118.0, most=355.0).words()
        'about 2 min (40 s to 6 min)'
        >>> Time(least=7.0, likely=7.2, most=7.4, compiling=33.0).words()
        'about 7 s, and before it about 35 s to compile the request engine, once on this machine'
        """
        low, middle, high = (told(each) for each in (self.least, self.likely, self.most))
        ends = "" if low == middle == high else f" ({low} to {high})"
        first = ", and before it about {} to compile the request engine, once on this machine"
        return f"about {middle}{ends}{first.format(told(self.compiling)) if self.compiling else ''}"


def told(seconds: float) -> str:
    """A time to the precision with which it is known.

    >>> told(0.4), told(7.4), told(44.0), told(118.0), told(4000.0)
    ('1 s', '7 s', '45 s', '2 min', '65 min')
    """
    for step, below in ((1, 10), (5, 60), (30, 300), (60, 3600), (300, math.inf)):
        rounded = max(1, round(seconds / step) * step)
        if rounded < below or below == math.inf:
            break
    minutes = rounded / 60
    if rounded < 90:
        return f"{rounded} s"
    return f"{minutes:g} min" if minutes < 120 else show_duration(rounded * SECOND)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run would do."""

    identity: str
    folder: Path
    cells: int  # the twin among them
    least: int  # replications of all cells before the first look
    most: int  # … with the cap
    settling: tuple[int, int]  # good releases among both that only settle who ships
    requests_per_replication: float
    reused: int  # replications already on disk
    workers: int
    time: Time  # of the clock, on a machine that does nothing else
    from_earlier_run: bool  # whether the time rests on an earlier run of this study

    @property
    def seconds(self) -> tuple[float, float]:
        """The time to the first look, and with the cap."""
        return self.time.least, self.time.most


def plan(
    scenario: Scenario,
    *,
    results: Path = Path("results"),
    workers: int | None = None,
    file: Path | None = None,
    measure: bool = False,
) -> Plan:
    """Count, look into the results folder's manifest, and estimate; nothing of the scenario is simulated.

    With ``measure``, a machine whose speed is not known yet is measured first, which takes a second or two.
    """
    name = identity(scenario)
    folder = folders.folder_of(Path(results), scenario.name, name, file)
    manifest, processes = folders.read_manifest(folder), workers or cores()
    requests = fleet_arithmetic(scenario).requests_played * _with_warm_up(scenario)
    done = {Cell(row["strategy"], row["case"]): int(row["rows"]) for row in manifest.get("rows", [])}
    least, most = expected_plays(scenario)
    measured = manifest.get("seconds_per_replication")
    return Plan(
        identity=name,
        folder=folder,
        cells=len(cells_of(scenario)),
        least=sum(least.values()),
        most=sum(most.values()),
        settling=(_settling(least), _settling(most)),
        requests_per_replication=requests,
        reused=sum(done.values()),
        workers=processes,
        time=time_of(
            scenario,
            _without(least, done),
            _without(most, done),
            processes,
            slow=slowness(measure=measure),
            measured=float(measured) if measured else None,
            compiled=is_compiled(scenario),
            kept=not sys.dont_write_bytecode or _is_installed_compiled("pandas"),
        ),
        from_earlier_run=bool(measured),
    )


def _is_installed_compiled(package: str) -> bool:
    """Whether a package's modules were compiled when it was installed; finding out loads nothing of it."""
    found = find_spec(package)
    return found is not None and found.origin is not None and Path(cache_from_source(found.origin)).exists()


def expected_plays(scenario: Scenario) -> tuple[dict[Cell, int], dict[Cell, int]]:
    """Replications of each cell before the first look, and with the cap: all that a study may play.

    Good releases that never differ from each other stay at what the first look needs; at the cap they are counted as if
    they did. Those that settle who ships are counted as many as show it where none is lost, and at the cap up to it.
    """
    first, cap = first_counts(scenario), max(LEAST, scenario.study.cap)
    least, most = _plays(scenario, first), _plays(scenario, {case: max(cap, count) for case, count in first.items()})
    enough = none_lost_shows(scenario.study.false_aborts, scenario.study.confidence) or cap
    for strategy in scenario.strategies:
        if plan_of(strategy.strategy, scenario.service.replicas).ships:
            lost = bool(shortages(scenario, strategy)) or surely_above(scenario, strategy, MOSTLY)
            least[Cell(strategy.name, FATE)] = 0 if lost else max(0, min(enough, cap) - first[GOOD])
            most[Cell(strategy.name, FATE)] = 0 if lost else max(0, cap - first[GOOD])
    return least, most


def time_of(
    scenario: Scenario,
    least: Mapping[Cell, int],
    most: Mapping[Cell, int],
    workers: int,
    *,
    slow: float = 1.0,
    measured: float | None = None,
    compiled: bool = True,
    kept: bool = True,
) -> Time:
    """How long so many replications take: shared among workers, with what comes before and after them.

    ``slow`` is how many times as long as an ordinary machine this one takes, ``measured`` the seconds a replication
    took here before, ``kept`` whether Python keeps the modules it has compiled. Where between its first look and its
    cap a study ends nobody knows: likely is half-way between the two.
    """
    low, high = (_played(scenario, each, slow, measured) for each in (least, most))
    few, many = (sum(each.values()) for each in (least, most))

    alone = BEGINNING + ENDING + (0.0 if kept else UNKEPT)
    starting = WORKERS + (0.0 if kept else UNKEPT_BY_A_WORKER)

    def whole(seconds: float, replications: float) -> float:
        with_workers = workers > 1 and seconds > WORTH_WORKERS
        shared = seconds * SIDE_BY_SIDE / workers + starting * slow if with_workers else seconds
        return (alone + LOOKED_AT * replications) * slow + shared

    return Time(
        least=whole(low, few),
        likely=whole((low + high) / 2, (few + many) / 2),
        most=whole(high, many),
        compiling=0.0 if compiled else COMPILING,
    )


def _played(scenario: Scenario, plays: Mapping[Cell, int], slow: float, measured: float | None) -> float:
    """Seconds of a processor for so many replications."""
    cost = cost_of(scenario)
    shares = {Cell(each.name, FATE): share_until_known(scenario, each) for each in scenario.strategies}
    if measured is not None:
        return measured * sum(count * shares.get(cell, 1.0) for cell, count in plays.items())
    return slow * sum(
        count * (cost.twin if cell.is_twin else cost.release) * shares.get(cell, 1.0) for cell, count in plays.items()
    )


def _plays(scenario: Scenario, counts: Mapping[str, int]) -> dict[Cell, int]:
    """Of every cell; the twin has as many as the longest case."""
    return {cell: max(counts.values()) if cell == TWIN else counts[cell.case] for cell in cells_of(scenario)}


def _settling(plays: Mapping[Cell, int]) -> int:
    return sum(count for cell, count in plays.items() if cell.case == FATE)


def _without(plays: Mapping[Cell, int], done: Mapping[Cell, int]) -> dict[Cell, int]:
    return {cell: max(0, count - done.get(cell, 0)) for cell, count in plays.items()}


def _with_warm_up(scenario: Scenario) -> float:
    """Requests played over requests measured."""
    return (scenario.study.horizon + scenario.study.warm_up) / scenario.study.horizon
