"""The charts of a report, made once for the page and for the files beside the Markdown summary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sim.report import distributions, hangs, lanes, loss, swept, year_chart
from sim.report.charts import Chart, standalone
from sim.study.findings import Findings

if TYPE_CHECKING:
    import pandas as pd

FILES = {
    "lanes": "report-spread.svg",
    "exposure": "report-tail.svg",
    "hangs": "report-hangs-on.svg",
    "loss": "report-rate.svg",
    "sweep": "report-sweep.svg",
    "year": "report-year.svg",
}
"""The charts that lie beside the Markdown summary."""


def plots(frame: pd.DataFrame, findings: Findings, sweep: swept.Swept | None = None) -> dict[str, Chart | None]:
    """All charts of the study, and of a sweep of it, by name; None for what there are no figures for."""
    return {
        "lanes": lanes.exposure_lanes(frame, findings),
        "exposure": distributions.exposure(frame, findings),
        "downtime": distributions.downtime(frame, findings),
        "hangs": hangs.tornado(findings),
        "loss": loss.expected_loss(findings),
        "year": year_chart.year_of_releases(findings),
        "sweep": None if sweep is None else swept.chart(sweep, findings.strategies),
    }


def files(charts: Mapping[str, Chart | None]) -> dict[str, str]:
    """File name -> a picture that stands alone, on white."""
    found = {FILES[name]: chart for name, chart in charts.items() if name in FILES}
    return {name: standalone(chart.svg) for name, chart in found.items() if chart is not None}
