"""The timeline of one bad release: traffic share, endpoints, errors and verdicts above one time axis, and in words."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from sim.replication import GOOD
from sim.report import wording
from sim.report.charts import Chart, as_svg, style
from sim.report.pod_lanes import summary
from sim.report.story import Story
from sim.report.timeline_figure import draw
from sim.report.timeline_look import MARKS, Scale, peak
from sim.report.timeline_readings import pointed


def timeline(story: Story, net: float | None = None, scale: Scale | None = None) -> Chart:
    """The story as a chart for a page; ``net`` is what failed because of the release."""
    words, scale = in_words(story), scale or Scale.of(story)
    with style():
        figure = draw(story, scale)
        svg = as_svg(figure, f"timeline-{_safe(story.strategy)}-{_safe(story.case)}-{story.index}", words)
    return Chart(title=finding(story, net), svg=svg, words=words, readings=(pointed(story, figure.axes),))


def _safe(name: str) -> str:
    return re.sub(r"[^a-zA-Z0-9]", "-", name)


def finding(story: Story, net: float | None = None) -> str:
    """What the picture shows, as its title."""
    detected = next((at for at, name in story.moments if name == "detected"), None)
    who = {"gate": "the gate", "on-call": "the person on call", "smoke-test": "the smoke test"}
    if detected is None:
        noticed = "nobody notices"
    else:
        noticed = f"{who.get(story.detected_by, 'the ' + story.detected_by)} notices after {wording.seconds(detected)}"
    if story.case == GOOD:
        count = story.failed_count if net is None else net
        return f"{story.strategy}: {wording.rounded(count, 0.0)} requests fail because of a good release"
    if net is None:
        return f"{story.strategy}: {noticed}; {wording.rounded(story.failed_count, 0.0)} requests fail in all"
    return f"{story.strategy}: {noticed}; {wording.rounded(net, 0.0)} requests fail because of it"


def in_words(story: Story) -> str:
    """The picture for who cannot see it."""
    moments = ", ".join(f"{name} at {wording.seconds(at)}" for at, name in story.moments)
    return (
        f"{story.strategy}, {'a good release' if story.case == GOOD else f'with the defect {story.case}'}, replication "
        f"{story.index}: {moments or 'no event'}. "
        f"Highest share of failed requests in a window: {wording.share(peak(story.failed))}.{_slowest(story)} "
        f"{summary(story.pods(story.end)).capitalize()}. {'; '.join(judged(story))}. Ends {story.decision.value}."
    )


def judged(story: Story) -> Iterator[str]:
    """What the gates said: the first verdict of each kind with its reason, and how many there were."""
    if not story.verdicts:
        yield "No gate judged it"
    for answer, (_, _, word) in MARKS.items():
        given = [each for each in story.verdicts if each[2] is answer]
        if given:
            at, gate, _, reason = given[0]
            times = "once" if len(given) == 1 else f"{len(given)} times"
            yield f"{gate} {word} {times}, first at {wording.seconds(at)}" + (f" ({reason})" if reason else "")


def _slowest(story: Story) -> str:
    parts = [
        f"{word} {wording.seconds(peak(values))}"
        for word, values in (("stable", story.slow_stable), ("new", story.slow_new))
        if np.isfinite(values).any()
    ]
    return f" Highest p95 latency of a window: {', '.join(parts)}." if parts else ""
