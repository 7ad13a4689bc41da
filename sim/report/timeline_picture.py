"""The timeline of one release as a picture for a page: six panels above one time axis, with words under the pointer."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from sim.report import wording
from sim.report.charts import BAD, FAINT, INK
from sim.report.panels import (
    LEFT,
    RIGHT,
    SMALL,
    Floats,
    Panel,
    Pen,
    Sign,
    axes,
    band,
    bars,
    legend,
    line,
    mark,
    moment,
    picture,
    steps,
    text,
    time_axis,
)
from sim.report.pod_lanes import Lane
from sim.report.story import Steps, Story
from sim.report.timeline_look import MARKS, MOST_LANES, NEW_COLOUR, STABLE_COLOUR, STATES, Scale
from sim.steps import Answer

HEIGHTS = {"share": 46.0, "ready": 46.0, "failed": 62.0, "slow": 52.0, "gate": 22.0}
GAPS = {"share": 16.0, "ready": 22.0, "failed": 14.0, "slow": 22.0, "gate": 22.0, "pods": 22.0}
"""Points above each panel; more where a legend stands."""
LANE = 6.4
STABLE, NEW = Pen(colour=STABLE_COLOUR), Pen(colour=NEW_COLOUR, dashes="6 3")
SHOWN = ("detected", "mitigated")


def drawn(story: Story, words: str, scale: Scale) -> str:
    """The SVG, in the light colours."""
    pods = story.pods(scale.end)
    panels = _panels(story, scale, min(len(pods), MOST_LANES))
    last = panels["pods"]
    parts = [
        *_share(panels["share"], story),
        *_ready(panels["ready"], story),
        *_failed(panels["failed"], story),
        *_slow(panels["slow"], story),
        *_gate(panels["gate"], story),
        *_pods(last, pods),
        *_moments(panels, story),
        *time_axis(last, "time since the release began"),
    ]
    return picture(parts, last.bottom + 34, words)


def room(story: Story, scale: Scale) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of all panels together."""
    panels = list(_panels(story, scale, min(len(story.pods(scale.end)), MOST_LANES)).values())
    return LEFT, panels[0].top, RIGHT, panels[-1].bottom


def _panels(story: Story, scale: Scale, lanes: int) -> dict[str, Panel]:
    most = max([0.0, *(_within(each, scale.end) for each in (story.ready_stable, story.ready_new))])
    reach = {
        "share": (-4.0, 108.0),
        "ready": (-0.3, max(1.0, most) * 1.06),
        "failed": (0.0, max(1.0, scale.failed * 112)),
        "slow": (0.0, scale.slow * 1120 or 1.0),
        "gate": (-1.0, 1.0),
        "pods": (max(lanes, 1) - 0.3, -0.7),
    }
    found, top = {}, 0.0
    for name, (low, high) in reach.items():
        height = HEIGHTS.get(name, 14 + LANE * lanes)
        found[name] = Panel(top=top + GAPS[name], height=height, end=scale.end, low=low, high=high)
        top = found[name].bottom
    return found


def _within(course: Steps, end: float) -> float:
    shown = course.values[course.times <= end]
    return float(shown.max()) if len(shown) else 0.0


def _share(panel: Panel, story: Story) -> Iterator[str]:
    yield from axes(panel, ("traffic", "to new, %"), {0.0: "0", 50.0: "50", 100.0: "100"})
    yield from steps(panel, story.share.times, story.share.values * 100, Pen(colour=NEW_COLOUR))


def _ready(panel: Panel, story: Story) -> Iterator[str]:
    yield from axes(panel, ("ready", "pods"), {value: f"{value:g}" for value in round_values(panel.high, whole=True)})
    yield from steps(panel, story.ready_stable.times, story.ready_stable.values, STABLE)
    yield from steps(panel, story.ready_new.times, story.ready_new.values, NEW)
    yield from legend(panel, [("stable", STABLE), ("new", NEW)])


def _failed(panel: Panel, story: Story) -> Iterator[str]:
    yield from axes(panel, ("failed, %",), {value: f"{value:g}" for value in round_values(panel.high)})
    yield from bars(panel, story.window, story.failed * 100, BAD)


