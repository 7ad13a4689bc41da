"""Markdown for a pull request and JSON for a script: the same findings, harmless and parseable."""

import json
import math

import sample

from sim.report import document
from sim.report.markdown import plain, summary


def test_markdown_holds_question_verdict_table_and_limits() -> None:
    text = summary(sample.findings(), fleet="8 pods carry 174 rps")
    for part in ("## Release risk: checkout", "**Use canary-80-20.", "| failed requests, if bad |", "### Limits"):
        assert part in text


def test_every_row_of_the_markdown_table_has_as_many_cells_as_its_head() -> None:
    lines = [line for line in summary(sample.findings(name="a|b")).splitlines() if line.startswith("|")]
    assert len({line.replace("\\|", "").count("|") for line in lines}) == 1


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
