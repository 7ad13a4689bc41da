"""User-uptime has a row where it was measured, and none where it was not."""

from __future__ import annotations

from dataclasses import replace

from sample import findings

from sim.report.table import comparison
from sim.study.findings import Estimate

LABEL = "user-uptime / worst 5m, bad"


def share(value: float) -> Estimate:
    return Estimate(value=value, low=value, high=value, n=50, method="t")


def test_user_uptime_stands_in_the_comparison_where_it_was_measured() -> None:
    known = findings()
    measured = {
        ("user_uptime", "rolling", "bad"): share(0.9976),
        ("user_uptime_worst_5m", "rolling", "bad"): share(0.5),
    }
    rows = comparison(replace(known, estimates={**known.estimates, **measured}))
    (row,) = [row for row in rows if row.label == LABEL]
    assert row.cells["rolling"].text == "99.76 / 50.00 %"
    assert row.cells["blue-green"].text == "-"


def test_without_it_there_is_no_such_row() -> None:
    assert LABEL not in [row.label for row in comparison(findings())]
