"""The timeline of one bad release: traffic share, endpoints, errors and verdicts above one time axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.report import wording
from sim.report.charts import BAD, FAINT, GOOD, SERIES, UNSURE, Chart, as_svg, bare_figure, style, time_ticks
from sim.report.story import Steps, Story
from sim.steps import Answer

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STABLE_COLOUR, NEW_COLOUR = SERIES[0], SERIES[1]
MARKS = {
    Answer.PASS: ("o", GOOD, "passes"),
    Answer.FAIL: ("X", BAD, "fails"),
    Answer.WAIT: (".", UNSURE, "waits"),
    Answer.INCONCLUSIVE: ("D", UNSURE, "inconclusive"),
}
_ABOVE: dict[str, Any] = {
    "loc": "lower right", "bbox_to_anchor": (1.0, 0.93), "frameon": False, "ncols": 4, "fontsize": 8.5,
    "borderaxespad": 0.0, "handletextpad": 0.5, "columnspacing": 1.2,
}  # fmt: skip


def timeline(story: Story, net: float | None = None) -> Chart:
    """The story as a chart for a page; ``net`` is what failed because of the release."""
    words = in_words(story)
    with style():
        svg = as_svg(draw(story), f"timeline-{_safe(story.strategy)}-{_safe(story.case)}-{story.index}", words)
    return Chart(title=finding(story, net), svg=svg, words=words)


def finding(story: Story, net: float | None = None) -> str:
    """What the picture shows, as its title."""
    detected = next((at for at, name in story.moments if name == "detected"), None)
    who = {"gate": "the gate", "on-call": "the person on call", "smoke-test": "the smoke test"}
    if detected is None:
        noticed = "nobody notices"
    else:
        noticed = f"{who.get(story.detected_by, 'the ' + story.detected_by)} notices after {wording.seconds(detected)}"
    if net is None:
        return f"{story.strategy}: {noticed}; {wording.rounded(story.failed_count, 0.0)} requests fail in all"
    return f"{story.strategy}: {noticed}; {wording.rounded(net, 0.0)} requests fail because of it"


def in_words(story: Story) -> str:
    """The picture for who cannot see it."""
    moments = ", ".join(f"{name} at {wording.seconds(at)}" for at, name in story.moments)
    peak = float(np.nanmax(story.failed)) if np.isfinite(story.failed).any() else 0.0
    return (
        f"{story.strategy} with the defect {story.case}, replication {story.index}: {moments or 'no event'}. "
        f"Highest share of failed requests in a window: {wording.share(peak)}. Ends {story.decision.value}."
    )


def draw(story: Story) -> Figure:
    """Four panels above one time axis in minutes."""
    figure = bare_figure(8.4, 4.6)
    panels: Sequence[Axes] = figure.subplots(4, 1, sharex=True, gridspec_kw={"height_ratios": [2, 2, 3, 1.1]})
    share, pods, errors, verdicts = panels
    _steps(share, story.share, story.end, NEW_COLOUR, "new version", scale=100.0)
    share.set(ylabel="traffic\nto new, %", ylim=(-4, 108))
    _steps(pods, story.listed_stable, story.end, STABLE_COLOUR, "stable", scale=1.0)
    _steps(pods, story.listed_new, story.end, NEW_COLOUR, "new", scale=1.0)
    pods.set(ylabel="endpoints")
    pods.set_ylim(bottom=-0.3)
    pods.locator_params(axis="y", integer=True)
    pods.legend(**_ABOVE)
    _errors(errors, story)
    _verdicts(verdicts, story)
    for panel in panels:
        _moments(panel, story)
        panel.yaxis.set_label_coords(-0.055, 0.5)
    verdicts.set_xlim(0, story.end)
    time_ticks(verdicts, story.end)
    verdicts.set_xlabel("time since the release began")
    return figure


def _steps(ax: Axes, steps: Steps, end: float, colour: str, label: str, *, scale: float) -> None:
    times = np.append(steps.times, max(end, steps.times[-1]))
    values = np.append(steps.values, steps.values[-1]) * scale
    ax.step(times, values, where="post", color=colour, label=label, solid_joinstyle="miter")
    ax.fill_between(times, values, step="post", color=colour, alpha=0.12, linewidth=0)


def _errors(ax: Axes, story: Story) -> None:
    last = min(len(story.failed), int(story.end / story.window) + 1)
    times = np.arange(last + 1) * story.window
    failed = np.nan_to_num(story.failed[:last]) * 100
    ax.stairs(failed, times, fill=True, color=BAD, alpha=0.85)
    ax.set(ylabel="failed, %")
    ax.set_ylim(0, max(1.0, float(failed.max(initial=0.0)) * 1.12))


def _verdicts(ax: Axes, story: Story) -> None:
    for answer, (mark, colour, word) in MARKS.items():
        times = [at for at, _, given, _ in story.verdicts if given is answer and at <= story.end]
        if times:
            size = 14 if answer is Answer.WAIT else 30
            ax.scatter(times, np.zeros(len(times)), marker=mark, color=colour, s=size, linewidths=0, label=word)
    ax.set(ylabel="gate", ylim=(-1, 1), yticks=[])
    ax.grid(visible=False)
    if story.verdicts:
        ax.legend(**_ABOVE)
    else:
        ax.text(0.01, 0.5, "no gate", transform=ax.transAxes, va="center", color=FAINT, fontsize=9)


def _moments(ax: Axes, story: Story) -> None:
    for at, name in story.moments:
        if name in ("detected", "mitigated") and at <= story.end:
            ax.axvline(at, color=FAINT, linewidth=1.0, linestyle=(0, (3, 2)))
            if ax.get_subplotspec().is_first_row():  # type: ignore[union-attr]
                side, away = ("right", -4) if name == "detected" else ("left", 4)
                ax.annotate(
                    name, (at, 108), xytext=(away, 2), textcoords="offset points", ha=side, va="bottom",
                    fontsize=8.5, color=FAINT, annotation_clip=False,
                )  # fmt: skip


def _safe(name: str) -> str:
    return "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name)
