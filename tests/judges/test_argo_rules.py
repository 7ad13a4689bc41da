"""More of what Argo Rollouts asserts (analysis_test.go, factory_test.go), and what its code says beyond that."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.judges.analysis_run import (
    Limits,
    Phase,
    Result,
    is_due,
    metric_phase,
    must_end,
    next_measurement,
    problems,
    run_phase,
)

S = 10**9
FAILED, GOOD, ERROR, RUNNING = Phase.FAILED, Phase.SUCCESSFUL, Phase.ERROR, Phase.RUNNING
UNSURE = Phase.INCONCLUSIVE


def both(limits: Limits, result: Result) -> tuple[Phase, Phase]:
    """The metric's phase while the run goes on, and when it is being ended."""
    return metric_phase(limits, result, terminating=False), metric_phase(limits, result, terminating=True)


@pytest.mark.parametrize(
    ("limit", "count", "expected"),
    [
        (3, None, (GOOD, GOOD)),
        (5, None, (RUNNING, GOOD)),
        (5, 7, (FAILED, FAILED)),
        (3, 7, (GOOD, GOOD)),
        (3, 9, (GOOD, GOOD)),
        (5, 9, (RUNNING, GOOD)),
    ],
)
def test_successes_in_a_row_without_a_failure_limit(
    limit: int, count: int | None, expected: tuple[Phase, Phase]
) -> None:
    limits = Limits(interval=60 * S, count=count, failure_limit=-1, consecutive_success_limit=limit)
    assert (
        both(limits, Result(last=FAILED, finished=0, failed=3, successful=4, consecutive_success=3, count=7))
        == expected
    )


@pytest.mark.parametrize(
    ("count", "failed", "measured", "in_a_row", "expected"),
    [
        (None, 3, 7, 3, (RUNNING, GOOD)),
        (None, 5, 9, 0, (FAILED, FAILED)),
        (None, 3, 8, 4, (GOOD, GOOD)),
        (None, 5, 10, 4, (FAILED, FAILED)),
        (10, 4, 10, 3, (UNSURE, UNSURE)),
        (10, 5, 10, 3, (FAILED, FAILED)),
        (10, 4, 10, 4, (GOOD, GOOD)),
        (10, 3, 8, 3, (RUNNING, GOOD)),
        (10, 5, 8, 3, (FAILED, FAILED)),
        (10, 3, 8, 4, (GOOD, GOOD)),
        (10, 5, 9, 4, (FAILED, FAILED)),
    ],
)
def test_successes_in_a_row_beside_a_failure_limit(
    count: int | None, failed: int, measured: int, in_a_row: int, expected: tuple[Phase, Phase]
) -> None:
    limits = Limits(interval=60 * S, count=count, failure_limit=4, consecutive_success_limit=4)
    assert both(
        limits, Result(last=FAILED, finished=0, failed=failed, consecutive_success=in_a_row, count=measured)
    ) == (expected)


@pytest.mark.parametrize(
    ("errors", "limit", "expected"),
    [(5, 4, (ERROR, ERROR)), (4, 4, (RUNNING, GOOD)), (1, 0, (ERROR, ERROR)), (5, 5, (RUNNING, GOOD))],
)
def test_errors_in_a_row_end_a_metric_beyond_their_limit(
    errors: int, limit: int, expected: tuple[Phase, Phase]
) -> None:
    limits = Limits(interval=60 * S, consecutive_error_limit=limit)
    assert both(limits, Result(last=ERROR, finished=0, consecutive_error=errors)) == expected


def test_inside_a_metric_error_outranks_inconclusive_and_that_failed() -> None:
    every = Result(last=ERROR, finished=0, failed=1, inconclusive=1, consecutive_error=5)
    assert metric_phase(Limits(interval=S), every, terminating=False) == ERROR
    assert metric_phase(Limits(interval=S, consecutive_error_limit=5), every, terminating=False) == UNSURE
    assert metric_phase(
        Limits(interval=S, consecutive_error_limit=5, inconclusive_limit=1), every, terminating=False
    ) == (FAILED)


def test_a_run_that_is_ended_is_the_worst_of_what_is_complete_whatever_is_in_flight() -> None:
    flying = Limits(interval=S), Result(last=RUNNING)
    assert run_phase([flying, (Limits(), Result(phase=FAILED))], terminating=False)[0] == RUNNING
    assert run_phase([flying, (Limits(), Result(phase=FAILED))], terminating=True)[0] == FAILED
    assert run_phase([flying], terminating=True)[0] == GOOD


def test_a_dry_run_metric_neither_ends_a_run_nor_colours_it() -> None:
    dry = Limits(dry_run=True), Result(phase=ERROR)
    assert run_phase([dry, (Limits(), Result(phase=GOOD))], terminating=False)[0] == GOOD
    assert not must_end([(ERROR, True), (GOOD, False)])


