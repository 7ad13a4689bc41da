import pytest
from gate_bench import answers, gate_of, judged, last, minutes, stopped_minute
from pydantic import ValidationError

from sim.steps import Answer

GOOD, BAD, NOTHING = (100, 0), (100, 10), (0, 0)


def argo(**metric: object) -> dict:
    first = {"success_condition": "result >= 99%", "interval": "1m", "initial_delay": "1m"}
    return {"kind": "argo", "window": "65s", "metrics": {"success-rate": first | metric}}


def test_failures_are_counted_over_the_whole_run_and_never_in_a_row() -> None:
    counts = [BAD, GOOD, BAD, GOOD, BAD, GOOD, BAD, GOOD]
    assert stopped_minute(argo(failure_limit=3), minutes(counts)) == 7


def test_a_failure_limit_of_three_lets_three_failures_pass() -> None:
    assert stopped_minute(argo(failure_limit=3), minutes([BAD, BAD, BAD, GOOD, GOOD])) is None


def test_the_default_limit_aborts_at_the_first_failure() -> None:
    assert stopped_minute(argo(), minutes([GOOD, BAD, GOOD])) == 2


def test_without_an_initial_delay_the_first_measurement_comes_at_once_and_finds_nothing() -> None:
    verdicts = judged(argo(initial_delay="0s"), minutes([GOOD] * 3))
    assert verdicts.judgements[0][0] == 0
    assert "no data error" in verdicts.judgements[0][1].verdict.reason


def test_silent_metrics_abort_forty_seconds_after_the_first_error() -> None:
    """Five errors in a row, ten seconds apart (limit 4): a monitoring outage aborts releases."""
    assert stopped_minute(argo(), minutes([NOTHING] * 5)) == pytest.approx(1 + 40 / 60)


def test_nan_from_an_idle_service_fails_where_the_query_yields_it() -> None:
    assert stopped_minute(argo(no_data="nan"), minutes([NOTHING] * 5)) == 1


def test_a_guard_for_empty_results_lets_an_idle_service_pass() -> None:
    assert stopped_minute(argo(no_data="success"), minutes([NOTHING] * 5)) is None


def test_with_both_conditions_what_meets_neither_is_inconclusive_and_stops_nothing() -> None:
    written = argo(success_condition="result >= 99%", failure_condition="result < 80%")
    verdicts = judged(written, minutes([BAD, BAD, BAD]))
    assert answers(verdicts) == "i"
    assert not last(verdicts).stop


def test_a_metric_with_a_count_completes_and_the_gate_looks_no_more() -> None:
    verdicts = judged(argo(count=2), minutes([GOOD, GOOD, BAD, BAD]))
    assert answers(verdicts) == "wp"
    assert last(verdicts).next_in is None


def test_a_dry_run_metric_aborts_nothing() -> None:
    assert stopped_minute(argo(dry_run=True), minutes([BAD] * 4)) is None


def test_one_failed_metric_ends_the_run_for_all() -> None:
    written = argo()
    written["metrics"]["errors"] = {"value": "errors", "failure_condition": "result > 50%", "interval": "1m"}
    written["metrics"]["errors"] |= {"initial_delay": "1m"}
    verdict = last(judged(written, minutes([BAD] * 4))).verdict
    assert verdict.answer == Answer.FAIL
    assert "run failed" in verdict.reason


def test_a_run_per_step_forgets_its_failures_at_the_next_hold_and_a_background_run_does_not() -> None:
    scraped = minutes([BAD, BAD, BAD, BAD, BAD, GOOD])
    holds = ((0, 2), (2, 4), (4, 6))
    assert stopped_minute(argo(failure_limit=2), scraped, *holds) is None
    assert stopped_minute(argo(failure_limit=2) | {"run": "background"}, scraped, *holds) is not None


@pytest.mark.parametrize(
    "metric",
    [
        {"success_condition": "result is fine"},
        {"value": "cpu"},
        {"interval": "0s"},
        {"count": 2, "interval": None},
        {"failure_limit": -1},
    ],
)
def test_a_metric_the_controller_would_refuse_is_refused(metric: dict) -> None:
    with pytest.raises(ValidationError):
        gate_of(argo(**metric))
