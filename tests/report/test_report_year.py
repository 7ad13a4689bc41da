"""A year of releases in money, drawn: how often it costs more than so much, and what one year in twenty exceeds."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import sample

from sim.report.page import page
from sim.report.plots import files, plots
from sim.report.readings import as_json
from sim.report.year_chart import draw, title, year_of_releases
from sim.scenario.resolved import Prices
from sim.study.findings import Findings, YearFound

COSTS = (0.0, 1000.0, 2000.0, 4000.0)


def year(at_least: float, one_in_twenty: float, noise: float) -> YearFound:
    return YearFound(
        releases=100, expected=sample.estimate(at_least, noise), one_in_twenty=sample.estimate(one_in_twenty, noise),
        thresholds=COSTS, chances=(1.0, 0.6, 0.2, 0.0), low=(0.9, 0.5, 0.1, 0.0), high=(1.0, 0.7, 0.3, 0.1),
    )  # fmt: skip


@pytest.fixture
def priced() -> Findings:
    prices = Prices(
        currency="EUR", failed_request=1.0, down_minute=0.0, down_below=0.99, pod_hour=0.0, delay_hour=0.0,
        releases_per_year=100,
    )  # fmt: skip
    whole = sample.findings()
    return replace(
        whole,
        scenario=replace(whole.scenario, prices=prices),
        year={"rolling": year(3000.0, 9000.0, 500.0), "blue-green": year(1000.0, 2500.0, 400.0)},
    )


def test_the_title_names_two_years_that_are_surely_apart(priced: Findings) -> None:
    assert title(priced) == (
        "One year in twenty costs more than 9,000 (8,500 to 9,500) EUR under rolling, "
        "more than 2,500 (2,100 to 2,900) under blue-green"
    )


def test_years_that_may_be_the_same_are_not_called_apart(priced: Findings) -> None:
    close = {"rolling": year(3000.0, 2600.0, 500.0), "blue-green": year(1000.0, 2500.0, 400.0)}
    assert title(replace(priced, year=close)) == "What one year in twenty costs more than is not told apart by strategy"


def test_the_curve_is_the_one_that_was_found(priced: Findings) -> None:
    line = draw(priced).lines[0]
    assert np.asarray(line.get_xdata()).tolist() == list(COSTS)
    assert np.asarray(line.get_ydata()) == pytest.approx([100, 60, 20, 0])


def test_the_pointer_reads_the_chance_and_both_its_ends(priced: Findings) -> None:
    chart = year_of_releases(priced)
    assert chart is not None
    (told,) = json.loads(as_json(chart.readings))
    name, texts, which = told["lines"][0]
    at = next(number for number, place in enumerate(told["at"]) if place == "more than 1,400 EUR:")
    assert name == "rolling"
    assert texts[which[at]] == "44 (34-54) %"


def test_the_year_stands_on_the_page_and_beside_the_summary(priced: Findings) -> None:
    charts = plots(sample.frame(), priced)
    section = page(priced, sample.frame(), [], charts=charts).partition('<h2 id="capacity">')[2].partition("<h2")[0]
    assert "One year in twenty costs more than 9,000" in section
    assert "report-year.svg" in files(charts)


def test_without_a_price_list_there_is_no_year() -> None:
    assert year_of_releases(sample.findings()) is None
