"""Every interval on every world at length; the page of what was measured is written when all hold."""

from __future__ import annotations

import pytest
from coverage_controls import table as controls_table
from coverage_grid import table as interval_table
from coverage_page import PAGE, page
from coverage_stopping import table as stopping_table
from coverage_years import table as years_table

pytestmark = pytest.mark.verify
PLAYS, STUDIES = 1000, 500
ERROR = 3.0
"""Percent that chance may take off a share."""
FLOORS = {
    "loss per release, leaning": (89.0, 92.5),
    "loss if bad, leaning": (89.0, 92.5),
    "difference, leaning": (89.0, 92.0),
    "loss of one defect, leaning": (89.0, 92.0),
    "p50 if bad": (93.0, 94.0),
    "p90 if bad": (93.0, 94.0),
    "p95 if bad": (89.0, 93.0),
    "chance above 1 if bad": (93.0, 94.0),
    "chance of 1 in 50 if bad": (92.0, 93.0),
    "chance to cost less": (92.0, 93.0),
    "mean of the worst tenth": (89.0, 91.0),
}
"""By interval: what it holds in every world with 50 replications per defect, and with 300."""
STOPPED = {"pilot 50": 87.0, "pilot 150": 89.0}
YEARS = {"n = 50": 87.0, "n = 300": 93.0}


def cells(lines: list[str]) -> list[dict[str, str]]:
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_every_interval_holds_as_often_as_the_page_says() -> None:
    intervals, stopping, years = list(interval_table(PLAYS)), list(stopping_table(STUDIES)), list(years_table(STUDIES))
    for row in cells(intervals):
        for size, floor in zip(("n = 50", "n = 300"), FLOORS.get(row["interval"], (0.0, 0.0)), strict=True):
            assert float(row[size]) >= floor - ERROR, row
    for row in cells(stopping):
        for pilot, floor in STOPPED.items():
            assert float(row[pilot]) >= floor - ERROR, row
    for row in cells(years):
        for size, floor in YEARS.items():
            assert float(row[size]) >= floor - ERROR, row
    PAGE.write_text(page(intervals, stopping, years, controls_table(PLAYS)), encoding="utf-8")
