"""One release in a notebook: its story along a time axis."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.scenario.resolved import Scenario

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.report.story import Story


@dataclass(frozen=True, repr=False)
class Timeline:
    """One replication along a time axis. Shows itself as its picture."""

    story: Story

    def figure(self) -> Figure:
        """The picture, for saving or for a slide."""
        from sim.report.charts import style
        from sim.report.timeline_figure import draw

        with style():
            return draw(self.story)

    def __repr__(self) -> str:
        """What it shows, in words."""
        from sim.report.timeline import finding

        return f"<Timeline {finding(self.story)}>"

    def _repr_html_(self) -> str:
        from sim.report.charts import as_plain_svg
        from sim.report.timeline import finding, in_words

        return f"<p><b>{html.escape(finding(self.story))}</b></p>{as_plain_svg(self.figure(), in_words(self.story))}"


def played(scenario: Scenario, strategy: str, *, case: str, index: int) -> Timeline:
    """One replication, played again with what happened kept."""
    from sim.report.story import play_story

    return Timeline(play_story(scenario, strategy=strategy, case=case, index=index))
