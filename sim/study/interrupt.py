"""Ctrl-C once finishes what is under way and keeps it; twice stops at once."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType


class TooEarlyError(KeyboardInterrupt):
    """Interrupted before there was anything to tell; what was played is kept."""


@contextlib.contextmanager
def first_interrupt_finishes() -> Iterator[Callable[[], bool]]:
    """Within it, the first SIGINT only turns the yielded ``stop()`` true; the second raises KeyboardInterrupt.

    Outside the main thread nobody can listen to signals, and ``stop()`` stays false; so it does where SIGINT is
    ignored, as by a command that a script has sent to the background: that Ctrl-C is meant for others.
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        yield asked.is_set
        return

    def on_interrupt(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)
