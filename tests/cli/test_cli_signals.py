"""Signals end a command soon, at any moment, with the status that is documented."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator

import pytest

from sim.cli import signals
from sim.cli.status import Status

PATIENCE = 300.0
STUCK = """
import signal, sys, time
import sim.cli.main as command
from sim.study.interrupt import first_interrupt_finishes

def holds_on():
    while True:
        try:
            time.sleep(60)
        except KeyboardInterrupt:
            pass

def swallows(**named):
    print("begins", flush=True)
    holds_on()

def listens(**named):
    with first_interrupt_finishes() as asked:
        print("begins", flush=True)
        while not asked():
            time.sleep(0.01)
        print("asked", flush=True)
        holds_on()

def sleeps_in_c(**named):
    import ctypes
    sleep = ctypes.CDLL(None).sleep
    print("begins", flush=True)
    while True:
        sleep(600)

def ends(**named):
    print("begins", flush=True)
    time.sleep(0.5)
    print("went on", flush=True)

for name in sys.argv[2:]:
    signal.signal(int(name), signal.SIG_IGN)  # as a shell or nohup does before it starts a command
command.rollrisk.main = globals()[sys.argv[1]]
command.main()
"""


@contextlib.contextmanager
def started(how: str, *ignored: int) -> Iterator[subprocess.Popen[str]]:
    arguments = [sys.executable, "-c", STUCK, how, *(str(int(number)) for number in ignored)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    try:
        assert said(process) == "begins"
        yield process
    finally:
        process.kill()
        process.communicate()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    _, err = process.communicate(timeout=PATIENCE)
    return process.returncode, err.strip()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_two_signals_end_a_command_that_swallows_the_first(number: signal.Signals) -> None:
    with started("swallows") as process:
        process.send_signal(number)
        time.sleep(0.05)
        process.send_signal(number)
        assert ended(process) == (Status.INTERRUPTED, signals.TOLD)


def test_the_first_signal_leaves_a_study_its_time_and_the_second_ends_it_by_force() -> None:
    with started("listens") as process:
        process.send_signal(signal.SIGTERM)
        assert said(process) == "asked"
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=signals.GRACE + 1.0)
        process.send_signal(signal.SIGINT)
        assert ended(process) == (Status.INTERRUPTED, signals.TOLD)


def test_a_signal_ends_what_never_comes_back_to_python() -> None:
    """As the engine does while it is compiled."""
    with started("sleeps_in_c") as process:
        for _ in range(2):
            process.send_signal(signal.SIGINT)
            time.sleep(0.05)
        assert ended(process) == (Status.INTERRUPTED, signals.TOLD)


def test_a_terminal_that_goes_away_ends_with_its_own_status() -> None:
    with started("listens") as process:
        process.send_signal(signal.SIGHUP)
        assert ended(process) == (Status.HUNG_UP, "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_was_to_be_ignored_is_ignored(number: signal.Signals) -> None:
    with started("ends", number) as process:
        process.send_signal(number)
        assert said(process) == "went on"
        assert ended(process) == (Status.DONE, "")


def test_a_signal_while_the_command_is_loaded_is_no_traceback() -> None:
    text = """
        import os, signal, sys

        class Pressed:
            def find_spec(self, name, path=None, target=None):
                if name == "sim.cli.main":
                    os.kill(os.getpid(), signal.SIGINT)

        sys.meta_path.insert(0, Pressed())
        from sim.__main__ import main
        main()
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(text)], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert (done.returncode, done.stderr.strip()) == (Status.INTERRUPTED, signals.TOLD)


def test_an_interrupt_before_anything_has_begun_is_told_in_a_line() -> None:
    """While the few modules are loaded that hear signals; earlier still Python itself is starting."""
    script = """
        import sys

        class Interrupted:
            def find_spec(self, name, path, target=None):
                if name == "sim.cli.signals":
                    raise KeyboardInterrupt

        sys.meta_path.insert(0, Interrupted())
        import sim.__main__
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert (done.returncode, done.stderr) == (130, "interrupted: nothing had begun\n")
