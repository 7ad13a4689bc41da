"""Where requests fail without a release too, what fails in all stands beside what the release adds."""

from __future__ import annotations

import sample
from test_study_findings import twins

from sim.report.table import comparison
from sim.report.terminal import answer
from sim.study.analysis import _failed_anyway

GROSS = "  of all that fail, gross"


def test_gross_is_net_and_what_fails_anyway() -> None:
    rows = comparison(sample.findings(failed_anyway=12.0))
    places = [place for place, row in enumerate(rows) if row.label == GROSS]
    net = [rows[place - 1] for place in places]
    assert [row.label for row in net] == ["failed requests, if bad", "failed requests, 8 % bad"]
    assert net[0].cells["canary-80-20"].text.startswith("620")
    assert rows[places[0]].cells["canary-80-20"].text == "632"
    assert "about 12 on average" in rows[places[0]].meaning


def test_where_nothing_fails_anyway_there_is_no_gross_figure() -> None:
    assert not [row for row in comparison(sample.findings()) if row.label == GROSS]


def test_the_terminal_shows_it() -> None:
    assert GROSS in answer(sample.findings(failed_anyway=12.0))


def test_what_fails_anyway_is_the_mean_of_what_fails_without_a_release() -> None:
    assert _failed_anyway(twins(10, 0.42)) == 10
    assert _failed_anyway([]) == 0
