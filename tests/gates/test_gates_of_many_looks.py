"""CUSUM, group-sequential and Bayesian gates on counts written by hand."""

import pytest
from gate_bench import answers, gate_of, judged, last, minutes, stopped_minute
from pydantic import ValidationError

CLEAN, BAD, NOTHING = (300, 0), (300, 9), (0, 0)
STABLE = (5700, 6)
CUSUM = {"kind": "cusum", "good": "0.1%", "bad": "1%"}
GROUPS = {"kind": "group_sequential", "looks": 3, "over": "6m"}
BAYES = {"kind": "bayes", "margin": "0%"}


def test_cusum_finds_a_late_fault_as_soon_as_an_early_one() -> None:
    early, late = minutes([BAD] * 4), minutes([CLEAN] * 30 + [BAD] * 4)
    assert stopped_minute(CUSUM, early) == 1
    assert stopped_minute(CUSUM, late) == 31


def test_a_gate_that_remembers_the_good_beginning_finds_a_late_fault_later() -> None:
    late = minutes([CLEAN] * 30 + [(300, 4)] * 10)
    cusum, mixture = (stopped_minute(each, late) for each in (CUSUM, {"kind": "mixture", "base": "0.1%"}))
    assert cusum is not None
    assert mixture is None or mixture > cusum


def test_cusum_adds_up_small_rises() -> None:
    assert stopped_minute(CUSUM, minutes([(300, 3)] * 4)) == 2


def test_cusum_waits_for_something_new() -> None:
    assert answers(judged(CUSUM | {"delay": "90s"}, minutes([CLEAN] * 3))) == "wwp"


@pytest.mark.parametrize(
    "written",
    [
        {"kind": "cusum", "good": "1%", "bad": "1%"},
        {"kind": "cusum", "good": "0.1%", "bad": "1%", "alarm_at": 0},
        {"kind": "group_sequential", "looks": 0},
        {"kind": "group_sequential", "over": "0s"},
        {"kind": "group_sequential", "alpha": "0%"},
        {"kind": "bayes", "certainty": "100%"},
        {"kind": "bayes", "prior_errors": 0},
    ],
)
def test_what_is_no_test_is_refused(written: dict) -> None:
    with pytest.raises(ValidationError):
        gate_of(written)


def test_a_group_sequential_gate_looks_as_often_as_it_says_and_then_no_more() -> None:
    verdicts = judged(GROUPS, minutes([CLEAN] * 20, [STABLE] * 20))
    assert [at // (60 * 10**9) for at, _ in verdicts.judgements] == [2, 4, 6]
    assert last(verdicts).next_in is None


def test_it_stops_a_release_that_is_plainly_worse_at_its_first_look() -> None:
    assert stopped_minute(GROUPS, minutes([(300, 30)] * 20, [STABLE] * 20)) == 2


def test_what_it_lets_pass_early_it_stops_at_the_end() -> None:
    """Six errors of eighteen are not enough for O'Brien and Fleming at a third of the way; for Pocock they are."""
    scraped = minutes([(300, 3)] * 20, [STABLE] * 20)
    assert stopped_minute(GROUPS, scraped) == 4
    assert stopped_minute(GROUPS | {"spending": "pocock"}, scraped) == 2


def test_it_goes_on_from_hold_to_hold() -> None:
    verdicts = judged(GROUPS, minutes([CLEAN] * 20, [STABLE] * 20), (0, 3), (3, 12))
    assert last(verdicts).verdict.reason.endswith("100 % of the way")
    assert last(verdicts).next_in is None


def test_it_never_spends_more_than_its_level() -> None:
    verdicts = judged(GROUPS | {"alpha": "3%"}, minutes([CLEAN] * 20, [(5700, 60)] * 20))
    spent = [judgement.verdict.figures["spent"] for _, judgement in verdicts.judgements]
    assert spent == sorted(spent)
    assert 0.015 < spent[-1] <= 0.03


def test_without_any_errors_it_stops_nothing() -> None:
    assert stopped_minute(GROUPS | {"alpha": "99%"}, minutes([CLEAN] * 20, [(5700, 0)] * 20)) is None


def test_while_one_version_serves_it_has_nothing_to_compare() -> None:
    assert stopped_minute(GROUPS, minutes([(300, 30)] * 20)) is None


def test_bayes_stops_when_the_new_version_is_worse_for_sure() -> None:
    assert stopped_minute(BAYES, minutes([BAD] * 3, [STABLE] * 3)) == 1
    assert stopped_minute(BAYES, minutes([CLEAN] * 30, [STABLE] * 30)) is None


def test_a_margin_lets_small_rises_pass() -> None:
    scraped = minutes([(300, 2)] * 6, [STABLE] * 6)
    assert stopped_minute(BAYES, scraped) is not None
    assert stopped_minute(BAYES | {"margin": "1%"}, scraped) is None


def test_bayes_tells_the_chance_it_rests_on_and_a_flat_prior_makes_no_errors_in_few_requests_suspect() -> None:
    chances = [
        last(judged(BAYES, minutes([CLEAN] * length, [STABLE] * length))).verdict.figures["chance"]
        for length in (2, 20)
    ]
    assert chances[0] > 0.5 > 0.05 > chances[1]