def _slow(panel: Panel, story: Story) -> Iterator[str]:
    """The p95 of the successes of each window, by version; a gap where a version had none."""
    ticks = {value: wording.rounded(value, 0.0) for value in round_values(panel.high)}
    yield from axes(panel, ("p95, ms",), ticks)
    keys: list[tuple[str, Pen | Sign]] = []
    for word, values, pen in (("stable", story.slow_stable, STABLE), ("new", story.slow_new, NEW)):
        if np.isfinite(values).any():
            thin = Pen(colour=pen.colour, width=1.4, dashes=pen.dashes)
            yield from line(panel, story.window, _milliseconds(values), thin)
            keys.append((word, thin))
    yield from legend(panel, keys)


def _milliseconds(values: Floats) -> Floats:
    found: Floats = values * 1000
    return found


def _gate(panel: Panel, story: Story) -> Iterator[str]:
    yield from axes(panel, ("gate",), {})
    if not story.verdicts:
        yield text(LEFT + 6, panel.top + panel.height / 2 + 3, "no gate", size=9)
    keys: list[tuple[str, Pen | Sign]] = []
    for answer, (shape, colour, word) in MARKS.items():
        given = [each for each in story.verdicts if each[2] is answer and each[0] <= panel.end]
        for at, gate, _, reason in given:
            told = f"{gate} {word} at {wording.seconds(at)}" + (f": {reason}" if reason else "")
            # What the gate waits for is told in the caption: a gate may wait at every look of an hour.
            yield mark(panel.x(at), panel.y(0.0), Sign(shape, colour), told if answer is not Answer.WAIT else "")
        if given:
            keys.append((word, Sign(shape, colour)))
    yield from legend(panel, keys)


def _pods(panel: Panel, pods: Sequence[Lane]) -> Iterator[str]:
    """A thin row per pod, coloured by what it is doing; a cross where its container ended."""
    shown = pods[:MOST_LANES]
    hidden = len(pods) - len(shown)
    yield from axes(panel, ("pods", f"+{hidden} more") if hidden else ("pods",), {})
    for place, lane in enumerate(shown):
        for span in lane.spans:
            colour, height = STATES[span.state]
            told = f"{lane.name} {span.state.value}, {wording.seconds(span.start)} to {wording.seconds(span.end)}"
            yield band(panel, span.start, span.end, place, height, colour, told)
        for at in lane.crashes:
            told = f"{lane.name}: its container ends at {wording.seconds(at)}"
            yield mark(panel.x(at), panel.y(place), Sign("x", INK), told)
    seen = {span.state for lane in shown for span in lane.spans}
    keys: list[tuple[str, Pen | Sign]] = [
        (state.value, Sign("s", colour)) for state, (colour, _) in STATES.items() if state in seen
    ]
    keys += [("container ends", Sign("x", INK))] if any(lane.crashes for lane in shown) else []
    yield from legend(panel, keys)


def _moments(panels: Mapping[str, Panel], story: Story) -> Iterator[str]:
    """A dashed line through all panels where the fault was detected, and where it could hurt nobody any more."""
    first = next(iter(panels.values()))
    for at, name in story.moments:
        if name in SHOWN and at <= first.end:
            yield from (moment(panel, at) for panel in panels.values())
            side, away = ("end", -4) if name == "detected" else ("start", 4)
            yield text(float(first.x(at)) + away, first.top - 4, name, anchor=side, size=SMALL, colour=FAINT)


def round_values(high: float, *, whole: bool = False) -> list[float]:
    """Round values from 0 on, at most four of them, whole ones where asked.

    >>> round_values(112.0), round_values(4.2, whole=True), round_values(0.3)
    ([0.0, 50.0, 100.0], [0.0, 2.0, 4.0], [0.0, 0.1, 0.2, 0.3])
    """
    power = 10.0 ** math.floor(math.log10(max(high, 1.0) if whole else high)) / 10
    sizes = [factor * power for factor in (1, 2, 5, 10, 20, 50)]
    step = next(size for size in sizes if high / size < 4 and (size >= 1 or not whole))
    return [round(step * number, 9) for number in range(int(high / step + 1e-9) + 1)]
