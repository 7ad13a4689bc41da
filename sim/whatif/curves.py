"""The operating characteristic drawn: what is stopped, how soon and at what cost, against how bad a release is."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sim.errors import UsageError
from sim.stats.intervals import Interval
from sim.study import outputs
from sim.units import MINUTE, SECOND
from sim.whatif.power import Grade, Power

FORMATS = {".svg": (outputs.SVG, "Title"), ".png": (outputs.PNG, "Software"), ".pdf": (outputs.PDF, "Creator")}
"""By the ending of a file's name, its kind, and where matplotlib lets a picture say who drew it."""

PANELS: tuple[tuple[str, Callable[[Grade], Interval], float], ...] = (
    ("releases stopped, %", lambda grade: grade.stopped, 100.0),
    ("minutes until half are stopped", lambda grade: grade.seconds, SECOND / MINUTE),
    ("errors made until then", lambda grade: grade.errors, 1.0),
)
"""What is drawn against the error ratio: its label, the figure, and what it is multiplied by."""


def kind_of(path: Path) -> outputs.Kind:
    """The kind of picture by the name of its file; raises UsageError for one that we do not draw."""
    if path.suffix not in FORMATS:
        raise UsageError(f"cannot draw into {path.name}; the name must end in {', '.join(FORMATS)}")
    return FORMATS[path.suffix][0]


def drawn(powers: Sequence[Power], suffix: str) -> bytes:
    """A row of panels for each strategy, as a picture of the format that files with this ending have."""
    from matplotlib.figure import Figure

    strategies = list(dict.fromkeys(power.strategy for power in powers))
    slowed = any(grade.slower != 1.0 for power in powers for grade in power.grades)
    columns = len(PANELS) + slowed
    figure = Figure(figsize=(4.4 * columns, 3.4 * len(strategies)), layout="constrained")
    rows = figure.subplots(len(strategies), columns, squeeze=False)
    for panels, strategy in zip(rows, strategies, strict=True):
        shown = [power for power in powers if power.strategy == strategy]
        for panel, (label, figure_of, times) in zip(panels, PANELS, strict=False):
            _against_errors(panel, shown, figure_of, times)
            panel.set(ylabel=label)
        if any(grade.slower != 1.0 for power in shown for grade in power.grades):
            _against_slowness(panels[-1], shown)
        elif slowed:
            panels[-1].set_axis_off()
        panels[0].set(title=strategy, ylim=(-3, 103))
        panels[1].set(ylim=(0, None))
        panels[2].set(yscale="symlog", ylim=(0, None))
        panels[2].yaxis.set_major_formatter("{x:,g}")
        panels[0].legend(frameon=False, fontsize="small")
    sink = io.BytesIO()
    figure.savefig(sink, format=suffix.removeprefix("."), metadata={FORMATS[suffix][1]: "rollrisk"})
    return sink.getvalue()


def _against_errors(panel: Any, powers: Sequence[Power], figure_of: Callable[[Grade], Interval], times: float) -> None:
    """One figure against the true error ratio, with intervals; what a formula says is dotted."""
    ticks = sorted({100 * grade.ratio for power in powers for grade in power.grades if grade.ratio > 0})
    for power in powers:
        grades = [grade for grade in power.grades if grade.ratio > 0 and grade.slower == 1.0]
        line = _curve(panel, [100 * grade.ratio for grade in grades], [figure_of(grade) for grade in grades], times)
        line.set_label(power.watch.name)
        closed = [(100 * grade.ratio, 100 * grade.by_arithmetic) for grade in grades if grade.by_arithmetic is not None]
        if closed and figure_of is PANELS[0][1]:
            colour = line.lines[0].get_color()
            panel.plot(*zip(*closed, strict=True), linestyle=":", color=colour, label=f"{power.watch.name}, by formula")
    today = 100 * powers[0].setting.errors
    if today > 0:
        panel.axvline(today, color="0.8", zorder=0)
    panel.set(xscale="log", xlabel="true error ratio of the new version, % (grey: today's)")
    panel.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    panel.minorticks_off()


def _against_slowness(panel: Any, powers: Sequence[Power]) -> None:
    """The share stopped against how many times slower the new version is, at today's errors."""
    for power in powers:
        base = power.setting.errors
        grades = [grade for grade in power.grades if grade.slower != 1.0 or grade.ratio == base]
        grades.sort(key=lambda grade: grade.slower)
        _curve(panel, [grade.slower for grade in grades], [grade.stopped for grade in grades], 100.0)
    panel.set(xlabel="times slower", ylabel="releases stopped, %", ylim=(-3, 103))


def _curve(panel: Any, places: list[float], figures: list[Interval], times: float) -> Any:
    """Points with intervals where there is a figure; an interval open to one side goes no further than its point."""
    points = [
        (place, times * each.value, times * _finite(each.low, each.value), times * _finite(each.high, each.value))
        for place, each in zip(places, figures, strict=True)
        if math.isfinite(each.value)
    ]
    below, above = [value - low for _, value, low, _ in points], [high - value for _, value, _, high in points]
    return panel.errorbar(
        [place for place, *_ in points],
        [value for _, value, *_ in points],
        yerr=[below, above],
        marker="o",
        markersize=4,
        capsize=3,
    )


def _finite(bound: float, value: float) -> float:
    return bound if math.isfinite(bound) else value
