"""Gates of real tools on cases from public reports: when they have data, when they abort, and what that costs."""

from pathlib import Path

import pytest

from sim.journal import Milestone
from sim.replication import Record, replicate
from sim.scenario import load
from sim.steps import Answer, Decision

TESTS = Path(__file__).parents[1]
INCIDENTS = TESTS.parent / "scenarios" / "incidents"
SECOND = 10**9


def played(file: Path, strategy: str, case: str, index: int = 0) -> Record:
    return replicate(load(file), strategy=strategy, case=case, index=index, story=True)


def seconds_of_failures(record: Record) -> list[float]:
    """When a gate's looks failed, seconds from its first look."""
    assert record.journal is not None
    verdicts = record.journal.verdicts
    return [(at - verdicts[0][0]) / SECOND for at, _, verdict in verdicts if verdict.answer is Answer.FAIL]


@pytest.mark.parametrize("strategy", ["canary", "blue-green"])
@pytest.mark.parametrize("index", range(3))
def test_the_usual_query_has_data_before_the_fifth_measurement_and_promotes_a_good_release(
    strategy: str, index: int
) -> None:
    record = played(TESTS / "cases" / "argo-gate-defaults.yaml", strategy, "good", index)
    assert record.journal is not None
    assert record.journal.decision is Decision.PROMOTED


@pytest.mark.parametrize("index", range(5))
def test_flagger_every_thirty_seconds_promotes_a_good_release_with_at_most_one_failed_check(index: int) -> None:
    record = played(TESTS / "cases" / "flagger-30s.yaml", "canary", "good", index)
    assert record.journal is not None
    assert record.journal.decision is Decision.PROMOTED
    assert len(seconds_of_failures(record)) <= 1
    decided = (record.journal.milestones[Milestone.DECIDED] - record.journal.milestones[Milestone.STARTED]) / SECOND
    assert 180 <= decided <= 300


def test_a_background_run_measures_on_through_short_pauses_and_aborts_at_its_third_failure() -> None:
    """One run in fifteen needs one measurement more: its first error comes after the first scrape of the pod."""
    file = TESTS / "cases" / "background-run-short-holds.yaml"
    records = [played(file, "canary", "errors", index) for index in range(5)]
    assert all(each.journal is not None and each.journal.decision is Decision.ABORTED for each in records)
    aborted = sorted(seconds_of_failures(each)[-1] for each in records)
    failed = sorted(each.values["failed_requests"] for each in records)
    assert 60 <= aborted[0] <= aborted[2] <= 91
    assert aborted[-1] <= 121
    assert 60 <= failed[2] <= 200


@pytest.mark.parametrize("strategy", ["argo", "flagger"])
def test_it_is_the_outage_of_the_monitoring_that_takes_a_good_release_back(strategy: str) -> None:
    record = played(INCIDENTS / "f12-monitoring-outage.yaml", strategy, "good")
    assert record.journal is not None
    assert record.journal.decision is Decision.ABORTED
    assert 240 < record.journal.milestones[Milestone.DETECTED] / SECOND < 9 * 60
