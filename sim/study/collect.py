"""The study's loop: play a round, look, and go on until what was asked is known or the cap is reached.

First a pilot of everything, then good releases until it is settled who ships, or the cap is reached; then those that
may be recommended are played as far as the aim asks.

A round is all jobs below the present targets. The next targets follow from complete rounds only; which worker was
faster, what was already there and what was killed have no say. What a progress event tells is for eyes, never for
decisions.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sim.scenario.resolved import Scenario
from sim.study import trimmed
from sim.study.aims import Aim, aim_of, asked
from sim.study.cells import Cell, Job, jobs_up_to
from sim.study.executors import Runner, Stop
from sim.study.pilot import LEAST, first_counts
from sim.study.play import Played, Work
from sim.study.rows import Row, Table
from sim.study.shipping import to_settle
from sim.study.trimmed import Limits, Trimmed, within
from sim.study.until_best import limits

Keep = Callable[[Iterable[Row]], None]


class Stage(StrEnum):
    """Where a study stands."""

    PILOT = "pilot"
    ROUND = "round"
    MET = "precision reached"
    CAPPED = "cap reached"
    INTERRUPTED = "interrupted"


ENDED = (Stage.MET, Stage.CAPPED, Stage.INTERRUPTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a study is; the last event says how it ended and which rows count."""

    stage: Stage
    played: int  # replications played by this run
    reused: int  # replications found on disk
    wanted: int  # replications of the rounds so far, played, reused or still to play
    most: int  # … if every case had to go to the cap
    requests: int  # requests played by this run
    seconds: float  # since this run began to play
    each: float  # seconds for which one replication keeps a worker busy; 0 when not known
    asked: str
    reached: str  # "" before the first look
    ratio: float  # furthest half-width as a share of what is allowed; inf before the first look
    pace: float = 0.0  # replications per second since the first task was back; 0 when not known
    counts: Mapping[str, int] = field(default_factory=dict)  # replications per case

    @property
    def per_second(self) -> float:
        """Replications per second of this run."""
        return self.played / self.seconds if self.seconds > 0 else 0.0


class Collection:
    """One run of a study: its rows, its runner, and how far it is."""

    def __init__(self, scenario: Scenario, table: Table, *, runner: Runner, work: Work, keep: Keep, stop: Stop) -> None:
        self.scenario, self.table, self._runner = scenario, table, runner
        self._work, self._keep, self._stop = work, keep, stop
        self._strategies = tuple(strategy.name for strategy in scenario.strategies)
        self._cases = tuple(case for case, _ in scenario.cases())
        self._played = self._requests = 0
        self._reused = len(table)
        self._aim: Aim | None = None
        self._limits: Limits = {}
        self._settling: tuple[Job, ...] = ()  # good releases that settle who ships
        self._busy, self._timed = 0.0, 0
        self._warm: float | None = None  # since when the engine is known to run
        self._began = time.monotonic()

    def __iter__(self) -> Iterator[Progress]:
        """Play to the end, yielding after every task; rows are kept as they come."""
        counts, stage = first_counts(self.scenario), Stage.PILOT
        while True:
            yield from self._round(counts, stage)
            if not self._is_complete(counts):
                active = tuple(name for name in self._strategies if name not in self._limits)
                counts = {case: min(count, self.table.prefix(active, case)) for case, count in counts.items()}
                yield self._progress(Stage.INTERRUPTED, counts)
                return
            self._settling, stage = to_settle(self.table, self.scenario), Stage.ROUND
            if any(job not in self.table for job in self._settling):
                continue
            wanted = self._look(counts)
            if wanted == counts:
                yield self._progress(Stage.MET if self._aim is not None and self._aim.met else Stage.CAPPED, counts)
                return
            counts = wanted

    def _look(self, counts: Mapping[str, int]) -> dict[str, int]:
        """How far the aim is reached, and the replications per case for the next look."""
        self._limits = limits(self.table, self.scenario, counts)
        self._aim = aim_of(Trimmed(self.table, self._limits), self.scenario, counts)
        return self._aim.next_counts(counts)

    def _round(self, counts: Mapping[str, int], stage: Stage) -> Iterator[Progress]:
        missing = [job for job in self._jobs(counts) if job not in self.table]
        yield self._progress(stage, counts)
        for played in self._runner.run(self._work, missing, self._stop):
            self.table.add(played.rows)
            self._keep(played.rows)
            self._time(played)
            self._played += len(played.rows)
            self._requests += round(sum(row.values.get("requests", 0.0) for row in played.rows))
            yield self._progress(stage, counts)

    def _time(self, played: Played) -> None:
        """The first task of a run is left out, for it has the engine's start in it, which may be half a minute of
        compiling; so is what took no time at all, because another study had played it.
        """
        if played.seconds <= 0:
            return
        if self._warm is None:
            self._warm = time.monotonic()
        else:
            self._busy += played.seconds
            self._timed += len(played.rows)

    def _pace(self) -> float:
        since = 0.0 if self._warm is None else time.monotonic() - self._warm
        return self._timed / since if since > 0 else 0.0

    def _jobs(self, counts: Mapping[str, int]) -> Iterator[Job]:
        """All jobs below the targets, then the good releases that only settle who ships: each once."""
        below = {job: None for job in jobs_up_to(self._strategies, counts) if trimmed.counts(self._limits, job)}
        return iter(below | dict.fromkeys(self._settling))

    def _replications(self, counts: Mapping[str, int]) -> int:
        cells = (Cell(strategy, case) for strategy in self._strategies for case in counts)
        counted = {cell: within(self._limits, cell, counts[cell.case]) for cell in cells}
        return max(counts.values()) + sum(counted.values()) + len(self._settling)

    def _is_complete(self, counts: Mapping[str, int]) -> bool:
        return all(job in self.table for job in self._jobs(counts))

    def _progress(self, stage: Stage, counts: Mapping[str, int]) -> Progress:
        return Progress(
            stage=stage,
            played=self._played,
            reused=self._reused,
            wanted=self._replications(counts),
            most=self._replications(dict.fromkeys(self._cases, max(LEAST, self.scenario.study.cap))),
            requests=self._requests,
            seconds=time.monotonic() - self._began,
            each=self._busy / self._timed if self._timed else 0.0,
            asked=asked(self.scenario),
            reached=self._aim.reached if self._aim else "",
            ratio=self._aim.ratio if self._aim else float("inf"),
            pace=self._pace(),
            counts=dict(counts),
        )
