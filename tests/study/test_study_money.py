"""What releases cost by a price list: per release and per year."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import imagined_studies as imagined
import pytest

from sim.report.table import comparison
from sim.scenario.resolved import Prices
from sim.study import Options, Run
from sim.study.findings import Findings
from sim.units import HOUR


def found(results: Path, releases: int | None = 200) -> Findings:
    prices = Prices(
        currency="EUR", failed_request=0.5, down_minute=0.0, down_below=0.99, pod_hour=0.0, delay_hour=6.0,
        releases_per_year=releases,
    )  # fmt: skip
    run = Run(replace(imagined.scenario(), prices=prices), results, Options(workers=1, replicate=imagined.WORK))
    for _ in run:
        pass
    return run.findings()


def test_the_expected_loss_is_that_of_its_parts(tmp_path: Path) -> None:
    findings = found(tmp_path)
    failed = findings.estimates["failed_requests", "canary", "release"].value
    hours = findings.estimates["duration", "canary", "release"].value / 3600
    assert findings.estimates["loss", "canary", "release"].value == pytest.approx(0.5 * failed + 6.0 * hours)


def test_a_year_costs_so_many_releases(tmp_path: Path) -> None:
    findings = found(tmp_path)
    each, year = findings.estimates["loss", "canary", "release"], findings.year["canary"]
    assert (year.expected.value, year.expected.high) == pytest.approx((200 * each.value, 200 * each.high))
    assert year.one_in_twenty.value > year.expected.value


def test_without_a_number_of_releases_there_is_no_year(tmp_path: Path) -> None:
    assert found(tmp_path, releases=None).year == {}


def test_a_good_release_that_does_not_ship_is_in_the_loss_and_has_a_line_of_its_own(tmp_path: Path) -> None:
    """Half of a strategy's good releases are lost: nine in ten releases are good, and each costs 40 + 5 x 6."""
    prices = Prices(
        currency="EUR", failed_request=0.0, down_minute=0.0, down_below=0.99, pod_hour=0.0, delay_hour=6.0,
        releases_per_year=None, aborted_release=40.0, tried_again_after=5 * HOUR,
    )  # fmt: skip
    scenario = replace(imagined.scenario({"strict": "weight:1"}, pilot=4, cap=4), prices=prices)
    run = Run(scenario, tmp_path, Options(workers=1, replicate=f"{__name__}:half_lost", beside=False))
    list(run)
    findings = run.findings()
    hours = findings.estimates["duration", "strict", "release"].value / 3600
    lost = 0.9 * 0.5 * (40.0 + 5 * 6.0)
    assert findings.estimates["loss", "strict", "release"].value == pytest.approx(6.0 * hours + lost)
    row = next(each for each in comparison(findings) if each.label.strip() == "for good releases not shipped")
    assert row.cells["strict"].span is not None
    assert row.cells["strict"].span[1] == pytest.approx(lost)
    assert "40 EUR and 5h until it is tried again, at 6 EUR an hour" in row.meaning


def half_lost(scenario: Any, *, strategy: str | None, case: str, index: int, engine: str) -> imagined.Imagined:
    """As imagined, but every second good release is lost."""
    played = imagined.replicate(scenario, strategy=strategy, case=case, index=index, engine=engine)
    lost = strategy is not None and case == "good" and index % 2 == 0
    return replace(played, why="gate g: fails" if lost else "", values={**played.values, "not_shipped": float(lost)})
