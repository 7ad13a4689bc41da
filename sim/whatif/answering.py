"""Several questions searched at once, and how far all of them are, told every few seconds."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from sim.units import SECOND, show_duration

Answer = TypeVar("Answer")
Progress = Callable[[str], None]
QUIET = 4.0
"""Seconds after which something is said, whatever it is."""
TICK = 0.25


class Playing(Protocol):
    """Who plays for the questions."""

    @property
    def played(self) -> int:
        """Releases played so far."""

    def stop(self) -> None:
        """Play nothing more."""


@dataclass(slots=True)
class Pace:
    """How far a search is: answers found of those asked for, and when the rest may be expected."""

    answers: int
    players: Playing
    tell: Progress
    found: int = 0
    _began: float = field(default_factory=time.monotonic)
    _said: float = field(default_factory=time.monotonic)

    def say(self, line: str) -> None:
        """An answer."""
        self.found += 1
        self.tell(line)
        self._said = time.monotonic()

    def still_there(self) -> None:
        """Say how far it is where nothing was said for a while."""
        if (now := time.monotonic()) - self._said >= QUIET:
            self.tell(self.words(now - self._began))
            self._said = now

    def words(self, seconds: float) -> str:
        """How far it is after so many seconds.

        >>> class Nine:
        ...     played = 9
        >>> Pace(12, Nine(), print, found=3).words(20.0)
        '3 of 12 answers, 9 releases played in 20s, about 1m left'
        """
        taken = show_duration(round(seconds) * SECOND)
        left = ""
        if self.found:
            left = f", about {show_duration(round(seconds * (self.answers - self.found) / self.found) * SECOND)} left"
        return f"{self.found} of {self.answers} answers, {self.players.played:,} releases played in {taken}{left}"


def all_answers(questions: Sequence[Callable[[Progress], Answer]], pace: Pace) -> list[Answer]:
    """Answers in the order of the questions; each is asked in a thread, for it mostly waits for what is played."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    threads = ThreadPoolExecutor(len(questions))
    asked: list[Future[Answer]] = [threads.submit(question, lines.put) for question in questions]
    try:
        while not all(future.done() for future in asked):
            for future in asked:
                if future.done():
                    future.result()
            _pass_on(lines, pace)
        _drain(lines, pace)
        return [future.result() for future in asked]
    except BaseException:
        pace.players.stop()
        raise
    finally:
        threads.shutdown(wait=False, cancel_futures=True)


def _pass_on(lines: queue.SimpleQueue[str], pace: Pace) -> None:
    try:
        pace.say(lines.get(timeout=TICK))
    except queue.Empty:
        pace.still_there()


def _drain(lines: queue.SimpleQueue[str], pace: Pace) -> None:
    while not lines.empty():
        pace.say(lines.get())
