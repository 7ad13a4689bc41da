"""Panels above one time axis, written as SVG by hand.

A report shows each of a few releases by every strategy, six panels each. A plotting library needs a quarter of a second
for such a picture, which was most of what a batch of small studies cost beyond its playing; this needs a millisecond
or two. Lengths are in points, colours the light ones of :mod:`sim.report.charts`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from sim.report import wording
from sim.report.charts import FAINT, INK, RULE, round_times

Floats = NDArray[np.float64]
LEFT, RIGHT, WIDTH = 64.0, 600.0, 610.0
"""Where all panels begin and end, and how wide the picture is."""
MOST_POINTS = 1100
"""Windows drawn one by one, two to a point; of more, neighbours are drawn as one."""
LETTER = 0.5
"""How wide a letter is, as a share of its height, on the average of common fonts; legends are set by it."""
SMALL = 8.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A rectangle with a time axis from 0 to ``end`` (s) and a value axis from ``low`` to ``high``."""

    top: float
    height: float
    end: float
    low: float
    high: float

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.top + self.height

    def x(self, time: float) -> str:
        """Where a moment stands; what lies outside stands at the edge."""
        return length(LEFT + (RIGHT - LEFT) * min(max(time / self.end, 0.0), 1.0))

    def y(self, value: float) -> str:
        """Where a value stands; what lies outside stands at the edge."""
        inside = sorted((self.low, value, self.high))[1]  # an axis may go down
        return length(self.bottom - self.height * (inside - self.low) / (self.high - self.low))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pen:
    """How a line is drawn."""

    colour: str
    width: float = 2.0
    dashes: str = ""

    @property
    def style(self) -> str:
        """As SVG."""
        dashed = f";stroke-dasharray:{self.dashes}" if self.dashes else ""
        return f"fill:none;stroke:{self.colour};stroke-width:{self.width:g}{dashed}"


@dataclass(frozen=True, slots=True)
class Sign:
    """A small shape, by its letter in :data:`SHAPES`."""

    shape: str
    colour: str


def picture(parts: Iterable[str], height: float, words: str) -> str:
    """The whole SVG, with ``words`` for who cannot see it."""
    inside = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {length(WIDTH)} {length(height)}" role="img" '
        f'aria-label="{escape(words)}" style="font-family:sans-serif;stroke-linejoin:round">\n{inside}\n</svg>'
    )


def axes(panel: Panel, label: Sequence[str], ticks: Mapping[float, str]) -> Iterator[str]:
    """The grid, the value axis with its ticks, and its name in one line or two."""
    times = "".join(f"M{panel.x(at)} {length(panel.top)}V{length(panel.bottom)}" for at in round_times(panel.end))
    values = "".join(f"M{length(LEFT)} {panel.y(value)}H{length(RIGHT)}" for value in ticks)
    yield f'<path d="{times}{values}" style="fill:none;stroke:{RULE};stroke-width:.6"/>'
    corner = f"M{length(LEFT)} {length(panel.top)}V{length(panel.bottom)}H{length(RIGHT)}"
    yield f'<path d="{corner}" style="fill:none;stroke:{RULE};stroke-width:.8"/>'
    for value, written in ticks.items():
        yield text(LEFT - 6, float(panel.y(value)) + 3.4, written, anchor="end")
    middle = panel.top + panel.height / 2
    for number, line in enumerate(label):
        across = LEFT - 38 - 12 * (len(label) - 1 - number)
        turned = f' transform="rotate(-90 {length(across)} {length(middle)})"'
        yield text(across, middle, line, anchor="middle", size=9.5, more=turned)


def time_axis(panel: Panel, name: str) -> Iterator[str]:
    """Ticks below the last panel, and what the axis is."""
    for at in round_times(panel.end):
        yield text(float(panel.x(at)), panel.bottom + 13, wording.seconds(at), anchor="middle")
    yield text((LEFT + RIGHT) / 2, panel.bottom + 27, name, anchor="middle", size=9.5)


def steps(panel: Panel, times: Floats, values: Floats, pen: Pen) -> Iterator[str]:
    """A step function with the area below it: from each time on the value beside it, the last one to the end."""
    before = max(0, int(np.searchsorted(times, 0.0, side="right")) - 1)  # what has been so when the axis begins
    course_of = zip(times[before:].tolist(), values[before:].tolist(), strict=True)
    shown = [(at, value) for at, value in course_of if at <= panel.end]
    if not shown:
        return
    course = f"M{panel.x(shown[0][0])} {panel.y(shown[0][1])}"
    course += "".join(f"H{panel.x(at)}V{panel.y(value)}" for at, value in shown[1:]) + f"H{length(RIGHT)}"
    yield f'<path d="{course}V{panel.y(0.0)}H{panel.x(shown[0][0])}Z" style="fill:{pen.colour};fill-opacity:.12"/>'
    yield f'<path d="{course}" style="{pen.style}"/>'


