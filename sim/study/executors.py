"""Where the work is done: in this process, or in a pool of workers that may die.

Anything that speaks ``concurrent.futures`` can be the pool. A bare pool loses everything that is under way when one
worker dies, and stays dead. Here the pool is made anew, and what was under way is played again, one replication at a
time, so that one that kills its worker is found and named, and nothing else is lost. Where a whole pool went away (a
cluster's scheduler was restarted), its tasks are innocent: they go back to where they came from.

Jobs travel in tasks sized to a target duration. The size has no say in any result, nor in when a study stops.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from typing import Protocol, TypeAlias

from sim.errors import ModelError, UsageError
from sim.study.cells import Job
from sim.study.play import Played, Task, Work, play
from sim.study.supply import LARGEST_TASK, Supply

Stop: TypeAlias = Callable[[], bool]
MakePool: TypeAlias = Callable[[], Executor]

AHEAD = 2
"""Tasks under way per worker: one at work, one waiting."""
STRIKES = 2
PATIENCE = 600.0
"""Seconds without any result after which a pool that keeps going away, or says nothing, is given up or made anew."""
PAUSE = 1.0
"""Seconds between two attempts to reach a pool that is away, and between two looks at how many workers it has."""


class LostError(BrokenExecutor):
    """A pool went away, or cannot be reached; what it was asked to play is as good as any other."""


class Runner(Protocol):
    """Plays jobs in any order it likes and hands rows back as they come."""

    @property
    def workers(self) -> int:
        """How many can be at work at once."""

    def run(self, work: Work, jobs: Sequence[Job], stop: Stop) -> Iterator[Played]:
        """Play the jobs; when ``stop()`` turns true, finish what is under way and end."""

    def close(self) -> None:
        """Let go of all workers."""


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


class Shared:
    """A runner for several studies after one another: what a study lets go of stays for the next."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._leaving: threading.Thread | None = None

    @property
    def workers(self) -> int:
        """Those of the runner."""
        return self._runner.workers

    def run(self, work: Work, jobs: Sequence[Job], stop: Stop) -> Iterator[Played]:
        """Play the jobs."""
        return self._runner.run(work, jobs, stop)

    def close(self) -> None:
        """Keep all workers: another study may follow."""

    def dismiss(self) -> None:
        """No study follows: workers leave, which takes them half a second, beside whatever else is to be done."""
        self._leaving = threading.Thread(target=self._runner.close)
        self._leaving.start()

    def end(self) -> None:
        """Let go of all workers, and wait until they have left."""
        if self._leaving is not None:
            self._leaving.join()
        self._runner.close()


class Pooled:
    """Plays in a pool, and survives the death of its workers and the loss of the whole pool."""

    def __init__(
        self, make_pool: MakePool, workers: int, *, strikes: int = STRIKES, patience: float = PATIENCE
    ) -> None:
        self.workers = workers
        self._make_pool, self._strikes, self._patience = make_pool, strikes, patience
        self._pool: Executor | None = None
        self._supply = Supply(workers)
        self._work: Work | None = None
        self._heard = time.monotonic()

    @property
    def is_up(self) -> bool:
        """Whether there is a pool, ready to play."""
        return self._pool is not None

    def run(self, work: Work, jobs: Sequence[Job], stop: Stop) -> Iterator[Played]:
        """Play the jobs, as they come.

        Raises :class:`ModelError` for a replication that killed its worker twice; all others are played first.
        Raises :class:`UsageError` for a pool that could not be reached for a long time.
        """
        self._begin(work, jobs)
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
            done, _ = wait(running, timeout=PAUSE, return_when=FIRST_COMPLETED)
            for future in done:
                task, error = running.pop(future), future.exception()
                if isinstance(error, LostError):
                    self._supply.back(task.jobs)
                    self._lost(error, stop)
                elif isinstance(error, BrokenExecutor):
                    suspects.append(task)
                else:
                    yield self._noted(future.result(), task)
            if not done:
                self._listen(running)
        if guilty:
            raise ModelError(
                f"a worker process died {self._strikes} times while it played, alone, {_list(guilty)}; "
                "all other replications are kept. Play it with one worker to see why (often: out of memory)"
            )

    def close(self) -> None:
        """End the workers; what they were doing is lost."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def _begin(self, work: Work, jobs: Sequence[Job]) -> None:
        if work != self._work:  # another study has another pace
            self._work, self._supply = work, Supply(self.workers, task_seconds=self._supply.task_seconds)
        self._supply.load(jobs)
        self._heard = time.monotonic()

    def _fill(self, running: dict[Future[Played], Task], work: Work, stop: Stop) -> None:
        """Hand out tasks until each worker has enough; when told to stop, take back what has not begun."""
        if stop():
            self._withdraw(running)
            return
        while self._supply.left and len(running) < AHEAD * self.workers:
            task = Task(work, self._supply.cut())
            running[self._submit(task)] = task

    def _withdraw(self, running: dict[Future[Played], Task]) -> None:
        """Take back what nobody has begun."""
        for future in [future for future in running if future.cancel()]:
            del running[future]

    def _submit(self, task: Task) -> Future[Played]:
        """A future in any case: a pool that broke a moment ago gives one that failed."""
        try:
            self._pool = self._pool or self._make_pool()
            return self._pool.submit(play, task)
        except BrokenExecutor as error:
            failed: Future[Played] = Future()
            failed.set_exception(error)
            return failed

    def _noted(self, played: Played, task: Task) -> Played:
        self._heard = time.monotonic()
        self._supply.note(jobs=len(task.jobs), seconds=played.seconds)
        return played

    def _lost(self, error: LostError, stop: Stop) -> None:
        """The pool is away: make another, unless this has been going on for too long."""
        if time.monotonic() - self._heard > self._patience:
            raise UsageError(f"{error}; what was played is kept, and the same command goes on from there") from error
        if self._pool is None and not stop():
            time.sleep(PAUSE)
        if not self._comes_back():
            self._drop_pool()

    def _listen(self, running: dict[Future[Played], Task]) -> None:
        """Nothing came for a while. After far too long a while, have it all played by another pool."""
        expected = self._supply.seconds_per_job * LARGEST_TASK if math.isfinite(self._supply.seconds_per_job) else 0.0
        if not self._has_workers() or time.monotonic() - self._heard < max(self._patience, AHEAD * expected):
            return
        for task in running.values():
            self._supply.back(task.jobs)
        running.clear()
        self._drop_pool()
        self._heard = time.monotonic()

    def _comes_back(self) -> bool:
        """Whether the pool that was lost is looking for its workers by itself."""
        return False

    def _has_workers(self) -> bool:
        """Whether anybody could be at work; of processes on this machine there are always some."""
        return False

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
        strikes = 0
        while strikes < self._strikes:
            future = self._submit(task)
            try:
                return self._noted(future.result(), task)
            except LostError as error:
                self._lost(error, lambda: False)
            except BrokenExecutor:
                strikes += 1
                self._drop_pool()
        return None


def _list(jobs: Sequence[Job]) -> str:
    shown = "; ".join(str(job) for job in jobs[:3])
    return shown if len(jobs) <= 3 else f"{shown} and {len(jobs) - 3} more"
