"""The terminal answer: 80 columns, the verdict always, what does not fit above it."""

from dataclasses import replace

import sample

from sim.report.table import comparison
from sim.report.terminal import answer, verdict
from sim.study.findings import Check, Stopped

FLEET = "8 pods carry 174 rps; peak 100 rps = 57 %; one node lost 115 % !"


def test_the_answer_fits_eighty_columns_and_has_no_control_characters() -> None:
    text = answer(sample.findings(), page="results/checkout-3f9c21/report.html", fleet=FLEET)
    assert max(len(line) for line in text.splitlines()) <= 80
    assert all(letter.isprintable() or letter == "\n" for letter in text)


def test_many_strategies_are_laid_out_in_several_tables_within_eighty_columns() -> None:
    names = tuple(f"strategy-number-{number}" for number in range(7))
    whole = sample.findings()
    estimates = {
        (measure, name, given): estimate
        for (measure, strategy, given), estimate in whole.estimates.items()
        for name in names
        if strategy == "rolling"
    }
    text = answer(replace(whole, strategies=names, estimates=estimates, stopped={}))
    assert max(len(line) for line in text.splitlines()) <= 80
    assert all(name in text for name in names)


def test_the_comparison_says_what_each_strategy_costs_with_its_noise() -> None:
    rows = {row.label: row for row in comparison(sample.findings())}
    assert rows["failed requests, if bad"].cells["canary-80-20"].text == "620 ±49"
    assert rows["failed requests, if bad"].cells["canary-80-20"].interval == "571 to 669"
    assert rows["failed requests, 8 % bad"].cells["rolling"].text == "328 ±26"
    assert rows["  for 4 to 15 % bad"].cells["blue-green"].text == "116-435"
    assert rows["stopped: gate/on-call/nobody"].cells["canary-80-20"].text == "64/16/20"
    assert rows["peak pods / nodes / DB conns"].cells["rolling"].text == "10/3/160"


def test_the_verdict_names_the_strategy_and_what_the_noise_is() -> None:
    text = " ".join(" ".join(verdict(sample.findings())).split())
    assert text.startswith("VERDICT Use canary-80-20. It saves 182 ±16 failed requests")
    assert text.endswith("± is simulation noise.")


def test_a_model_that_does_not_reproduce_today_is_said_above_the_verdict() -> None:
    off = Check(name="p95", modelled=0.9, observed=0.48, off=0.875, fits=False)
    text = answer(sample.findings(checks=(off,)))
    assert "DOES NOT FIT" in text
    assert text.index("CAUTION") < text.index("VERDICT")


def test_a_criterion_is_told_with_what_was_found_and_for_whom() -> None:
    text = answer(sample.findings())
    assert "ok budget_burnt of canary-80-20, given bad: p95 6.1 % < 10%" in text
    assert "FAILED headroom of any, given bad: min 8 % > 15% (blue-green)" in text


def test_rows_without_any_figure_are_left_out() -> None:
    bare = sample.findings(estimates={}, stopped=dict[str, Stopped](), shipping={})
    assert [row.label for row in comparison(bare)] == ["  for 4 to 15 % bad"]


def test_precision_that_was_not_reached_is_said() -> None:
    assert "NOT REACHED" in answer(sample.findings(precision_met=False))
    assert "Interrupted" in answer(sample.findings(interrupted=True))
