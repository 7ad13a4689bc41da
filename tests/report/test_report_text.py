"""Markdown for a pull request and JSON for a script: the same findings, harmless and parseable."""

import json
import math
from dataclasses import replace

import sample

from sim.report import document, prose, terminal
from sim.report.markdown import plain, summary


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
