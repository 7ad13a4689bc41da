"""How far a study is, on stderr: a bar on a terminal, now and then a plain line in a log."""

from __future__ import annotations

import os
import sys
import time
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from sim.cli.console import log
from sim.units import SECOND, show_count, show_duration

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from sim.study.collect import Progress

LOGGED_EVERY = 30.0
"""Seconds between two plain lines."""


class Watch:
    """Shows progress events of a study; a context manager, so that the bar is always put away.

    On a terminal a bar; elsewhere (a pipe, CI) one plain line when a round begins or every half minute.
    """

    def __init__(self, name: str, *, quiet: bool) -> None:
        self._name, self._quiet = name, quiet
        self._bar: Bar | None = None
        self._task: Any = 0
        self._last = (-LOGGED_EVERY, "")
        self._resources = ExitStack()

    def __enter__(self) -> Self:
        """Put the bar up, on a terminal."""
        if not self._quiet and sys.stderr.isatty() and not os.environ.get("CI"):
            self._bar = self._resources.enter_context(_bar())
            self._task = self._bar.add_task(self._name, total=None, what="")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put the bar away."""
        self._resources.close()

    def __call__(self, progress: Progress) -> None:
        """Show an event."""
        if self._bar is not None:
            done = progress.played + progress.reused
            self._bar.update(self._task, completed=done, total=max(progress.wanted, done), what=_what(progress))
        elif not self._quiet:
            self._log(progress)

    def _log(self, progress: Progress) -> None:
        now, stage = time.monotonic(), str(progress.stage.value)
        if stage != self._last[1] or now - self._last[0] >= LOGGED_EVERY:
            self._last = (now, stage)
            log(f"{self._name}: {stage}, {_counted(progress)}; {_what(progress)}")


def _counted(progress: Progress) -> str:
    played = f"{progress.played + progress.reused:,} of {progress.wanted:,} replications"
    return f"{played} ({progress.reused:,} reused)" if progress.reused else played


def _what(progress: Progress) -> str:
    requests = f"{show_count(progress.requests)} requests"
    taken = show_duration(progress.seconds * SECOND, nearest=SECOND)
    reached = f", reached {progress.reached} (asked {progress.asked})" if progress.reached else ""
    return f"{requests} in {taken}{reached}"


def _bar() -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[what]}", markup=False),
        console=Console(stderr=True),
        transient=True,
    )
