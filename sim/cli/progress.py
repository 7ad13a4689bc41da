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
from sim.cli.whole import Whole, spans
from sim.units import SECOND, show_count, show_duration

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Bar

    from sim.study.collect import Progress

FORMS = ("auto", "json", "none")
LOGGED_EVERY = 30.0
"""Seconds between two plain lines."""
EVENT_EVERY = 0.5
"""Seconds between two JSON events of one stage."""
SCHEMA = "1.1"
"""Of the JSON events: the first figure rises when a key changes its meaning or goes."""
NAME = 26
"""Signs of a study's name beside its bar."""


class Watch:
    """Shows progress events of a study; a context manager, so that the bar is always put away.

    In form ``auto`` a bar on a terminal; elsewhere (a pipe, CI) a plain line when a round begins or every half minute.
    In form ``json`` an event on one line at each of these and every half second; in form ``none`` nothing. Of several
    studies each also tells how far all of them are; ``whole`` is what they share.
    """

    def __init__(self, name: str, *, form: str = "auto", whole: Whole | None = None) -> None:
        self._whole, self._form = whole or Whole(studies=1), form
        place, of = len(self._whole.took) + 1, self._whole.studies
        self._shown = name if of == 1 else f"{place} of {of}: {name}"
        self._place = {"study": name, "place": place, "of": of}
        self._bar: Bar | None = None
        self._task: Any = 0
        self._all: Any = None
        self._last = (-math.inf, "")
        self._began = time.monotonic()
        self._latest: Progress | None = None
        self._resources = ExitStack()

    def __enter__(self) -> Self:
        """Put the bar up, on a terminal."""
        if self._form == "auto" and sys.stderr.isatty() and not os.environ.get("CI"):
            self._bar = self._resources.enter_context(progress_bar())
            if self._whole.studies > 1:
                self._all = self._bar.add_task("all studies", total=self._whole.studies, counted="", what="")
            self._task = self._bar.add_task(harmless(_short(self._shown)), total=None, counted="", what="")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put the bar away; the study has ended."""
        self._resources.close()
        self._whole.note(time.monotonic() - self._began, self._latest)

    def __call__(self, progress: Progress) -> None:
        """Show an event."""
        self._latest = progress
        if self._bar is not None:
            self._draw(self._bar, progress)
        elif self._form == "json" and self._is_due(progress, EVENT_EVERY):
            event({"type": "progress", **self._place, **told(progress), "batch": self._told(progress)})
        elif self._form == "auto" and self._is_due(progress, LOGGED_EVERY):
            log(
                f"{self._shown}: {progress.stage.value}, {_counted(progress)}; {_what(progress)}{self._words(progress)}"
            )

    def _draw(self, bar: Bar, progress: Progress) -> None:
        done = min(progress.played + progress.reused, progress.wanted)
        counted = f"{done:,}/{progress.wanted:,}"
        bar.update(self._task, completed=done, total=progress.wanted, counted=counted, what=_briefly(progress))
        if self._all is not None:
            whole = self._whole
            what = whole.words(progress, seconds_left(progress))
            counted = f"{len(whole.took)}/{whole.studies}"
            bar.update(self._all, completed=whole.done(progress), counted=counted, what=what)

    def _told(self, progress: Progress) -> dict[str, Any]:
        return self._whole.told(progress, seconds_left(progress))

    def _words(self, progress: Progress) -> str:
        if self._whole.studies == 1:
            return ""
        return f"; all studies: {self._whole.words(progress, seconds_left(progress))}"

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
    """Until this round ends, and until the cap: in between the study ends, unless it has. None before there is a pace;
    the engine's start, which comes once, tells nothing of it.
    """
    from sim.study.collect import Stage

    if progress.stage in (Stage.MET, Stage.CAPPED):
        return 0.0, 0.0
    if progress.pace <= 0:
        return None
    done = progress.played + progress.reused
    return tuple(max(0, each - done) / progress.pace for each in (progress.wanted, progress.most))  # type: ignore[return-value]


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
    return f", {spans(left)} left"


def _briefly(progress: Progress) -> str:
    """For a bar: pace, time left, and how near the precision is; the last one first, as the line may be cut."""
    near = _near(progress)
    pace = f"{progress.per_second:.3g}/s" if progress.per_second > 0 else ""
    return harmless(", ".join(part for part in (near, pace, _left(progress).removeprefix(", ")) if part))


def _near(progress: Progress) -> str:
    """The furthest half-width as a multiple of what was asked."""
    if not progress.reached or not math.isfinite(progress.ratio):
        return ""
    return "precise enough" if progress.ratio <= 1 else f"±{progress.ratio:.1f} x asked"


def _short(name: str) -> str:
    return name if len(name) <= NAME else f"{name[: NAME - 1]}…"


def progress_bar(console: Console | None = None) -> Bar:
    """A line for each task with its bar, each cut at the console's width; gone when it ends."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn
    from rich.table import Column

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=16),
        TextColumn("{task.fields[counted]}", markup=False),
        TextColumn("{task.fields[what]}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis")),
        console=console or Console(stderr=True),
        transient=True,
    )