PHASES = st.sampled_from([GOOD, FAILED, ERROR, UNSURE])


@given(st.lists(st.tuples(PHASES, st.booleans()), min_size=1, max_size=5))
def test_a_complete_run_is_as_bad_as_its_worst_counted_metric(found: list[tuple[Phase, bool]]) -> None:
    metrics = [(Limits(dry_run=dry), Result(phase=phase)) for phase, dry in found]
    order = [GOOD, UNSURE, ERROR, FAILED]
    worst = max((order.index(phase) for phase, dry in found if not dry), default=0)
    assert run_phase(metrics, terminating=False)[0] == order[worst]


@pytest.mark.parametrize(
    ("limits", "result", "expected"),
    [
        (Limits(interval=60 * S), Result(last=GOOD, finished=-50 * S, count=1), False),
        (Limits(interval=60 * S), Result(last=GOOD, finished=-61 * S, count=1), True),
        (Limits(interval=60 * S), Result(last=GOOD, finished=-60 * S, count=1), False),  # strictly after
        (Limits(), Result(last=GOOD, finished=-50 * S, count=1), False),  # one was all there was to be
        (Limits(), Result(last=GOOD), True),  # measured but not finished: taken up again
        (Limits(), Result(last=RUNNING), True),
        (Limits(), Result(last=RUNNING, resume=10 * S), False),
        (Limits(), Result(last=RUNNING, resume=-10 * S), True),
        (Limits(), Result(last=ERROR, finished=-120 * S), True),
        (Limits(interval=60 * S), Result(last=ERROR, finished=-11 * S), True),  # errors do not wait for the interval
        (Limits(interval=S), Result(last=ERROR, finished=-9 * S), False),
        (Limits(count=3, interval=60 * S), Result(last=GOOD, finished=-90 * S, count=3), False),
        (Limits(), Result(phase=FAILED, last=FAILED, finished=-120 * S), False),
    ],
)
def test_a_measurement_is_taken_when_it_is_due(limits: Limits, result: Result, expected: bool) -> None:
    assert is_due(limits, result, started=-1000 * S, now=0) is expected


@pytest.mark.parametrize(("started", "expected"), [(None, False), (-10, False), (-20, True), (-21, True)])
def test_the_first_measurement_waits_for_the_initial_delay_of_a_run_that_has_started(
    started: int | None, expected: bool
) -> None:
    began = None if started is None else started * S
    assert is_due(Limits(initial_delay=20 * S), Result(), started=began, now=0) is expected


def test_of_a_run_that_is_being_ended_only_what_is_in_flight_is_taken_up() -> None:
    assert is_due(Limits(), Result(last=RUNNING, resume=10 * S), started=0, now=0, terminating=True)
    assert not is_due(Limits(), Result(), started=0, now=0, terminating=True)
    assert not is_due(
        Limits(interval=S), Result(last=GOOD, finished=-9 * S, count=1), started=0, now=0, terminating=True
    )


def test_nothing_is_awaited_of_a_metric_that_is_complete_in_flight_or_without_an_interval() -> None:
    assert next_measurement(Limits(interval=S), Result(phase=GOOD, last=GOOD, finished=0), 0) is None
    assert next_measurement(Limits(interval=S), Result(last=RUNNING), 0) is None
    assert next_measurement(Limits(count=2), Result(last=GOOD, finished=0, count=1), 0) is None
    assert next_measurement(Limits(interval=S), Result(last=RUNNING, resume=7), 0) == 7


@pytest.mark.parametrize(
    ("limits", "refused"),
    [
        (Limits(failure_limit=-2, consecutive_success_limit=1, interval=S), True),
        (Limits(failure_limit=-1, consecutive_success_limit=1, interval=S), False),
        (Limits(failure_limit=-1, consecutive_success_limit=0, interval=S), True),
        (Limits(failure_limit=-1, consecutive_success_limit=4, count=3, interval=S), True),
        (Limits(failure_limit=-1, consecutive_success_limit=3, count=3, interval=S), False),
        (Limits(failure_limit=2, consecutive_success_limit=2, count=3, interval=S), True),
        (Limits(failure_limit=2, consecutive_success_limit=2, count=4, interval=S), False),
        (Limits(failure_limit=2, count=1), True),
        (Limits(inconclusive_limit=2, count=1), True),
        (Limits(consecutive_success_limit=-1), True),
        (Limits(consecutive_error_limit=-1), True),
        (Limits(count=2), True),
        (Limits(count=1), False),
    ],
)
def test_a_metric_is_refused_as_the_controller_would(limits: Limits, refused: bool) -> None:
    assert bool(problems(limits)) is refused
