"""Worker processes on this machine.

They are spawned, not forked: that is the one way that works alike on every system, and numba must not be forked after
threads have started. Each uses one thread. A worker ends by itself when its parent has died, and leaves Ctrl-C to it.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import types
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from multiprocessing import resource_tracker

from sim.errors import said_plainly
from sim.jit import is_cached
from sim.study.cells import Job
from sim.study.executors import InProcess, Pooled, Stop
from sim.study.machine import WORTH_WORKERS, cores
from sim.study.play import Played, Work

SURELY = 2.0
"""So many times that much is enough where the work is only guessed by the requests it plays."""
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS")


class LocalProcesses:
    """All cores of this machine. Workers are started only when what is to be played is worth their start.

    Where that is not sure beforehand, or the engine is still to be compiled, the first jobs are played here: that
    compiles it once and tells its pace.
    """

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or cores()
        self._here = InProcess()
        self._pooled = Pooled(lambda: spawn_pool(self.workers), self.workers)
        self._pace: float | None = None
        self._warm = False

    def run(self, work: Work, jobs: Sequence[Job], stop: Stop) -> Iterator[Played]:
        """Play a few jobs here, then the rest in workers when they are many."""
        if self._pooled.is_up or self._surely_worth_workers(work, len(jobs)):
            yield from self._pooled.run(work, jobs, stop)
            return
        done = 0
        for played in self._here.run(work, jobs, stop):
            done += 1
            yield played
            # The very first job includes the engine's start; it says nothing about the pace.
            self._pace = played.seconds if self._warm else None
            self._warm = True
            if self._worth_workers(len(jobs) - done):
                break
        if done < len(jobs) and not stop():
            yield from self._pooled.run(work, jobs[done:], stop)

    def close(self) -> None:
        """End the workers."""
        self._pooled.close()

    def _surely_worth_workers(self, work: Work, jobs: int) -> bool:
        return work.each * jobs > SURELY * WORTH_WORKERS and is_cached()

    def _worth_workers(self, left: int) -> bool:
        return self._pace is not None and self._pace * left > WORTH_WORKERS


def spawn_pool(workers: int) -> Executor:
    """A pool whose workers are all started at once, ready to play."""
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"), initializer=_begin)
    with _one_thread_each(), _without_main(), _without_interrupts():
        started: list[Future[None]] = [pool.submit(_ready) for _ in range(workers)]
        del started
    return pool


def kill_workers() -> None:
    """Stop all processes of this program at once; what they were playing is played another time."""
    for process in multiprocessing.active_children():
        process.kill()


def _ready() -> None:
    """The first thing a worker is asked to do: it has all workers start now, under one thread each."""


def _begin() -> None:
    """In the worker: the parent handles Ctrl-C, and when the parent has died there is nobody to work for."""
    warnings.formatwarning = said_plainly
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """Ctrl-C reaches a whole group of processes: workers are born deaf to it, the parent hears it a moment later."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # it lets signals through again once it has started
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _one_thread_each() -> Iterator[None]:
    """Children take over the environment; numeric libraries read these once, when they are imported."""
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextlib.contextmanager
def _without_main() -> Iterator[None]:
    """Spare workers the caller's main script: tasks need only this package.

    A spawned process would run it again, which fails for a script without a ``__main__`` guard and for one that was
    read from standard input.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
