"""What all plots share: colours safe for the colour-blind, a bare figure, and SVG that is the same byte for byte.

A page sets the colours itself, so that one plot serves light, dark and paper: in the plot's code stand placeholder
colours, and :func:`as_svg` turns them into the page's variables. In a notebook the light colours are used as they are.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from sim.report import wording
from sim.report.readings import Readings

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, FAINT, RULE = "#1c2430", "#5b6675", "#d5dae2"
SERIES = ("#0072b2", "#d55e00", "#009e73", "#aa4499", "#b8860b", "#4d6cfa", "#7a4b2a", "#5a5a5a")
"""Okabe and Ito's colours, darkened where they were too pale for lines on white."""
DASHES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)), (0, (6, 2, 1, 2)))
TICKS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)
GOOD, BAD, UNSURE = "#00875f", "#c2410c", "#8a93a0"

_VARIABLES = {
    INK: "var(--ink)",
    FAINT: "var(--faint)",
    RULE: "var(--rule)",
    GOOD: "var(--good)",
    BAD: "var(--bad)",
    UNSURE: "var(--unsure)",
    **{colour: f"var(--series-{number})" for number, colour in enumerate(SERIES)},
}
_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "rollrisk",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.edgecolor": RULE,
    "axes.labelcolor": FAINT,
    "axes.labelsize": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "text.color": INK,
    "lines.linewidth": 2.0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A plot for a page: a title that states the finding, the picture, and the same in words for who cannot see it.

    ``readings`` are what a pointer on it reads, where scripts run.
    """

    title: str
    svg: str
    words: str
    note: str = ""
    readings: tuple[Readings, ...] = ()


def colour(number: int) -> str:
    """The colour of the n-th strategy; they repeat after eight."""
    return SERIES[number % len(SERIES)]


def dashes(number: int) -> Any:
    """The n-th strategy's line style: lines are told apart without colour too."""
    return DASHES[number % len(DASHES)]


@contextmanager
def style() -> Iterator[None]:
    """The look of all plots, for the length of a block; matplotlib's own settings are put back."""
    import matplotlib as mpl

    with mpl.rc_context(_STYLE):  # type: ignore[arg-type]
        yield


def bare_figure(width: float, height: float) -> Figure:
    """A figure in inches that belongs to no window."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def one_axes(width: float, height: float, ax: Axes | None = None) -> Axes:
    """The caller's axes, or new ones."""
    if ax is not None:
        return ax
    axes: Axes = bare_figure(width, height).add_subplot()
    return axes


def round_times(end: float) -> list[float]:
    """Round times (s) from 0 to ``end``, ten at most up to nine days.

    >>> round_times(1500.0)
    [0.0, 300.0, 600.0, 900.0, 1200.0, 1500.0]
    """
    step = next((tick for tick in TICKS if end / tick <= 9), TICKS[-1])
    return [float(step * number) for number in range(int(end // step) + 1)]


def time_ticks(ax: Axes, end: float) -> None:
    """Ticks of a time axis in seconds at round times, written as people say them."""
    ticks = round_times(end)
    ax.set_xticks(ticks, [wording.seconds(tick) for tick in ticks])


def as_svg(figure: Figure, name: str, words: str) -> str:
    """The figure as inline SVG: names made unique by ``name``, no date, the page's colours, ``words`` as its text."""
    svg = as_plain_svg(figure, words)
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', svg)
    svg = re.sub(r'(href="|url\()#', rf"\1#{name}-", svg)
    for placeholder, variable in _VARIABLES.items():
        svg = svg.replace(placeholder, variable)
    return svg


def standalone(svg: str) -> str:
    """A picture of the page as a file of its own: the light colours, on white, whatever lies around it.

    >>> standalone('<svg viewBox="0 0 1 1"><path fill="var(--ink)"/></svg>')
    '<svg style="background:#ffffff" viewBox="0 0 1 1"><path fill="#1c2430"/></svg>'
    """
    for placeholder, variable in _VARIABLES.items():
        svg = svg.replace(variable, placeholder)
    return svg.replace("<svg ", '<svg style="background:#ffffff" ', 1)


def as_plain_svg(figure: Figure, words: str) -> str:
    """The figure as SVG in the light colours, the same byte for byte each time, with ``words`` as its text."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    buffer = io.StringIO()
    for patch in (figure.patch, *(axes.patch for axes in figure.axes)):
        patch.set_visible(False)
    with style():
        # savefig would draw everything twice, once for a size that is known.
        FigureCanvasSVG(figure).print_svg(buffer, metadata={"Date": None, "Creator": None})  # type: ignore[no-untyped-call]
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<svg [^>]*?viewBox="([^"]+)"[^>]*>', _opening(words), svg, count=1, flags=re.DOTALL)
    return re.sub(r"\n\s*\n", "\n", svg)


def _opening(words: str) -> str:
    label = escape(words).replace("\\", "\\\\")
    return (
        r'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="\1" '
        rf'role="img" aria-label="{label}">'
    )
