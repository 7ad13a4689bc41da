"""Markdown for a pull request and JSON for a script: the same findings, harmless and parseable."""

import json
import math
from dataclasses import replace
from typing import Any

import sample

from sim.report import document, prose, terminal
from sim.report.markdown import plain, summary
from sim.report.table import comparison
from sim.study.findings import Shipping, Ships


def test_markdown_holds_question_verdict_table_and_limits() -> None:
    text = summary(sample.findings(), fleet="8 pods carry 174 rps")
    for part in ("## Release risk: checkout", "**Use canary-80-20.", "| failed requests, if bad |", "### Limits"):
        assert part in text


def test_every_row_of_the_markdown_table_has_as_many_cells_as_its_head() -> None:
    lines = summary(sample.findings(name="a|b")).splitlines()
    tables = "\n".join(line if line.startswith("|") else "" for line in lines).strip("\n").split("\n\n")
    widths = [{line.replace("\\|", "").count("|") for line in table.splitlines()} for table in tables if table.strip()]
    assert len(widths) >= 3
    assert all(len(each) == 1 for each in widths)


def test_markup_in_a_name_is_harmless_in_markdown() -> None:
    text = summary(sample.findings(name="<img src=x> **bold**\n# head"))
    assert "<img" not in text
    assert "\n# head" not in text
    assert plain("`code`") == "\\`code\\`"


def test_the_json_document_is_strict_json_even_with_what_never_happens() -> None:
    findings = sample.findings()
    estimates = dict(findings.estimates)
    estimates["time_to_detect", "rolling", "bad"] = sample.Estimate(
        value=math.inf, low=math.nan, high=math.inf, n=3, method="x"
    )
    text = document.text(document.document(sample.findings(estimates=estimates)))
    read = json.loads(text, parse_constant=lambda word: (_ for _ in ()).throw(AssertionError(word)))
    never = read["strategies"]["rolling"]["measures"]["time_to_detect"]["bad"]
    assert never == {"value": "never", "interval": [None, "never"], "n": 3, "method": "x"}
    assert read["verdict"]["recommended"] == "canary-80-20"


def test_the_weakest_inputs_stand_beside_the_verdict() -> None:
    whole = sample.findings()
    ruling = replace(whole.ruling, not_varied=("traffic.streams.pay.peak",))
    told = prose.weakest(replace(whole, ruling=ruling))
    assert "4% to 15%, over which canary-80-20 goes from 25 to 93 failed requests per release" in told
    assert "likely value only: traffic.streams.pay.peak" in told
    assert "low trust: service.endpoint_lag, slo.requests" in told


def test_a_file_that_was_set_aside_is_told_on_every_page() -> None:
    whole = replace(sample.findings(), set_aside=("replications.parquet.aside: its rows do not match its digest",))
    assert "do not match its digest" in " ".join(terminal.answer(whole).split())
    assert "do not match its digest" in summary(whole)
    assert document.document(whole)["set_aside"] == list(whole.set_aside)


def test_the_json_document_leaves_out_what_is_not_known_and_parts_of_single_defects() -> None:
    whole = sample.findings()
    nothing = sample.Estimate(value=math.nan, low=math.nan, high=math.nan, n=0, method="nothing played")
    parts = {
        ("failed_requests.pay", "rolling", "leak"): sample.estimate(7.0, 1.0),
        ("failed_requests.pay", "rolling", "bad"): sample.estimate(8.0, 1.0),
        ("latency_p95", "rolling", "bad"): nothing,
    }
    told = document.document(replace(whole, estimates={**whole.estimates, **parts}))["strategies"]["rolling"][
        "measures"
    ]
    assert set(told["failed_requests.pay"]) == {"bad"}
    assert "latency_p95" not in told
    assert set(told["failed_requests"]) >= {"bad", "good", "release", "leak"}


def test_an_estimate_stands_on_one_line_of_the_json_document() -> None:
    text = document.text(document.document(sample.findings()))
    lines = [line for line in text.splitlines() if '"interval"' in line]
    assert len(lines) > 50
    assert all(json.loads("{" + line.strip().rstrip(",") + "}") for line in lines if line.strip().endswith(("}", "},")))


def shipping(**given: Any) -> dict[str, Shipping]:
    return dict(sample.findings().shipping) | {"rolling": Shipping(**given)}


def test_both_ends_of_a_chance_are_told_in_every_text() -> None:
    few = shipping(standing=Ships.NOT_SETTLED, lost=0, played=20, high=0.139)
    whole = sample.findings(shipping=few)
    assert "0 (0-14) %" in terminal.answer(whole)
    assert "0 (0-14) %" in summary(whole)


def test_the_upper_end_of_what_always_happens_is_a_hundred_percent() -> None:
    never = shipping(standing=Ships.DOES_NOT, lost=2, played=2, low=0.224, high=1.0)
    assert "100 (22-100) %" in terminal.answer(sample.findings(shipping=never))


def test_a_rollback_on_purpose_is_no_lost_good_release() -> None:
    rows = {row.label: row for row in comparison(sample.findings(shipping=shipping(standing=Ships.EXEMPT)))}
    assert rows["good releases not shipped"].cells["rolling"].text == "on purpose"


def test_whether_a_strategy_ships_is_a_row_of_its_own_where_one_does_not() -> None:
    never = shipping(standing=Ships.DOES_NOT, lost=9, played=20, low=0.25, high=0.66)
    rows = {row.label: row for row in comparison(sample.findings(shipping=never))}
    assert rows["  ships?"].cells["rolling"].text == "does not ship"
    assert "  ships?" not in {row.label for row in comparison(sample.findings())}


def test_harmless_releases_are_not_blamed_on_anybody() -> None:
    stopped = dict(sample.findings().stopped)
    stopped["rolling"] = replace(stopped["rolling"], gate=0.0, on_call=0.4, before_users=0.0, nobody=0.6, harmless=0.25)
    rows = {row.label: row for row in comparison(sample.findings(stopped=stopped))}
    assert rows["stopped: gate/on-call/nobody"].cells["rolling"].text == "0/40/35"
    assert rows["  not stopped, but harmless"].cells["rolling"].text == "25"


def test_an_interrupted_run_is_not_said_to_have_hit_the_cap() -> None:
    whole = sample.findings(precision_met=False, interrupted=True)
    assert "NOT REACHED" not in terminal.answer(whole)
    assert "before the cap" not in summary(whole)


def test_what_turns_round_is_told_with_both_figures() -> None:
    whole = sample.findings()
    figures = {("duration", "canary-80-20", "release"): 1260.0, ("duration", "blue-green", "release"): 300.0}
    estimates = {**whole.estimates, **{place: sample.estimate(value, 5.0) for place, value in figures.items()}}
    told = prose.reversed_measures(replace(whole, estimates=estimates))
    assert told == "canary-80-20 is worse than blue-green in: duration 21m against 5m."


def test_what_playing_on_the_same_events_saved_is_told_and_that_it_made_it_worse() -> None:
    whole = sample.findings()
    assert "took 55 % off the variance" in terminal.answer(whole).replace("\n         ", " ")
    worse = tuple(replace(each, variance_saved=-0.2) for each in whole.ruling.differences)
    assert "made the differences between them vary more" in prose.pairing(
        replace(whole, ruling=replace(whole.ruling, differences=worse))
    )
