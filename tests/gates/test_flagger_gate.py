import pytest
from gate_bench import gate_of, judged, last, minutes, stopped_minute
from pydantic import ValidationError

GOOD, BAD, NOTHING = (100, 0), (100, 10), (0, 0)


def flagger(**words: object) -> dict:
    return {"kind": "flagger", "success": "99%"} | words


def test_the_rollback_comes_one_tick_after_the_last_failed_check() -> None:
    assert stopped_minute(flagger(threshold=1), minutes([BAD, GOOD, GOOD])) == 2


def test_failed_checks_add_up_over_the_whole_analysis() -> None:
    assert stopped_minute(flagger(threshold=3), minutes([BAD, GOOD, BAD, GOOD, GOOD, BAD, GOOD])) == 7


def test_failed_checks_are_kept_from_step_to_step() -> None:
    scraped = minutes([BAD] * 6)
    assert stopped_minute(flagger(threshold=4), scraped, (0, 2), (2, 4), (4, 6)) == 5


def test_a_tick_without_requests_is_a_failed_check() -> None:
    assert stopped_minute(flagger(threshold=2), minutes([NOTHING] * 4)) == 3


def test_a_tick_without_requests_passes_where_that_is_asked_for() -> None:
    assert stopped_minute(flagger(threshold=2, no_data="pass"), minutes([NOTHING] * 4)) is None


def test_a_threshold_not_above_zero_is_one() -> None:
    assert stopped_minute(flagger(threshold=0), minutes([BAD, GOOD])) == 2


def test_a_success_ratio_at_the_bound_passes() -> None:
    assert stopped_minute(flagger(), minutes([(100, 1)] * 4)) is None


def test_each_tick_tells_how_many_checks_have_failed() -> None:
    assert last(judged(flagger(threshold=5), minutes([BAD, BAD]))).tally == "2 of 5 failed checks"


def test_without_anything_to_check_it_is_refused() -> None:
    with pytest.raises(ValidationError):
        gate_of({"kind": "flagger"})