def line(panel: Panel, window: float, values: Floats, pen: Pen) -> Iterator[str]:
    """One point in the middle of each window; a gap where a window has no value."""
    every, drawn = thinned(values, panel.end, window, np.fmax)
    course, is_down = [], False
    for place, value in enumerate(drawn):
        if math.isfinite(value):
            middle = (place + 0.5) * window * every
            course.append(f"{'L' if is_down else 'M'}{panel.x(middle)} {panel.y(value)}")
        is_down = math.isfinite(value)
    if course:
        yield f'<path d="{"".join(course)}" style="{pen.style};stroke-linecap:round"/>'


def bars(panel: Panel, window: float, values: Floats, colour: str) -> Iterator[str]:
    """A bar per window above zero; equal neighbours in one."""
    every, drawn = thinned(np.nan_to_num(values), panel.end, window, np.fmax)
    edges = np.flatnonzero(np.diff(drawn, prepend=np.nan, append=np.nan) != 0)
    course = "".join(
        f"M{panel.x(first * window * every)} {panel.y(0.0)}V{panel.y(float(drawn[first]))}"
        f"H{panel.x(until * window * every)}V{panel.y(0.0)}Z"
        for first, until in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
        if drawn[first] > 0
    )
    if course:
        yield f'<path d="{course}" style="fill:{colour};fill-opacity:.85"/>'


def thinned(values: Floats, end: float, window: float, merge: np.ufunc) -> tuple[int, Floats]:
    """The windows up to ``end``, so many neighbours merged into one that they can be told apart.

    >>> thinned(np.arange(4.0), end=2.0, window=1.0, merge=np.fmax)
    (1, array([0., 1., 2.]))
    """
    shown = values[: int(end / window) + 1]
    every = max(1, math.ceil(len(shown) / MOST_POINTS))
    return every, merge.reduceat(shown, np.arange(0, len(shown), every)) if len(shown) else shown


def band(panel: Panel, start: float, until: float, middle: float, height: float, colour: str, hover: str) -> str:
    """A thin rectangle from one moment to another; ``hover`` shows under the pointer."""
    left, right, top = float(panel.x(start)), float(panel.x(until)), float(panel.y(middle - height / 2))
    thick = abs(float(panel.y(middle + height / 2)) - top)
    return (
        f'<rect x="{length(left)}" y="{length(min(top, top + thick))}" width="{length(max(right - left, 0.3))}" '
        f'height="{length(thick)}" style="fill:{colour}"><title>{escape(hover)}</title></rect>'
    )


SHAPES = {
    "o": "M-2.9 0a2.9 2.9 0 1 0 5.8 0a2.9 2.9 0 1 0-5.8 0z",
    "X": "M-3-1.6L-1.6-3L0-1.4L1.6-3L3-1.6L1.4 0L3 1.6L1.6 3L0 1.4L-1.6 3L-3 1.6L-1.4 0z",
    ".": "M-1.3 0a1.3 1.3 0 1 0 2.6 0a1.3 1.3 0 1 0-2.6 0z",
    "D": "M0-3.3L3.3 0L0 3.3L-3.3 0z",
    "s": "M-2.6-2.6h5.2v5.2h-5.2z",
    "x": "M-1.9-1.9L1.9 1.9M-1.9 1.9L1.9-1.9",
}


def mark(x: str, y: str, sign: Sign, hover: str = "") -> str:
    """A sign at a place."""
    style = f"fill:none;stroke:{sign.colour}" if sign.shape == "x" else f"fill:{sign.colour}"
    told = f"<title>{escape(hover)}</title>" if hover else ""
    return f'<path transform="translate({x} {y})" d="{SHAPES[sign.shape]}" style="{style}">{told}</path>'


def legend(panel: Panel, keys: Sequence[tuple[str, Pen | Sign]]) -> Iterator[str]:
    """What stands for what, right above a panel, from left to right."""
    right, y = RIGHT - 2, panel.top - 6
    for word, key in reversed(keys):
        yield text(right, y, word, anchor="end", size=SMALL, colour=INK)
        right -= LETTER * SMALL * len(word) + 6
        if isinstance(key, Pen):
            yield f'<path d="M{length(right - 18)} {length(y - 3)}H{length(right)}" style="{key.style}"/>'
        else:
            yield mark(length(right - 2), length(y - 3), key)
        right -= 28 if isinstance(key, Pen) else 14


def moment(panel: Panel, at: float) -> str:
    """A dashed line through a panel."""
    course = f"M{panel.x(at)} {length(panel.top)}V{length(panel.bottom)}"
    return f'<path d="{course}" style="fill:none;stroke:{FAINT};stroke-width:1;stroke-dasharray:3 2"/>'


def text(
    x: float, y: float, written: str, *, anchor: str = "start", size: float = 10, colour: str = FAINT, more: str = ""
) -> str:
    """Words at a place."""
    style = f"font-size:{size:g}px;fill:{colour};text-anchor:{anchor}"
    return f'<text x="{length(x)}" y="{length(y)}" style="{style}"{more}>{escape(written)}</text>'


def length(value: float) -> str:
    """A length in points, to a tenth.

    >>> length(12.0), length(3.25), length(-0.01)
    ('12', '3.2', '0')
    """
    return f"{round(value, 1) + 0.0:g}" if abs(value) < 1e5 else f"{value:.0f}"
