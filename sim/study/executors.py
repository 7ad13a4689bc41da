"""Where the work is done: in this process, or in a pool of workers that may die.

Anything that speaks ``concurrent.futures`` can be the pool. A bare pool loses everything that is under way when one
worker dies, and stays dead. Here the pool is made anew, and what was under way is played again, one replication at a
time, so that one that kills its worker is found and named, and nothing else is lost.

Jobs travel in tasks sized to a target duration. The size has no say in any result, nor in when a study stops.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from typing import Protocol, TypeAlias

from sim.errors import ModelError
from sim.study.cells import Job
from sim.study.play import Played, Task, Work, play

Stop: TypeAlias = Callable[[], bool]
MakePool: TypeAlias = Callable[[], Executor]

TASK_SECONDS = 0.7
"""How long a task should take: long beside the cost of sending it, short beside a person's patience."""
LARGEST_TASK = 256
AHEAD = 2
"""Tasks under way per worker: one at work, one waiting."""
STRIKES = 2


class Runner(Protocol):
    """Plays jobs in any order it likes and hands rows back as they come."""

    workers: int

    def run(self, work: Work, jobs: Sequence[Job], stop: Stop) -> Iterator[Played]:
        """Play the jobs; when ``stop()`` turns true, finish what is under way and end."""

    def close(self) -> None:
        """Let go of all workers."""


class Supply:
    """Cuts a list of jobs into tasks by how long jobs have been taking.

    >>> supply = Supply(workers=2)
    >>> supply.load(range(100)); len(supply.cut())      # nothing known: one at a time
    1
    >>> supply.note(jobs=1, seconds=0.07); len(supply.cut())
    10
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self.seconds_per_job = math.inf
        self._jobs: list[Job] = []
        self._next = 0

    def load(self, jobs: Iterable[Job]) -> None:
        """Begin with a new list."""
        self._jobs, self._next = list(jobs), 0

    @property
    def left(self) -> int:
        """Jobs not yet cut."""
        return len(self._jobs) - self._next

    def cut(self) -> tuple[Job, ...]:
        """The next jobs; smaller tasks towards the end, so that no worker waits long for the last one."""
        by_time = min(LARGEST_TASK, max(1, round(TASK_SECONDS / self.seconds_per_job)))
        by_rest = math.ceil(self.left / (2 * self.workers))
        first, self._next = self._next, self._next + max(1, min(by_time, by_rest))
        return tuple(self._jobs[first : self._next])

    def note(self, *, jobs: int, seconds: float) -> None:
        """Learn from a finished task; the latest counts a third."""
        each = max(seconds / max(jobs, 1), 1e-6)
        known = math.isfinite(self.seconds_per_job)
        self.seconds_per_job = (2 * self.seconds_per_job + each) / 3 if known else each


class InProcess:
    """Plays here, one job after the other: for tests, notebooks and debugging."""

    workers = 1

    def run(self, work: Work, jobs: Sequence[Job], stop: Stop) -> Iterator[Played]:
        """Play the jobs in order."""
        for job in jobs:
            if stop():
                return
            yield play(Task(work, (job,)))

    def close(self) -> None:
        """Nothing to let go of."""


class Pooled:
    """Plays in a pool, and survives the death of its workers."""

    def __init__(self, make_pool: MakePool, workers: int) -> None:
        self.workers = workers
        self._make_pool = make_pool
        self._pool: Executor | None = None
        self._supply = Supply(workers)

    def run(self, work: Work, jobs: Sequence[Job], stop: Stop) -> Iterator[Played]:
        """Play the jobs, as they come.

        Raises :class:`ModelError` for a replication that killed its worker twice; all others are played first.
        """
        self._supply.load(jobs)
        running: dict[Future[Played], Task] = {}
        suspects: list[Task] = []
        guilty: list[Job] = []
        while True:
            if not suspects:
                self._fill(running, work, stop)
            elif not running:
                guilty += yield from self._alone(suspects, stop)
                suspects.clear()
                continue
            if not running:
                break
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                task = running.pop(future)
                if isinstance(future.exception(), BrokenExecutor):
                    suspects.append(task)
                else:
                    yield self._noted(future.result(), task)
        if guilty:
            raise ModelError(
                f"a worker process died {STRIKES} times while it played, alone, {_list(guilty)}; "
                "all other replications are kept. Play it with one worker to see why (often: out of memory)"
            )

    def close(self) -> None:
        """End the workers; what they were doing is lost."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def _fill(self, running: dict[Future[Played], Task], work: Work, stop: Stop) -> None:
        """Hand out tasks until each worker has enough; when told to stop, take back what has not begun."""
        if stop():
            for future in [future for future in running if future.cancel()]:
                del running[future]
            return
        while self._supply.left and len(running) < AHEAD * self.workers:
            task = Task(work, self._supply.cut())
            running[self._submit(task)] = task

    def _submit(self, task: Task) -> Future[Played]:
        """A future in any case: a pool that broke a moment ago gives one that failed."""
        self._pool = self._pool or self._make_pool()
        try:
            return self._pool.submit(play, task)
        except BrokenExecutor as error:
            failed: Future[Played] = Future()
            failed.set_exception(error)
            return failed

    def _noted(self, played: Played, task: Task) -> Played:
        self._supply.note(jobs=len(task.jobs), seconds=played.seconds)
        return played

    def _drop_pool(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False)
            self._pool = None

    def _alone(self, suspects: Sequence[Task], stop: Stop) -> Generator[Played, None, list[Job]]:
        """Play again, one at a time, what was under way when a worker died; gives back those that kill theirs."""
        guilty: list[Job] = []
        self._drop_pool()
        for task in suspects:
            for job in task.jobs:
                if stop():
                    return guilty
                played = self._tried(Task(task.work, (job,)))
                if played is None:
                    guilty.append(job)
                else:
                    yield played
        return guilty

    def _tried(self, task: Task) -> Played | None:
        for _ in range(STRIKES):
            future = self._submit(task)
            try:
                return future.result()
            except BrokenExecutor:
                self._drop_pool()
        return None


def _list(jobs: Sequence[Job]) -> str:
    shown = "; ".join(str(job) for job in jobs[:3])
    return shown if len(jobs) <= 3 else f"{shown} and {len(jobs) - 3} more"
