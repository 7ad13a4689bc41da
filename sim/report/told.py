"""The re-played releases as a page shows them: one bad release by every strategy, on one time axis."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sim.replication import GOOD
from sim.report import wording
from sim.report.charts import Chart
from sim.report.story import Story
from sim.report.timeline import judged, timeline
from sim.report.timeline_look import Scale
from sim.study.findings import Findings

Net = Callable[[Story], float | None]
"""What failed because of a release; None where it is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One release by several strategies: what it is, and a chart with its caption for each of them."""

    heading: str
    intro: str
    charts: tuple[tuple[Chart, str], ...]
    is_unlucky: bool


def told(findings: Findings, stories: Iterable[Story], net: Net) -> list[Told]:
    """The typical release first, then the unlucky one; stories of one release stand together."""
    releases: dict[tuple[str, int], list[Story]] = {}
    for story in stories:
        releases.setdefault((story.case, story.index), []).append(story)
    groups = [_group(findings, release, of_one, net) for release, of_one in releases.items()]
    return sorted(groups, key=lambda group: group.is_unlucky)


def _group(findings: Findings, release: tuple[str, int], stories: list[Story], net: Net) -> Told:
    case, index = release
    if case == GOOD:
        return Told(
            heading="A good release under each strategy",
            intro=f"A release with nothing wrong, with the luck of replication {index}, drawn on the same axes.",
            charts=tuple((timeline(story, net(story), Scale.of(*stories)), caption(story)) for story in stories),
            is_unlucky=False,
        )
    unlucky = release in findings.unlucky.values() and release not in findings.typical.values()
    scale = Scale.of(*stories)
    what = "One of the worst bad releases" if unlucky else "A typical bad release"
    chosen = "is among the costliest" if unlucky else "is nearest the median"
    return Told(
        heading=f"{what} under each strategy: {case}",
        intro=(
            f"A release with the defect {case} (number {index}), played with each strategy on the same traffic and "
            f"drawn on the same axes. Over all strategies it {chosen} of the bad releases{_ranks(findings, release)}."
        ),
        charts=tuple((timeline(story, net(story), scale), caption(story)) for story in stories),
        is_unlucky=unlucky,
    )


def _ranks(findings: Findings, release: tuple[str, int]) -> str:
    known = findings.ranks.get(release)
    if not known:
        return ""
    return ": it costs more than " + ", ".join(
        f"{share * 100:.0f} % of them with {name}" for name, share in known.items()
    )


def caption(story: Story) -> str:
    """What the gates said and why, and when the service was whole again."""
    return ". ".join((*judged(story), *_restored(story))) + "."


def _restored(story: Story) -> Iterator[str]:
    reached = {name: at for at, name in story.moments}
    for name, words in (
        ("mitigated", "No request reaches the bad version"),
        ("restored", "All pods run the good version"),
    ):
        if name in reached:
            yield f"{words} after {wording.seconds(reached[name])}"
