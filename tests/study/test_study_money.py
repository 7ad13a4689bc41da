"""What releases cost by a price list: per release and per year."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import imagined_studies as imagined
import pytest

from sim.scenario.resolved import Prices
from sim.study import Options, Run
from sim.study.findings import Findings


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
