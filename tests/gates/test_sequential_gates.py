"""Gates that judge all there has been: mixture, two_arm, sprt, fisher, burn_rate."""

import pytest
from gate_bench import answers, gate_of, judged, last, minutes, stopped_minute
from pydantic import ValidationError

from sim.gates.fisher import one_sided_p

GOOD, BAD = (300, 0), (300, 6)
STABLE = (5700, 6)
MIXTURE = {"kind": "mixture", "base": "0.1%"}
TWO_ARM = {"kind": "two_arm"}
SPRT = {"kind": "sprt", "good": "0.1%", "bad": "1%", "alpha": "1%", "beta": "10%"}
FISHER = {"kind": "fisher", "after": "5m"}
BURN = {"kind": "burn_rate", "success": "99.9%"}


@pytest.mark.parametrize("written", [MIXTURE, TWO_ARM, SPRT, FISHER, BURN])
def test_a_bad_release_is_stopped_and_a_good_one_is_not(written: dict) -> None:
    assert stopped_minute(written, minutes([BAD] * 20, [STABLE] * 20)) is not None
    assert stopped_minute(written, minutes([GOOD] * 20, [STABLE] * 20)) is None


@pytest.mark.parametrize("written", [MIXTURE, TWO_ARM])
def test_evidence_goes_on_from_hold_to_hold(written: dict) -> None:
    counts = [(300, 1), (300, 1), (300, 2), (300, 2), (300, 2), (300, 2)]
    whole = judged(written, minutes(counts, [STABLE] * 6))
    parts = judged(written, minutes(counts, [STABLE] * 6), (0, 3), (3, 6))
    assert [each.verdict.figures for _, each in parts.judgements] == [
        each.verdict.figures for _, each in whole.judgements
    ]


def test_what_the_running_version_suffers_too_is_no_evidence_for_the_two_arm_gate() -> None:
    """An outage of a dependency: one in ten of both versions' requests fails."""
    shared = minutes([(300, 30)] * 20, [(5700, 570)] * 20)
    assert stopped_minute(TWO_ARM, shared) is None
    assert stopped_minute(MIXTURE, shared) == 1


def test_the_two_arm_gate_says_when_there_is_nothing_to_compare() -> None:
    verdict = last(judged(TWO_ARM, minutes([BAD] * 3))).verdict
    assert "nothing to compare" in verdict.reason
    assert verdict.answer == "pass"


def test_the_two_arm_gate_is_right_through_a_change_of_weight() -> None:
    """Both versions fail alike; the weight goes from 5 % to 50 %: errors follow requests, that is no evidence."""
    new = [(300, 3)] * 10 + [(3000, 30)] * 10
    stable = [(5700, 57)] * 10 + [(3000, 30)] * 10
    verdicts = judged(TWO_ARM, minutes(new, stable))
    assert max(each.verdict.figures["evidence"] for _, each in verdicts.judgements) <= 1.0


def test_the_ratio_test_passes_a_good_release_and_then_looks_no_more() -> None:
    verdicts = judged(SPRT, minutes([GOOD] * 5))
    assert answers(verdicts) == "p"
    assert last(verdicts).next_in is None


def test_fisher_tests_once_at_the_time_set_beforehand() -> None:
    verdicts = judged(FISHER, minutes([BAD] * 10, [STABLE] * 10))
    assert answers(verdicts) == "wwwwf"


def test_fisher_that_passed_is_not_asked_again() -> None:
    late = minutes([GOOD] * 5 + [BAD] * 10, [STABLE] * 15)
    assert answers(judged(FISHER, late)) == "wwwwp"
    assert stopped_minute(FISHER | {"peek": True}, late) is not None


def test_fishers_p_counts_the_tables_as_bad_and_worse() -> None:
    """Worked by hand: two of two errors with three of six requests: C(3,2) / C(6,2) = 3 / 15."""
    assert one_sided_p((3, 2), (3, 0)) == pytest.approx(0.2)
    assert one_sided_p((3, 0), (3, 2)) == pytest.approx(1.0)


def test_burn_is_judged_in_both_windows() -> None:
    """An hour ago all was bad, the last five minutes are clean: the long window burns, the short does not."""
    counts = [(300, 300)] * 2 + [(300, 0)] * 10
    written = BURN | {"rules": [{"long": "1h", "short": "5m", "burn": 14.4}], "every": "10m"}
    verdicts = judged(written, minutes(counts))
    assert last(verdicts).verdict.figures["burn over 1h"] > 14.4


def test_a_burn_on_the_whole_service_does_not_see_a_small_canary() -> None:
    canary = minutes([(300, 30)] * 30, [STABLE] * 30)
    assert stopped_minute(BURN, canary) == 1
    assert stopped_minute(BURN | {"per": "service"}, canary) is None


def test_a_burn_on_the_whole_service_sees_it_at_full_weight_after_a_share_of_the_window() -> None:
    """All requests fail for good: 14.4 of an hour's budget are spent after 0.864 minutes, so the first look fires."""
    everything = minutes([(6000, 6000)] * 5)
    assert stopped_minute(BURN | {"per": "service"}, everything) == 1


@pytest.mark.parametrize(
    "written",
    [
        {"kind": "mixture", "base": "0%"},
        {"kind": "mixture", "base": "1%"},
        {"kind": "mixture"},
        {"kind": "two_arm", "alpha": "100%"},
        {"kind": "sprt", "good": "1%", "bad": "0.1%"},
        {"kind": "sprt", "good": "0.1%", "bad": "1%", "alpha": "60%", "beta": "50%"},
        {"kind": "fisher", "alpha": "0%"},
        {"kind": "burn_rate", "success": "100%"},
        {"kind": "burn_rate", "success": "99%", "rules": []},
        {"kind": "burn_rate", "success": "99%", "rules": [{"long": "5m", "short": "1h", "burn": 2}]},
    ],
)
def test_a_test_that_is_none_is_refused(written: dict) -> None:
    with pytest.raises(ValidationError):
        gate_of(written)
