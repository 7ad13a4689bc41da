"""What a pointer on a timeline reads: everything that is drawn above one moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.report import wording
from sim.report.readings import NOTHING, Readings, across, box_of, held, windowed
from sim.report.story import Steps, Story
from sim.report.timeline_look import MARKS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PLACES = 181


def pointed(story: Story, panels: Sequence[Axes]) -> Readings:
    """The readings of a timeline that has been drawn, in panels one below the other."""
    moments = [float(at) for at in across(panels[-1], PLACES)]
    lines: dict[str, Callable[[float], str]] = {
        "to new": _steps(story.share, lambda share: f"{share * 100:.0f} %"),
        "ready stable": _steps(story.ready_stable, "{:.0f}".format),
        "ready new": _steps(story.ready_new, "{:.0f}".format),
        "failed": windowed(story.window, story.failed, wording.share),
        "p95 stable": windowed(story.window, story.slow_stable, wording.seconds),
        "p95 new": windowed(story.window, story.slow_new, wording.seconds),
        "last verdict": _verdict(story),
    }
    told = {name: tuple(say(at) for at in moments) for name, say in lines.items()}
    return Readings(
        box=(*box_of(panels[0])[:2], *box_of(panels[-1])[2:]),
        places=tuple(f"{_exactly(at)}:" for at in moments),
        lines={name: texts for name, texts in told.items() if any(texts)},
    )


def _exactly(at: float) -> str:
    """A moment to the second, however late: two places are seconds apart.

    >>> _exactly(754.6)
    '12m34s'
    """
    minutes, seconds = divmod(int(at), 60)
    return f"{minutes}m{seconds:02d}s"


def _steps(course: Steps, show: Callable[[float], str]) -> Callable[[float], str]:
    return held(course.times, course.values, show)


def _verdict(story: Story) -> Callable[[float], str]:
    """The latest verdict of any gate, with its reason."""
    times = np.array([at for at, _, _, _ in story.verdicts])

    def say(at: float) -> str:
        before = int(np.searchsorted(times, at, side="right")) - 1
        if before < 0:
            return NOTHING
        _, gate, answer, reason = story.verdicts[before]
        return f"{gate} {MARKS[answer][2]}" + (f" ({reason})" if reason else "")

    return say
