"""What a decider asks first: the decision, how sure it is, and what it rests on, each said under its own word."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import sample

from sim.report.aspects import aspects, settled
from sim.report.markdown import summary
from sim.report.page import page
from sim.study.findings import Standing


def test_each_question_of_a_decider_is_answered_under_its_own_word() -> None:
    questions = [question for question, _ in aspects(sample.findings())]
    assert questions == ["How sure", "Weakest inputs", "Error budget", "What it costs instead", "Precision"]


def test_the_page_answers_all_of_them_before_its_first_heading() -> None:
    first = page(sample.findings(), sample.frame(), []).partition("<h2")[0]
    told = re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)", first)
    assert [question for question, _ in told] == [question for question, _ in aspects(sample.findings())]
    assert dict(told)["How sure"].startswith("blue-green and rolling are surely worse than canary-80-20")


def test_who_is_worse_equal_and_unknown_is_said_with_the_confidence_of_all_of_it() -> None:
    whole = sample.findings()
    standings = {**whole.ruling.standings, "rolling": Standing.CANNOT_TELL}
    told = settled(replace(whole, ruling=replace(whole.ruling, standings=standings)))
    assert told == (
        "blue-green is surely worse than canary-80-20; canary-slow is surely within 50 failed requests of "
        "canary-80-20; rolling cannot be told from canary-80-20 (95 % confidence in all comparisons together)."
    )


def test_cautions_take_from_the_confidence() -> None:
    assert "cautions below" in settled(sample.findings(cautions=("only 24 bad releases were played",)))
    assert "cautions below" not in settled(sample.findings())


def test_with_one_strategy_there_is_nothing_to_be_sure_of() -> None:
    whole = sample.findings()
    ruling = replace(whole.ruling, differences=(), standings={"rolling": Standing.BEST})
    assert settled(replace(whole, ruling=ruling)) == ""


@pytest.mark.parametrize("write", [summary, lambda found: page(found, sample.frame(), [])])
def test_cautions_stand_in_every_text_that_is_forwarded(write: object) -> None:
    assert callable(write)
    assert "only 24 bad releases" in write(sample.findings(cautions=("only 24 bad releases were played",)))


def test_nothing_is_said_twice_of_how_it_was_made() -> None:
    made = {"seed": "1", "played": "584", "rollrisk": "0.1.0"}
    text = page(sample.findings(provenance=made), sample.frame(), [])
    assert text.count("<dt>Seed</dt>") == 1
    assert "hours without a release included" in text
