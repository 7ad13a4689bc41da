"""Headroom over time: for each strategy a row of panels, one per loss, each with what is left of every resource."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sim.report import wording
from sim.report.capacity import left
from sim.report.charts import BAD, FAINT, Chart, as_svg, bare_figure, colour, dashes, style, time_ticks
from sim.report.readings import Readings, read, windowed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.whatif.capacity import Course, Review

LOWEST = -0.5
"""Below this a line leaves the panel: how much more is missing is in the table."""


def headroom(review: Review) -> Chart:
    """The chart for the page."""
    tightest = min(review.courses, key=lambda each: each.first.least if not math.isnan(each.first.least) else math.inf)
    title = (
        f"Least is left of {tightest.first.name}: {left(tightest.first.least)}, by {tightest.strategy}, "
        f"{tightest.loss.value}"
    )
    words = ". ".join(_in_words(course) for course in review.courses) + "."
    with style():
        figure = draw(review)
        svg = as_svg(figure, "headroom", title)
        pointed = tuple(_pointed(panel, course) for panel, course in zip(figure.axes, _courses(review), strict=True))
    return Chart(title=title, svg=svg, words=words, readings=pointed)


def _courses(review: Review) -> list[Course]:
    """In the order of the panels."""
    return [review.course(each.name, loss) for each in review.scenario.strategies for loss in review.losses]


def _pointed(panel: Axes, course: Course) -> Readings:
    lines = {each.name: windowed(60.0, np.array(each.left), left) for each in course.resources}
    return read(panel, lambda at: f"{course.strategy}, {course.loss.value}, {wording.seconds(at)}:", lines)


def draw(review: Review) -> Figure:
    """The picture."""
    names = [strategy.name for strategy in review.scenario.strategies]
    resources = list(dict.fromkeys(each.name for course in review.courses for each in course.resources))
    figure = bare_figure(9.6, 2.1 * len(names) + 0.5)
    panels = figure.subplots(len(names), len(review.losses), squeeze=False, sharey=True, sharex="row")
    for row, name in enumerate(names):
        for place, loss in enumerate(review.losses):
            panel = panels[row][place]
            _draw_panel(panel, review.course(name, loss), resources)
            panel.set_title(f"{name}, {loss.value}", loc="left", fontsize=9.5)
        panels[row][0].set_ylabel("left")
    handles = {line.get_label(): line for panel in panels.flat for line in panel.lines if line.get_label()[0] != "_"}
    figure.legend(handles.values(), handles.keys(), loc="outside lower left", ncols=5, frameon=False, fontsize=9)
    return figure


def _draw_panel(panel: Axes, course: Course, resources: list[str]) -> None:
    end = 0.0
    for each in course.resources:
        number = resources.index(each.name)
        shown = [max(share, LOWEST) for share in each.left]
        end = max(end, 60.0 * len(shown))
        edges = [60.0 * minute for minute in range(len(shown) + 1)]
        panel.stairs(shown, edges, baseline=None, color=colour(number), linestyle=dashes(number), linewidth=1.8)
        panel.plot([], [], color=colour(number), linestyle=dashes(number), label=each.name)
    panel.axhline(0.0, color=BAD, linewidth=1.0)
    panel.axvline(course.ends, color=FAINT, linewidth=1.0, linestyle=":")
    if course.lost_at is not None and course.known_at is not None:
        panel.axvspan(course.lost_at, course.known_at, color=FAINT, alpha=0.25, linewidth=0)
    panel.set_ylim(min(-0.08, *(_floor(each.least) for each in course.resources)), 1.0)
    panel.set_yticks([0, 0.5, 1], ["0 %", "50 %", "100 %"])
    panel.set_xlim(0, end)
    time_ticks(panel, end)


def _floor(least: float) -> float:
    return 0.0 if math.isnan(least) else max(least, LOWEST) - 0.05


def _in_words(course: Course) -> str:
    lows = ", ".join(f"{each.name} {left(each.least)}" for each in course.resources)
    ends = wording.seconds(course.ends)
    return f"{course.strategy}, {course.loss.value}: the release ends after {ends}; least left of {lows}"
