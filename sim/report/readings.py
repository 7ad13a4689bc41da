"""What a pointer on a chart reads: the values of all its lines at so many places of its axis, written as in the text.

A page shows them where scripts may run; all that matters stands in the chart's title and words, too. The values are
worked out and written here, so that the script only looks them up.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PLACES = 121
"""Places read along an axis: one to every four or five pixels of a wide screen."""
POINTS = 72
"""Points to an inch, which is what a picture's own lengths are in."""
NOTHING = ""
"""What is read where a line has no value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """A part of a picture, the places read in it from left to right, and what each line says there.

    ``box`` is left, top, right and bottom in the picture's own lengths; each line has one text per place.
    """

    box: tuple[float, float, float, float]
    places: tuple[str, ...]
    lines: Mapping[str, tuple[str, ...]]


def box_of(ax: Axes) -> tuple[float, float, float, float]:
    """Where axes stand in their picture, once it has been drawn."""
    figure, place = ax.get_figure(), ax.get_position()
    assert figure is not None, "axes stand in a figure"
    width, height = (POINTS * inches for inches in figure.get_size_inches())  # type: ignore[union-attr]
    return (place.x0 * width, (1 - place.y1) * height, place.x1 * width, (1 - place.y0) * height)


def across(ax: Axes, places: int = PLACES) -> NDArray[np.float64]:
    """The values at evenly spaced places of the horizontal axis, whatever its scale."""
    shares = np.column_stack([np.linspace(0.0, 1.0, places), np.zeros(places)])
    found: NDArray[np.float64] = (ax.transScale + ax.transLimits).inverted().transform(shares)[:, 0]
    return found


def read(ax: Axes, place: Callable[[float], str], lines: Mapping[str, Callable[[float], str]]) -> Readings:
    """The readings of axes that have been drawn: how a place is called, and what each line says of it."""
    at = [float(value) for value in across(ax)]
    return Readings(
        box=box_of(ax),
        places=tuple(place(value) for value in at),
        lines={name: tuple(say(value) for value in at) for name, say in lines.items()},
    )


def as_json(readings: Iterable[Readings]) -> str:
    """As the page's script takes them; empty without any."""
    told = [
        {
            "box": [round(edge, 1) for edge in each.box],
            "at": each.places,
            "lines": [[name, *_short(texts)] for name, texts in each.lines.items()],
        }
        for each in readings
    ]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")) if told else ""


def _short(texts: Sequence[str]) -> tuple[list[str], list[int]]:
    """The different texts, and by place which of them: lines repeat themselves.

    >>> _short(("0 %", "0 %", "7 %"))
    (['0 %', '7 %'], [0, 0, 1])
    """
    known = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    return list(known), [known[text] for text in texts]


def held(
    times: NDArray[np.float64], values: NDArray[np.float64], show: Callable[[float], str]
) -> Callable[[float], str]:
    """Reads a step function: from each time on the value beside it; nothing before the first.

    >>> held(np.array([0.0, 60.0]), np.array([1.0, 2.0]), "{:g}".format)(59.0)
    '1'
    """

    def say(at: float) -> str:
        before = int(np.searchsorted(times, at, side="right")) - 1
        return NOTHING if before < 0 or not math.isfinite(values[before]) else show(float(values[before]))

    return say


def windowed(window: float, values: NDArray[np.float64], show: Callable[[float], str]) -> Callable[[float], str]:
    """Reads values of windows (s) that follow each other from 0 on; nothing where a window has none."""
    return held(np.arange(len(values), dtype=np.float64) * window, values, show)
