"""The first Ctrl-C asks, the second stops at once, whatever the workers are at."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from concurrent.futures import BrokenExecutor

import pytest

from sim.study.interrupt import first_interrupt_finishes
from sim.study.processes import kill_workers, spawn_pool


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_interrupt_only_asks_and_the_second_is_raised(number: signal.Signals) -> None:
    with first_interrupt_finishes() as asked:
        assert not asked()
        os.kill(os.getpid(), number)
        assert asked()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_afterwards_an_interrupt_is_what_it_was_before(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with first_interrupt_finishes():
        assert signal.getsignal(number) is not before
    assert signal.getsignal(number) is before


def test_a_command_that_was_told_to_ignore_interrupts_goes_on() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with first_interrupt_finishes() as asked:
            os.kill(os.getpid(), signal.SIGINT)
            assert not asked()
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_workers_at_a_long_task_are_stopped_at_once() -> None:
    before = set(multiprocessing.active_children())
    pool = spawn_pool(1)
    long = pool.submit(time.sleep, 3600)
    while not long.running():
        time.sleep(0.01)
    workers = set(multiprocessing.active_children()) - before
    assert workers
    kill_workers()
    with pytest.raises(BrokenExecutor):
        long.result(timeout=600)
    pool.shutdown(wait=True)
    assert not any(worker.is_alive() for worker in workers)
