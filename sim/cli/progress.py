"""How far a study is, on stderr: a bar on a terminal, now and then a plain line in a log, or events for a program."""

from __future__ import annotations

import json
import math
import os
import sys
import time
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from sim.cli.console import harmless, log
from sim.units import SECOND, show_count, show_duration

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from sim.study.collect import Progress

FORMS = ("auto", "json", "none")
LOGGED_EVERY = 30.0
"""Seconds between two plain lines."""
EVENT_EVERY = 0.5
"""Seconds between two JSON events of one stage."""
SCHEMA = "1.0"
"""Of the JSON events: the first figure rises when a key changes its meaning or goes."""


class Watch:
    """Shows progress events of a study; a context manager, so that the bar is always put away.

    In form ``auto`` a bar on a terminal; elsewhere (a pipe, CI) a plain line when a round begins or every half minute.
    In form ``json`` an event on one line at each of these and every half second; in form ``none`` nothing.
    """

    def __init__(self, name: str, *, form: str = "auto", place: int = 1, of: int = 1) -> None:
        self._name, self._form = name, form
        self._shown = name if of == 1 else f"{place} of {of}: {name}"
        self._place = {"study": name, "place": place, "of": of}
        self._bar: Bar | None = None
        self._task: Any = 0
        self._last = (-math.inf, "")
        self._resources = ExitStack()

    def __enter__(self) -> Self:
        """Put the bar up, on a terminal."""
        if self._form == "auto" and sys.stderr.isatty() and not os.environ.get("CI"):
            self._bar = self._resources.enter_context(_bar())
            self._task = self._bar.add_task(harmless(self._shown), total=None, what="")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put the bar away."""
        self._resources.close()

    def __call__(self, progress: Progress) -> None:
        """Show an event."""
        if self._bar is not None:
            done = min(progress.played + progress.reused, progress.wanted)
            self._bar.update(self._task, completed=done, total=progress.wanted, what=harmless(_what(progress)))
        elif self._form == "json" and self._is_due(progress, EVENT_EVERY):
            event({"type": "progress", **self._place, **told(progress)})
        elif self._form == "auto" and self._is_due(progress, LOGGED_EVERY):
            log(f"{self._shown}: {progress.stage.value}, {_counted(progress)}; {_what(progress)}")

    def _is_due(self, progress: Progress, every: float) -> bool:
        now, stage = time.monotonic(), str(progress.stage.value)
        if stage == self._last[1] and now - self._last[0] < every:
            return False
        self._last = (now, stage)
        return True


def event(data: dict[str, Any]) -> None:
    """One JSON event on a line of stderr."""
    log(json.dumps(data, ensure_ascii=False, allow_nan=False))


def told(progress: Progress) -> dict[str, Any]:
    """An event as plain data; times in seconds, null for what nobody can know yet."""
    left = seconds_left(progress)
    return {
        "stage": progress.stage.value,
        "played": progress.played,
        "reused": progress.reused,
        "wanted": progress.wanted,
        "most": progress.most,
        "requests": progress.requests,
        "seconds": round(progress.seconds, 3),
        "per_second": round(progress.per_second, 3),
        "precision": {"asked": progress.asked, "reached": progress.reached or None},
        "seconds_left": None if left is None else [round(each, 1) for each in left],
        "counts": dict(progress.counts),
    }


def seconds_left(progress: Progress) -> tuple[float, float] | None:
    """Until this round ends, and until the cap: in between the study ends. None before there is a pace."""
    if progress.per_second <= 0:
        return None
    done = progress.played + progress.reused
    return tuple(max(0, each - done) / progress.per_second for each in (progress.wanted, progress.most))  # type: ignore[return-value]


def _counted(progress: Progress) -> str:
    # A study that was larger before may hold more than this round wants.
    done = min(progress.played + progress.reused, progress.wanted)
    played = f"{done:,} of {progress.wanted:,} replications"
    return f"{played} ({progress.reused:,} reused)" if progress.reused else played


def _what(progress: Progress) -> str:
    requests = f"{show_count(progress.requests)} requests"
    taken = show_duration(progress.seconds * SECOND, nearest=SECOND)
    pace = f", {progress.per_second:.3g}/s" if progress.per_second > 0 else ""
    reached = f", reached {progress.reached} (asked {progress.asked})" if progress.reached else ""
    return f"{requests} in {taken}{pace}{_left(progress)}{reached}"


def _left(progress: Progress) -> str:
    """What can honestly be said: how long this round takes, and how long it takes at worst."""
    left = seconds_left(progress)
    if left is None or left[0] < 1:
        return ""
    soon, late = (show_duration(each * SECOND, nearest=SECOND) for each in left)
    return f", {soon} to {late} left" if soon != late else f", {soon} left"


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
