"""The report: one HTML file that opens from disk, in light and dark, on paper and on a phone, and loads nothing."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

from sim.report import good, late, pictures, prose, wording
from sim.report.aspects import aspects
from sim.report.charts import Chart
from sim.report.defects import by_defect, heading
from sim.report.money import years
from sim.report.plots import plots
from sim.report.readings import as_json
from sim.report.resources import needs, scarcest
from sim.report.rivals import candidate, rivals
from sim.report.story import Story
from sim.report.table import bad_rate, comparison
from sim.report.told import told
from sim.study.findings import Check, Findings, Standing

if TYPE_CHECKING:
    import pandas as pd
    from jinja2 import Environment

MARKS = {
    Standing.BEST: "recommended",
    Standing.WORSE: "worse",
    Standing.EQUAL: "equal for your purpose",
    Standing.CANNOT_TELL: "cannot tell",
    Standing.DOES_NOT_SHIP: "does not ship",
    Standing.BASELINE: "for comparison",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A chart as the template takes it; ``markup`` is ours and holds no text of the author's unescaped."""

    title: str
    markup: str
    words: str
    note: str
    readings: str = ""  # as JSON, for the script; empty where there is nothing to point at


def page(
    findings: Findings,
    frame: pd.DataFrame,
    stories: Iterable[Story] = (),
    *,
    fleet: str = "",
    charts: Mapping[str, Chart | None] | None = None,
) -> str:
    """The whole report as HTML text.

    ``frame`` has one row per replication with net figures, ``stories`` the re-played bad releases of the strategies,
    ``fleet`` the sentence of the fleet's arithmetic, ``charts`` those of :func:`sim.report.plots.plots` if they are
    made already.
    """
    charts = plots(frame, findings) if charts is None else charts
    return _environment().get_template("report.html.j2").render(
        findings=findings,
        scenario=findings.scenario,
        css=_text("report.css"),
        script=script(),
        rows=[_row(findings, row) for row in comparison(findings)],
        marks={name: MARKS[standing] for name, standing in findings.ruling.standings.items()},
        aspects=aspects(findings),
        pairing=prose.pairing(findings),
        late=late.sentences(findings),
        good=good.told(findings),
        charts={name: None if chart is None else _figure(chart) for name, chart in charts.items()},
        timelines=[
            (group, [(_figure(chart), caption) for chart, caption in group.charts])
            for group in told(findings, stories, lambda story: _net(frame, story))
        ],
        defects=[_row(findings, row) for row in by_defect(findings)],
        defects_heading=heading(findings),
        resources=[_row(findings, row) for row in needs(findings)],
        scarcest=scarcest(findings),
        rivals=rivals(findings),
        candidate=candidate(findings),
        years=years(findings),
        not_varied=prose.not_varied(findings),
        bars=pictures.who_stopped(findings),
        defaults=prose.by_trust(findings),
        limits=prose.limits(findings),
        facts=prose.facts(findings),
        checks=[_check(check) for check in findings.checks],
        criteria=[(criterion.status, prose.criterion_line(findings, criterion)) for criterion in findings.criteria],
        misfit=[_check(check) for check in findings.checks if not check.fits],
        bad_rate=bad_rate(findings),
        horizon=wording.seconds(findings.scenario.study.horizon / 1e9),
        fleet=fleet,
        share=wording.share,
    )  # fmt: skip


def _row(findings: Findings, row: Any) -> Mapping[str, Any]:
    drawn = pictures.interval_pictures(row)
    cells = [
        {
            "text": (row.cells[name].interval and row.cells[name].figure) or row.cells[name].text,
            "interval": row.cells[name].interval,
            "picture": _ours(drawn.get(name, "")),
        }
        for name in findings.strategies
    ]
    return {"label": row.label.strip(), "indented": row.label.startswith(" "), "meaning": row.meaning, "cells": cells}


def _net(frame: pd.DataFrame, story: Story) -> float | None:
    """What failed because of this very release."""
    same = (frame["strategy"] == story.strategy) & (frame["case"] == story.case) & (frame["index"] == story.index)
    found = frame.loc[same, "failed_requests"]
    return float(found.iloc[0]) if len(found) else None


def _figure(chart: Chart) -> Figure:
    return Figure(
        title=chart.title,
        markup=_ours(chart.svg),
        words=chart.words,
        note=chart.note,
        readings=as_json(chart.readings),
    )


def script() -> tuple[str, str]:
    """The page's one script, and its digest by which the page's policy lets it and no other run."""
    text = _text("report.js")
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
    return _ours(text), f"sha256-{digest}"


def _check(check: Check) -> tuple[str, str, str, bool]:
    def show(value: float) -> str:
        return wording.share(value) if check.name == "success" else wording.seconds(value)

    return check.name, show(check.modelled), show(check.observed), check.fits


def _ours(markup: str) -> str:
    """Markup made here, which the template must not escape again; text from a scenario never passes this way raw."""
    from markupsafe import Markup

    return Markup(markup)


def _environment() -> Environment:
    from jinja2 import BaseLoader, Environment, StrictUndefined

    class Templates(BaseLoader):
        def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Any]:
            return _text(template), None, lambda: True

    return Environment(
        loader=Templates(), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def _text(name: str) -> str:
    return resources.files("sim.report").joinpath("templates", name).read_text(encoding="utf-8")
