"""Writes the report of a study into its folder: page, Markdown and JSON, each whole or not at all."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sim.report import document, markdown
from sim.report.fleet import sentence
from sim.report.page import page
from sim.report.plots import files, plots
from sim.report.story import Story
from sim.report.swept import read_sweep
from sim.scenario.arithmetic import fleet_arithmetic
from sim.study.digests import put
from sim.study.findings import Findings

if TYPE_CHECKING:
    import pandas as pd

PAGE, SUMMARY, DOCUMENT = "report.html", "report.md", "report.json"
DRAWN = ("failed_requests", "down_99")
"""The net measures whose every value a report draws; it needs no other columns of a frame."""


def write_report(findings: Findings, frame: pd.DataFrame, stories: Sequence[Story], folder: Path) -> Path:
    """Write all three, and the pictures of the summary beside it, and say where the page lies.

    A sweep that lies in the folder is shown, too.

    Raises :class:`sim.errors.UsageError` naming the path where the disk does not take it.
    """
    fleet = sentence(fleet_arithmetic(findings.scenario), findings.scenario)
    place = folder / PAGE
    whole = document.document(findings, page=PAGE)
    with _uncollected():
        charts = plots(frame, findings, read_sweep(folder, findings))
        drawn = page(findings, frame, stories, fleet=fleet, charts=charts)
    put(
        folder,
        {
            PAGE: drawn.encode(),
            **{name: picture.encode() for name, picture in files(charts).items()},
            SUMMARY: markdown.summary(findings, fleet=fleet, charts=charts).encode(),
            DOCUMENT: document.text(whole).encode() + b"\n",
        },
    )
    return place


@contextmanager
def _uncollected() -> Iterator[None]:
    """Garbage waits until the report is drawn.

    A figure is a web of thousands of small objects, and while it grows the collector would go through all that a study
    keeps, time and again: a quarter of the drawing, measured.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
