"""Ctrl-C once finishes what is under way and keeps it; twice stops at once.

So does SIGTERM, with which schedulers of jobs (Slurm, Kubernetes, CI) announce that time is up.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

HEARD = (signal.SIGINT, signal.SIGTERM)


class TooEarlyError(KeyboardInterrupt):
    """Interrupted before there was anything to tell; what was played is kept."""


@contextlib.contextmanager
def first_interrupt_finishes() -> Iterator[Callable[[], bool]]:
    """Within it, the first SIGINT or SIGTERM only turns the yielded ``stop()`` true; the second raises
    KeyboardInterrupt.

    Outside the main thread nobody can listen to signals, and ``stop()`` stays false; so it does where SIGINT is
    ignored, as by a command that a script has sent to the background: that Ctrl-C is meant for others.
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return

    def on_interrupt(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    heard = [each for each in HEARD if signal.getsignal(each) not in (signal.SIG_IGN, None)]
    before = {each: signal.signal(each, on_interrupt) for each in heard}
    try:
        yield asked.is_set
    finally:
        for each, listener in before.items():
            signal.signal(each, listener)
