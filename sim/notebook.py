"""The notebook face: run a scenario, see the answer, take tidy frames and plots.

>>> import sim
>>> study = sim.run("scenarios/textbook.yaml")  # doctest: +SKIP
>>> study.frame().groupby(["strategy", "case"])["failed_requests"].mean()  # doctest: +SKIP

Nothing here prints; every result shows itself.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.scenario import from_data, load
from sim.scenario.override import with_study
from sim.scenario.resolved import Scenario
from sim.study.findings import Findings

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.report.story import Story
    from sim.scenario.arithmetic import FleetArithmetic
    from sim.whatif.capacity import Review

RESULTS = Path("results")
Given = str | Path | Scenario | Mapping[str, Any]
"""A scenario as people hold it: a file, what :func:`sim.load` gave, or its sections as plain data."""


def run(
    scenario: Given,
    *,
    results: str | Path = RESULTS,
    workers: int | None = None,
    on_progress: Callable[[Any], None] | None = None,
    **study: Any,
) -> Study:
    """Play a scenario's study, or what is missing of it, and give its findings.

    ``study`` replaces settings of the scenario's study section, as in ``cap=200``, ``seed=7``, ``precision="5%"``.
    What lies in ``results`` from an earlier run is used again.

    Raises :class:`sim.ScenarioError` with all problems of a file.
    """
    from sim.study import run as run_study

    chosen = with_study(_scenario(scenario), **study)
    return Study(run_study(chosen, results=Path(results), workers=workers, on_progress=on_progress))


def open_results(folder: str | Path) -> Study:
    """The findings in a results folder, without playing anything.

    Raises :class:`sim.RollriskError` when the folder holds no study.
    """
    from sim.study import read

    return Study(read(Path(folder)))


def check(scenario: Given) -> FleetArithmetic:
    """The fleet's arithmetic, if the file is sound; nothing is simulated.

    Raises :class:`sim.ScenarioError` with all problems of the file.
    """
    from sim.scenario.arithmetic import fleet_arithmetic

    return fleet_arithmetic(_scenario(scenario))


def timeline(scenario: Given, strategy: str, *, case: str = "good", index: int = 0) -> Timeline:
    """Play one replication again and tell it along a time axis."""
    from sim.report.story import play_story

    return Timeline(play_story(_scenario(scenario), strategy=strategy, case=case, index=index))


def capacity(
    scenario: Given,
    *,
    growths: Sequence[float] = (1.0, 1.25, 1.5),
    replications: int = 8,
    workers: int | None = None,
    on_progress: Callable[[str], None] = lambda said: None,
) -> Capacity:
    """What a release needs at the planning peak, by each strategy, with and without a lost node; minutes.

    ``growths`` are factors on today's peak, ``replications`` how many good releases each fleet is played through at
    most. ``workers`` are processes, as many as there are cores when left out.
    """
    from sim.whatif.capacity import review

    chosen = _scenario(scenario)
    confidence = chosen.study.confidence
    found = review(
        chosen,
        growths=growths,
        replications=replications,
        confidence=confidence,
        workers=workers,
        on_progress=on_progress,
    )
    return Capacity(found)


def _scenario(given: Given) -> Scenario:
    if isinstance(given, Scenario):
        return given
    return from_data(given) if isinstance(given, Mapping) else load(given)


@dataclass(frozen=True, repr=False)
class Study:
    """What a study found. Shows itself as the comparison and the verdict."""

    findings: Findings

    def summary(self) -> pd.DataFrame:
        """The comparison as a reader sees it: a row per measure, a column per strategy, text with half-widths."""
        import pandas as pd

        from sim.report.table import comparison

        rows = comparison(self.findings)
        texts = [[row.cells[name].text for name in self.findings.strategies] for row in rows]
        return pd.DataFrame(texts, index=[row.label.strip() for row in rows], columns=list(self.findings.strategies))

    def estimates(self) -> pd.DataFrame:
        """Every estimate, tidy: measure, strategy, given, value, low, high, n, method."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "measure": measure,
                    "strategy": strategy,
                    "given": given,
                    "value": each.value,
                    "low": each.low,
                    "high": each.high,
                    "n": each.n,
                    "method": each.method,
                }
                for (measure, strategy, given), each in sorted(
                    self.findings.estimates.items(), key=lambda pair: pair[0]
                )
            ]
        )

    def frame(self) -> pd.DataFrame:
        """One row per replication: strategy, case, index and a column per net measure."""
        from sim.study import frame

        return frame(self.findings)

    def differences(self) -> pd.DataFrame:
        """Each other strategy minus the recommended one on the deciding measure, on common luck."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "first": each.first,
                    "second": each.second,
                    "difference": each.estimate.value,
                    "low": each.estimate.low,
                    "high": each.estimate.high,
                    "standing": self.findings.ruling.standings[each.first].value,
                    "variance_saved": each.variance_saved,
                }
                for each in self.findings.ruling.differences
            ]
        )

    @property
    def verdict(self) -> str:
        """The verdict in one plain sentence."""
        return self.findings.ruling.sentence

    @property
    def attrs(self) -> Mapping[str, str]:
        """With what this was made: versions, seed, command."""
        return dict(self.findings.provenance or {})

    @property
    def plot(self) -> Plots:
        """Plots of this study."""
        return Plots(self)

    def timeline(self, strategy: str, *, case: str | None = None, index: int | None = None) -> Timeline:
        """One replication along a time axis; without case and index the strategy's typical bad release."""
        typical = self.findings.typical.get(strategy, ("good", 0))
        chosen = typical[0] if case is None else case
        number = index if index is not None else typical[1] if chosen == typical[0] else 0
        return timeline(self.findings.scenario, strategy, case=chosen, index=number)

    def __repr__(self) -> str:
        """One line."""
        return f"<Study {self.findings.scenario.name!r}, {len(self.findings.strategies)} strategies: {self.verdict}>"

    def _repr_html_(self) -> str:
        from sim.report.wording import noise_note

        return (
            f"<h4>{html.escape(self.findings.scenario.name)}</h4><p><b>{html.escape(self.verdict)}</b>"
            f"{noise_note(self.verdict)}</p>{self.summary().to_html(escape=True)}"
        )


