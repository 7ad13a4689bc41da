"""What a worker does: play the jobs of a task, one after the other, and hand back their rows.

A task is self-contained: it carries the scenario as it was pickled once, and names the function that plays. A worker
unpickles a scenario once and keeps it. Nothing here may import pandas, pyarrow, scipy or matplotlib: a worker's start
is its imports.
"""

from __future__ import annotations

import functools
import importlib
import pickle
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from sim.errors import ModelError, RollriskError
from sim.scenario.demand import REQUESTS_PER_SECOND, requests_played
from sim.scenario.resolved import Scenario
from sim.study.cells import FATE, GOOD, Job
from sim.study.extras import NOTHING, Extra, Wanted, extra_of
from sim.study.rows import Row

Replicate: TypeAlias = Callable[..., Any]
"""``replicate(scenario, *, strategy, case, index, engine)`` giving something with ``values``, ``down`` and ``why``."""

LINE, FATE_LINE = "sim.replication:replicate", "sim.replication:fate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What all tasks of a study share; small enough to travel with each of them."""

    scenario: bytes  # pickled
    replicate: str = LINE  # "module:function"
    engine: str = "compiled"
    wanted: Wanted = NOTHING
    each: float = 0.0  # seconds that a replication takes by its requests, rough; 0: not known

    @classmethod
    def on(
        cls, scenario: Scenario, *, replicate: str = LINE, engine: str = "compiled", wanted: Wanted = NOTHING
    ) -> Work:
        """The work of a scenario."""
        each = requests_played(scenario) / REQUESTS_PER_SECOND if replicate == LINE else 0.0
        return cls(scenario=pickle.dumps(scenario), replicate=replicate, engine=engine, wanted=wanted, each=each)


class Task(NamedTuple):
    """A few jobs of a study, to be played together by one worker."""

    work: Work
    jobs: tuple[Job, ...]


class Played(NamedTuple):
    """What came of a task, and how long it took in seconds (for the size of later tasks, never for a result)."""

    rows: tuple[Row, ...]
    seconds: float
    extras: tuple[Extra, ...] = ()


def play(task: Task) -> Played:
    """Play a task's jobs."""
    started = time.perf_counter()
    records = [_recorded(task.work, job) for job in task.jobs]
    rows = tuple(row for row, _ in records)
    return Played(rows, time.perf_counter() - started, tuple(extra for _, extra in records if extra is not None))


def play_job(work: Work, job: Job) -> Row:
    """Play one replication. Whatever goes wrong names the replication, so that it can be played again alone."""
    return _recorded(work, job)[0]


def _recorded(work: Work, job: Job) -> tuple[Row, Extra | None]:
    """The row of a replication, and what else is wanted of it."""
    strategy = None if job.cell.is_twin else job.cell.strategy
    scenario, replicate = _scenario(work.scenario), named(work.replicate)
    try:
        if job.cell.case == FATE:
            return _fate(work, job), None
        record = replicate(
            scenario, strategy=strategy, case=job.cell.case, index=job.index, engine=work.engine, **_asked(work.wanted)
        )
        extra = extra_of(work.wanted, job, record, scenario) if work.wanted else None
    except RollriskError as error:
        error.add_note(f"while playing {job}")
        raise
    except Exception as error:
        raise ModelError(f"{job}: {type(error).__name__}: {error}") from error
    return Row.of(job, record.values, record.down, record.why), extra


def _fate(work: Work, job: Job) -> Row:
    """Whether a good release ships; by another line than ours it is played whole."""
    scenario, strategy = _scenario(work.scenario), job.cell.strategy
    if work.replicate == LINE:
        found = named(FATE_LINE)(scenario, strategy=strategy, index=job.index, engine=work.engine)
        return Row.of(job, {"requests": float(found.requests)}, {}, found.why)
    whole = named(work.replicate)(scenario, strategy=strategy, case=GOOD, index=job.index, engine=work.engine)
    return Row.of(job, {"requests": float(whole.values.get("requests", 0.0))}, {}, whole.why)


def _asked(wanted: Wanted) -> dict[str, bool]:
    return {"story": True, "requests": wanted.sample > 0} if wanted else {}


@functools.lru_cache(maxsize=4)
def _scenario(pickled: bytes) -> Scenario:
    scenario: Scenario = pickle.loads(pickled)
    return scenario


@functools.lru_cache(maxsize=4)
def named(place: str) -> Replicate:
    """The function at a place written as ``module:name``; a worker can find it by this and nothing else."""
    module, _, name = place.partition(":")
    function: Replicate = getattr(importlib.import_module(module), name)
    return function
