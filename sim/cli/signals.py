"""What ends a command: Ctrl-C, SIGTERM from a scheduler of jobs, SIGHUP from a terminal that goes away.

The first Ctrl-C or SIGTERM is for whoever listens: a study finishes what is under way and tells it. Where nobody
listens, and at a second one or SIGHUP anywhere, the command is broken off: by an exception that lets rows be written
and, if that has not ended it within ``GRACE`` seconds, by force. Force comes from a thread that the system wakes at
once, so that it need not wait for Python code to be reached, as a listener does while the engine is compiled.

A signal that the command was started to ignore (``nohup``, a background job of a script) stays ignored.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from types import FrameType
from typing import NoReturn

INTERRUPTED, HUNG_UP = 130, 129
TOLD = "interrupted: what was done is kept; the same command goes on from there"
GRACE = 1.5
"""Seconds for rows to be written and workers to leave, before the end comes by force."""
_ENDING = ("SIGINT", "SIGTERM", "SIGHUP")


class HangUp(KeyboardInterrupt):
    """The terminal went away: nobody is there to be told anything."""


def listen() -> None:
    """From now on, once; in the main thread, before anything heavy is loaded."""
    if _broken_off in map(signal.getsignal, signal.valid_signals()):
        return
    heard = [
        number
        for name in _ENDING
        if (number := getattr(signal, name, None)) is not None and signal.getsignal(number) is not signal.SIG_IGN
    ]
    reading, writing = os.pipe()
    for descriptor in (reading, writing):
        os.set_blocking(descriptor, descriptor == reading)
    threading.Thread(target=_watch, args=(reading, frozenset(heard)), daemon=True).start()
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    for number in heard:
        signal.signal(number, _broken_off)


def _broken_off(number: int, frame: FrameType | None) -> NoReturn:
    """Nobody listens: break off what is under way."""
    raise HangUp if number == getattr(signal, "SIGHUP", None) else KeyboardInterrupt


def _watch(reading: int, heard: frozenset[int]) -> None:
    """In a thread: wait for the signal that must end the command, give it its time, then end it by force."""
    asked = False
    while True:
        for number in os.read(reading, 64):
            if number not in heard:
                continue
            if asked or number == getattr(signal, "SIGHUP", None) or signal.getsignal(number) is _broken_off:
                time.sleep(GRACE)
                _by_force(HUNG_UP if number == getattr(signal, "SIGHUP", None) else INTERRUPTED)
            asked = True


def _by_force(status: int) -> NoReturn:
    with contextlib.suppress(Exception):
        _kill_children()
    with contextlib.suppress(OSError):
        os.write(2, f"{TOLD}\n".encode())
    os._exit(status)


def _kill_children() -> None:
    """Those that Python has started as workers, if it has loaded what does so."""
    processes = sys.modules.get("multiprocessing")
    for process in processes.active_children() if processes else ():
        process.kill()


def leave(status: int) -> NoReturn:
    """End the process, with what was said on its way; threads that load or wait are not waited for."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    with contextlib.suppress(Exception):
        _kill_children()
    os._exit(status)


def open_streams() -> None:
    """Standard streams that the command was started without lead nowhere, so that no other file gets their numbers."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 (as long as the process)
