"""The timeline of one release as a figure, for pages, notebooks and slides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.report import wording
from sim.report.charts import BAD, FAINT, INK, RULE, bare_figure, round_times, time_ticks
from sim.report.pod_lanes import Lane, Span
from sim.report.story import Steps, Story
from sim.report.timeline_look import MARKS, MOST_LANES, NEW_COLOUR, STABLE_COLOUR, STATES, Scale
from sim.steps import Answer

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ABOVE: dict[str, Any] = {
    "loc": "lower right", "bbox_to_anchor": (1.0, 0.93), "frameon": False, "ncols": 4, "fontsize": 8.5,
    "borderaxespad": 0.0, "handletextpad": 0.5, "columnspacing": 1.2,
}  # fmt: skip
ABOVE, BELOW = 0.22, 0.55
"""Inches around the panels, for the names of moments and the time axis."""


def draw(story: Story, scale: Scale | None = None) -> Figure:
    """Traffic, ready pods, failures, latency, verdicts and pods above one time axis."""
    scale = scale or Scale.of(story)
    end = scale.end
    pods = story.pods(end)
    shown = pods[:MOST_LANES]
    lanes_height = 0.35 + 0.085 * len(shown)
    height = 5.2 + lanes_height
    figure = bare_figure(8.4, height)
    # All labels stand at known places, so there is nothing to lay out; that would be a third of the drawing.
    figure.set_layout_engine("none")
    room = {"left": 0.108, "right": 0.99, "top": 1 - ABOVE / height, "bottom": BELOW / height, "hspace": 0.36}
    panels: Sequence[Axes] = figure.subplots(
        6, 1, gridspec_kw={"height_ratios": [0.8, 0.8, 1.1, 0.9, 0.4, lanes_height], **room}
    )
    share, ready, errors, slow, verdicts, lanes = panels
    _steps(share, story.share, end, NEW_COLOUR, "new version", scale=100.0)
    share.set(ylabel="traffic\nto new, %", ylim=(-4, 108))
    _steps(ready, story.ready_stable, end, STABLE_COLOUR, "stable", scale=1.0)
    _steps(ready, story.ready_new, end, NEW_COLOUR, "new", scale=1.0, line="--")
    ready.set(ylabel="ready\npods")
    ready.set_ylim(bottom=-0.3)
    ready.locator_params(axis="y", integer=True)
    ready.legend(**_ABOVE)
    _errors(errors, story, scale)
    _latency(slow, story, scale)
    _verdicts(verdicts, story, end)
    _lanes(lanes, shown, hidden=len(pods) - len(shown))
    for panel in panels:
        _moments(panel, story, end)
        panel.yaxis.set_label_coords(-0.07, 0.5)
        panel.set_xlim(0, end)
    for panel in (share, ready, errors, slow):
        _time_lines(panel, end)
    verdicts.set_xticks([])
    time_ticks(lanes, end)
    lanes.set_xlabel("time since the release began")
    return figure


def _time_lines(ax: Axes, end: float) -> None:
    """The grid of the time axis where its labels do not stand; ticks of its own would be a tenth of the drawing."""
    ax.set_xticks([])
    ax.vlines(round_times(end), 0, 1, transform=ax.get_xaxis_transform(), color=RULE, linewidth=0.6, zorder=0.5)


def _steps(ax: Axes, steps: Steps, end: float, colour: str, label: str, *, scale: float, line: str = "-") -> None:
    times = np.append(steps.times, max(end, steps.times[-1]))
    values = np.append(steps.values, steps.values[-1]) * scale
    ax.step(times, values, where="post", color=colour, linestyle=line, label=label, solid_joinstyle="miter")
    ax.fill_between(times, values, step="post", color=colour, alpha=0.12, linewidth=0)


def _errors(ax: Axes, story: Story, scale: Scale) -> None:
    last = min(len(story.failed), int(scale.end / story.window) + 1)
    times = np.arange(last + 1) * story.window
    failed = np.nan_to_num(story.failed[:last]) * 100
    ax.stairs(failed, times, fill=True, color=BAD, alpha=0.85)
    ax.set(ylabel="failed, %")
    ax.set_ylim(0, max(1.0, scale.failed * 112))


def _latency(ax: Axes, story: Story, scale: Scale) -> None:
    """The p95 of the successes of each window, by version; a gap where a version had none."""
    last = int(scale.end / story.window) + 1
    for values, colour, line, word in (
        (story.slow_stable[:last], STABLE_COLOUR, "-", "stable"), (story.slow_new[:last], NEW_COLOUR, "--", "new"),
    ):  # fmt: skip
        times = (np.arange(len(values)) + 0.5) * story.window
        if np.isfinite(values).any():
            ax.plot(times, values * 1000, color=colour, linestyle=line, linewidth=1.4, label=word)
    ax.set(ylabel="p95, ms")
    ax.set_ylim(0, scale.slow * 1120 or 1.0)
    ax.yaxis.set_major_formatter(lambda value, _: wording.rounded(value, 0.0))
    if ax.lines:
        ax.legend(**_ABOVE)


def _lanes(ax: Axes, pods: Sequence[Lane], hidden: int) -> None:
    """A thin row per pod, coloured by what it is doing; a cross where its container ended."""
    from matplotlib.collections import PolyCollection

    for state, (colour, height) in STATES.items():
        lanes = [(place, span) for place, lane in enumerate(pods) for span in lane.spans if span.state is state]
        boxes = [_box(span, place - height / 2, place + height / 2) for place, span in lanes]
        if boxes:
            ax.add_collection(PolyCollection(boxes, facecolors=colour, linewidth=0), autolim=False)
            ax.scatter([], [], marker="s", color=colour, s=28, linewidths=0, label=state.value)
    crashes = [at for lane in pods for at in lane.crashes]
    if crashes:
        rows = [place for place, lane in enumerate(pods) for _ in lane.crashes]
        ax.scatter(crashes, rows, marker="x", color=INK, s=14, linewidths=1.0, label="container ends")
    ax.set_ylim(max(len(pods), 1) - 0.3, -0.7)
    more = f"\n+{hidden} more" if hidden else ""
    ax.set(ylabel=f"pods{more}", yticks=[])
    ax.grid(visible=False, axis="y")
    if ax.get_legend_handles_labels()[0]:
        ax.legend(**{**_ABOVE, "bbox_to_anchor": (1.0, 1.0), "ncols": 9})


def _box(span: Span, low: float, high: float) -> list[tuple[float, float]]:
    return [(span.start, low), (span.end, low), (span.end, high), (span.start, high)]


def _verdicts(ax: Axes, story: Story, end: float) -> None:
    for answer, (mark, colour, word) in MARKS.items():
        times = [at for at, _, given, _ in story.verdicts if given is answer and at <= end]
        if times:
            size = 14 if answer is Answer.WAIT else 30
            ax.scatter(times, np.zeros(len(times)), marker=mark, color=colour, s=size, linewidths=0, label=word)
    ax.set(ylabel="gate", ylim=(-1, 1), yticks=[])
    ax.grid(visible=False)
    if story.verdicts:
        ax.legend(**_ABOVE)
    else:
        ax.text(0.01, 0.5, "no gate", transform=ax.transAxes, va="center", color=FAINT, fontsize=9)


def _moments(ax: Axes, story: Story, end: float) -> None:
    for at, name in story.moments:
        if name in ("detected", "mitigated") and at <= end:
            ax.axvline(at, color=FAINT, linewidth=1.0, linestyle=(0, (3, 2)))
            if ax.get_subplotspec().is_first_row():  # type: ignore[union-attr]
                side, away = ("right", -4) if name == "detected" else ("left", 4)
                ax.annotate(
                    name, (at, 108), xytext=(away, 2), textcoords="offset points", ha=side, va="bottom",
                    fontsize=8.5, color=FAINT, annotation_clip=False,
                )  # fmt: skip
