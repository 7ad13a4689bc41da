"""Plays the few releases of a quick look in worker processes, and remembers every one of them.

What another scenario has in common with this one (the same cell and index) is never played again: moving a canary's
weight plays that canary anew and nobody else.
"""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from sim.errors import UsageError
from sim.report.story import Story, play_story
from sim.scenario.resolved import Scenario
from sim.study.cells import Cell, Job, jobs_up_to
from sim.study.joins import join_of
from sim.study.kin import cell_identities
from sim.study.play import Played, Task, Work, play
from sim.study.processes import spawn_pool
from sim.study.rows import Row, Table

Stop = Callable[[], bool]
REMEMBERED = 20_000
"""Rows kept in memory, some kilobytes each."""
LONGEST = 300.0
"""Seconds of a processor for one replication after which its worker ends itself: it only guards against one that never
ends. A busy machine is no reason to, nor is a slow one: how much a look may play is limited in requests."""
PAUSE = 0.05


class DroppedError(Exception):
    """Nobody waits for this any more."""


class Player:
    """One for a server; used by one thread."""

    def __init__(self, workers: int, longest: float = LONGEST) -> None:
        self.workers, self._longest = workers, longest
        self._pool: Executor | None = None
        self._rows: OrderedDict[tuple[str, int], Row] = OrderedDict()
        self._stories: OrderedDict[tuple[str, int], Story] = OrderedDict()
        self.played = 0  # replications, for tests and for the log

    def warm(self, scenario: Scenario) -> int:
        """Start the workers and compile what they need, before anybody waits; how many of them are ready."""
        work, job = Work.on(scenario), Job(Cell(scenario.strategies[0].name, "good"), 0)
        tasks = [(Task(work, (job,)), self._longest * 5) for _ in range(self.workers)]
        return sum(1 for _ in self._all(play_within, dict(enumerate(tasks)), lambda: False))

    def table(self, scenario: Scenario, releases: int, stop: Stop) -> Table:
        """All cells of a scenario, indexes 0 … releases-1. Raises :class:`DroppedError` when told to stop."""
        named, work = cell_identities(scenario), Work.on(scenario)
        counts = {case: releases for case, _ in scenario.cases()}
        jobs = list(jobs_up_to(tuple(each.name for each in scenario.strategies), counts))
        missing = {job: (Task(work, (job,)), self._longest) for job in jobs if (named[job.cell], job.index) not in self}
        for job, played in self._all(play_within, missing, stop):
            self._keep(named[job.cell], played.rows[0])
        table = Table(join_of(scenario))
        for job in jobs:
            self._rows.move_to_end((named[job.cell], job.index))
            table.add([self._rows[named[job.cell], job.index]])
        while len(self._rows) > REMEMBERED:
            self._rows.popitem(last=False)
        return table

    def story(self, scenario: Scenario, strategy: str, case: str, index: int, stop: Stop) -> Story:
        """One release told along the time axis."""
        key = (cell_identities(scenario)[Cell(strategy, case)], index)
        if key not in self._stories:
            asked = {key: (Work.on(scenario), strategy, case, index, self._longest)}
            for _, told in self._all(tell_within, asked, stop):
                self._stories[key] = told
        self._stories.move_to_end(key)
        while len(self._stories) > 64:
            self._stories.popitem(last=False)
        return self._stories[key]

    def close(self) -> None:
        """End the workers."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def __contains__(self, key: tuple[str, int]) -> bool:
        return key in self._rows

    def _keep(self, identity: str, row: Row) -> None:
        self._rows[identity, row.index] = row
        self.played += 1

    def _all(self, function: Any, arguments: Mapping[Any, tuple[Any, ...]], stop: Stop) -> Iterator[tuple[Any, Any]]:
        """Results as they come. A pool that broke is made anew once; then what kills it is refused."""
        left, broken = dict(arguments), 0
        while left:
            try:
                for key, found in self._once(function, dict(left), stop):
                    del left[key]
                    yield key, found
            except BrokenProcessPool:
                broken += 1
                self._pool = None
                if broken > 1:
                    raise UsageError(
                        "these values take more time or memory than a quick look has; make them smaller, "
                        "or send them to a full study"
                    ) from None

    def _once(self, function: Any, arguments: Mapping[Any, tuple[Any, ...]], stop: Stop) -> Iterator[tuple[Any, Any]]:
        self._pool = self._pool or spawn_pool(self.workers)
        running: dict[Future[Any], Any] = {self._pool.submit(function, *each): key for key, each in arguments.items()}
        while running:
            if stop():
                for future in running:
                    future.cancel()
                raise DroppedError
            done, _ = wait(running, timeout=PAUSE, return_when=FIRST_COMPLETED)
            for future in done:
                yield running.pop(future), future.result()


def play_within(task: Task, seconds: float) -> Played:
    """In a worker: play, and end the worker where it takes too long."""
    done = _watched(seconds)
    try:
        return play(task)
    finally:
        done.set()


def tell_within(work: Work, strategy: str, case: str, index: int, seconds: float) -> Story:
    """In a worker: play one release again and keep what happened."""
    import pickle

    done = _watched(seconds)
    try:
        return play_story(pickle.loads(work.scenario), strategy=strategy, case=case, index=index)
    finally:
        done.set()


def _watched(seconds: float) -> threading.Event:
    """End this process when it has computed for so long, unless the event that is given back is set before."""
    done, limit = threading.Event(), time.process_time() + seconds

    def watch() -> None:
        while time.process_time() <= limit:
            if done.wait(PAUSE):
                return
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    return done