@dataclass(frozen=True)
class Plots:
    """Plots of a study; each takes axes to draw on and gives them back."""

    study: Study

    def exposure(self, ax: Axes | None = None) -> Axes:
        """How often a bad release costs more than so many failed requests."""
        from sim.report.distributions import curves, draw_exposure

        return self._distribution("failed_requests", curves, draw_exposure, ax)

    def downtime(self, ax: Axes | None = None) -> Axes:
        """How often a bad release is longer below 99 % than so."""
        from sim.report.distributions import curves, draw_downtime

        return self._distribution("down_99", curves, draw_downtime, ax)

    def loss(self, ax: Axes | None = None) -> Axes:
        """Expected cost over how often releases are bad."""
        from sim.report.charts import style
        from sim.report.loss import draw_loss

        with style():
            return draw_loss(self.study.findings, ax)

    def timeline(self, strategy: str, *, case: str | None = None, index: int | None = None) -> Figure:
        """Traffic, endpoints, errors and verdicts of one replication above one time axis."""
        return self.study.timeline(strategy, case=case, index=index).figure()

    def _distribution(
        self, measure: str, curves: Callable[..., Any], draw: Callable[..., Axes], ax: Axes | None
    ) -> Axes:
        from sim.report.charts import style

        findings = self.study.findings
        with style():
            return draw(list(curves(self.study.frame(), findings, measure)), findings.strategies, ax)


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


@dataclass(frozen=True, repr=False)
class Capacity:
    """What a release needs. Shows itself as the smallest fleets side by side, with the ask above."""

    review: Review

    @property
    def ask(self) -> str:
        """The decision wanted, in one sentence."""
        from sim.report.capacity_prose import ask

        return ask(self.review)

    def fleets(self) -> pd.DataFrame:
        """The smallest fleet that keeps the promise: a row per strategy, growth and loss."""
        return self._tidy("fleets")

    def walls(self) -> pd.DataFrame:
        """The rates that today's fleet surely carries and surely does not, in rps: a row per strategy and loss."""
        return self._tidy("walls")

    def headroom(self) -> pd.DataFrame:
        """What is left of each resource, minute by minute: strategy, loss, resource, limit, minute, left."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "strategy": course.strategy,
                    "loss": course.loss.value,
                    "resource": each.name,
                    "limit": each.limit,
                    "minute": minute,
                    "left": left,
                }
                for course in self.review.courses
                for each in course.resources
                for minute, left in enumerate(each.left)
            ]
        )

    def lost(self) -> pd.DataFrame:
        """What becomes of today's fleet at today's peak and a loss: a row per strategy, a column per loss."""
        import pandas as pd

        from sim.report import capacity as layout

        rows = layout.matrix(self.review)
        return pd.DataFrame(
            [list(row[1:]) for row in rows],
            index=[row[0] for row in rows],
            columns=list(layout.loss_heads(self.review)),
        )

    def prices(self) -> pd.DataFrame:
        """What one good release costs in time, pods and pod-hours: a row per strategy."""
        return self._tidy("prices")

    def page(self) -> str:
        """The page for a review board, as Markdown."""
        from sim.report.capacity_text import markdown

        return markdown(self.review)

    def write(self, path: str | Path) -> Path:
        """Write the page for a review board as HTML, and say where."""
        from sim.report.capacity_page import page
        from sim.study.store import write_whole

        write_whole(Path(path), page(self.review).encode())
        return Path(path)

    def _tidy(self, name: str) -> pd.DataFrame:
        from dataclasses import fields

        import pandas as pd

        return pd.DataFrame(
            [
                {field.name: _cell(getattr(each, field.name)) for field in fields(each)}
                for each in getattr(self.review, name)
            ]
        )

    def __repr__(self) -> str:
        """One line."""
        return f"<Capacity {self.review.scenario.name!r}: {self.ask}>"

    def _repr_html_(self) -> str:
        import pandas as pd

        from sim.report import capacity as layout

        head = ["strategy and loss", *layout.growth_heads(self.review)]
        table = pd.DataFrame([list(row) for row in layout.fleets(self.review)], columns=head)
        return (
            f"<h4>{html.escape(self.review.scenario.name)}</h4><p><b>{html.escape(self.ask)}</b> Pods, "
            f"plus pods more during the release, on so many nodes.</p>{table.to_html(escape=True, index=False)}"
        )


def _cell(value: Any) -> Any:
    """A value as a cell: words of an enumeration, and of an interval its middle."""
    from enum import Enum

    from sim.stats.intervals import Interval

    if isinstance(value, Interval):
        return float(value.value)
    return value.value if isinstance(value, Enum) else value
