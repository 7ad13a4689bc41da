"""The charts of a report, made once for the page and for the files beside the Markdown summary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sim.report import distributions, hangs, lanes, loss
from sim.report.charts import Chart, standalone
from sim.study.findings import Findings

if TYPE_CHECKING:
    import pandas as pd

FILES = {
    "lanes": "report-spread.svg",
    "exposure": "report-tail.svg",
    "hangs": "report-hangs-on.svg",
    "loss": "report-rate.svg",
}
"""The charts that lie beside the Markdown summary."""


def plots(frame: pd.DataFrame, findings: Findings) -> dict[str, Chart | None]:
    """All charts of the study by name; None for what the study has no figures for."""
    return {
        "lanes": lanes.exposure_lanes(frame, findings),
        "exposure": distributions.exposure(frame, findings),
        "downtime": distributions.downtime(frame, findings),
        "hangs": hangs.tornado(findings),
        "loss": loss.expected_loss(findings),
    }


def files(charts: Mapping[str, Chart | None]) -> dict[str, str]:
    """File name -> a picture that stands alone, on white."""
    found = {FILES[name]: chart for name, chart in charts.items() if name in FILES}
    return {name: standalone(chart.svg) for name, chart in found.items() if chart is not None}
