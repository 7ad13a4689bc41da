"""Gates that hold the weight: Flagger's failed checks, and Argo's inconclusive runs that wait for a person."""

from functools import cache

import pytest

from sim.journal import Journal, Milestone
from sim.replication import replicate
from sim.scenario import from_text
from sim.steps import Decision, Detector

S = 10**9
MINUTE = 60 * S

TEXT = """
rollrisk: 1
name: held
service:
  replicas: 4
  concurrency: 4
  queue: 50
  endpoint_lag: 0s
  pod:
    app: {{image: 100MB, cpu: 500m, memory: 256Mi, start: 5s}}
nodes: {{count: 3, cpu: 4, memory: 16Gi}}
traffic:
  streams:
    web: {{peak: 40/s, work: 20ms}}
release:
  baseline_errors: 0%
  change_failure_rate: 10%
  defects:
    passing: {{share: 100%, kind: error_rate, rate: 50%, after: 2m, lasts: 3m}}
oncall: {oncall}
gates:
  flagger: {{kind: flagger, success: 99%, threshold: 20, delay: 0s}}
  stop: {{kind: flagger, success: 99%, threshold: 2, delay: 0s}}
  unsure: {unsure}
  limited: {limited}
  counted: {{kind: argo, delay: 0s, metrics: {{rate: {{success_condition: result >= 99%, interval: 1m,
    initial_delay: 1m, count: 8}}}}}}
  endless: {{kind: argo, delay: 0s, metrics: {{rate: {{success_condition: result >= 99%, interval: 1m,
    initial_delay: 1m}}}}}}
  behind: {{kind: argo, delay: 0s, run: background, metrics: {{rate: {{success_condition: result >= 99%, interval: 1m,
    initial_delay: 1m, count: 8}}}}}}
strategies:
  counted: {{kind: canary, gate: counted, steps: [{{weight: 25%, hold: 1m}}, {{weight: 50%, hold: 9m}}]}}
  endless: {{kind: canary, gate: endless, steps: [{{weight: 25%, hold: 1m}}, {{weight: 50%, hold: 9m}}]}}
  behind: {{kind: canary, gate: behind, steps: [{{weight: 25%, hold: 1m}}, {{weight: 50%, hold: 9m}}]}}
  approved: {{kind: canary, gate: stop, steps: [{{weight: 25%, hold: 1m, approve: true}}, {{weight: 50%, hold: 1m}}]}}
  approved-alone: {{kind: canary, steps: [{{weight: 25%, hold: 0s, approve: true}}, {{weight: 50%, hold: 1m}}]}}
  approved-switch: {{kind: blue_green, approve: true, keep_old: 1m}}
  counted-only: {{kind: canary, gate: counted, steps: [{{weight: 25%, hold: 0s}}, {{weight: 50%, hold: 0s}}]}}
  counted-dry: {{kind: canary, dry: [counted], steps: [{{weight: 25%, hold: 1m}}, {{weight: 50%, hold: 9m}}]}}
  flagger: {{kind: canary, gate: flagger, steps: [{{weight: 25%, hold: 5m}}]}}
  dry: {{kind: canary, dry: [flagger], steps: [{{weight: 25%, hold: 5m}}]}}
  stop: {{kind: canary, gate: stop, steps: [{{weight: 25%, hold: 5m}}]}}
  unsure: {{kind: canary, gate: unsure, steps: [{{weight: 25%, hold: 6m}}]}}
  limited: {{kind: canary, gate: limited, steps: [{{weight: 25%, hold: 6m}}]}}
  unsure-dry: {{kind: canary, dry: [unsure], steps: [{{weight: 25%, hold: 6m}}]}}
study: {{horizon: 1h, pilot: 2, cap: 2}}
"""
METRIC = "{rate: {success_condition: result >= 99%, failure_condition: result < 10%, interval: 1m, initial_delay: 30s}}"
UNSURE = f"{{kind: argo, delay: 0s, metrics: {METRIC}}}"
LIMITED = f"{{kind: argo, delay: 0s, pause_limit: 4m, metrics: {METRIC}}}"


@cache
def journal(strategy: str, case: str = "passing", oncall: str = "{notices_at: 90%, reacts: 10m}") -> Journal:
    scenario = from_text(TEXT.format(unsure=UNSURE, limited=LIMITED, oncall=oncall))
    record = replicate(scenario, strategy=strategy, case=case, index=0, story=True)
    assert record.journal is not None
    return record.journal


def holds(journal: Journal) -> tuple[float, float]:
    """Minutes from the beginning of the hold to the decision, and how many checks failed."""
    began = next(event.at for event in journal.events if event.what.startswith("hold for"))
    failed = sum(verdict.answer == "fail" for _, _, verdict in journal.verdicts)
    return round((journal.milestones[Milestone.DECIDED] - began) / S) / 60, failed


def first_hold(journal: Journal) -> float:
    """Minutes of the first step, from its hold to the next weight."""
    began = next(event.at for event in journal.events if event.what.startswith("hold"))
    ended = [event.at for event in journal.events if event.at > began and event.what.startswith("weight")]
    return round((ended[0] - began) / S) / 60


def told(journal: Journal, who: str) -> list[str]:
    return [event.what for event in journal.events if event.who == who]


def test_a_good_release_is_held_as_long_as_its_step_says() -> None:
    minutes, failed = holds(journal("flagger", case="good"))
    assert failed == 0
    assert 5 <= minutes < 6


def test_each_failed_check_of_flagger_holds_the_weight_one_tick_longer() -> None:
    (good, _), (bad, failed) = holds(journal("flagger", case="good")), holds(journal("flagger"))
    assert failed >= 3
    assert bad == pytest.approx(good + failed, abs=0.3)
    assert journal("flagger").decision is Decision.PROMOTED


def test_flagger_rolls_back_in_the_hold_in_which_its_checks_failed() -> None:
    found = journal("stop")
    assert (found.decision, found.detected_by) == (Decision.ABORTED, Detector.GATE)
    assert [event.what for event in found.events if event.what.startswith("weight")] == [
        "weight of the new version 25 %",
        "weight of the new version 0 %",
    ]


def test_a_dry_flagger_holds_nothing() -> None:
    assert journal("dry").milestones[Milestone.DECIDED] == journal("dry", case="good").milestones[Milestone.DECIDED]


def test_an_inconclusive_run_pauses_the_rollout_until_the_person_has_reacted() -> None:
    found = journal("unsure")
    paused = next(event.at for event in found.events if event.what.startswith("the rollout is paused"))
    resumed = next(event.at for event in found.events if event.what.endswith("resumes the rollout"))
    assert resumed - paused == 10 * MINUTE
    assert found.decision is Decision.PROMOTED


def test_a_resumed_rollout_is_analysed_anew_for_a_whole_step() -> None:
    found = journal("unsure")
    resumed = next(event.at for event in found.events if event.what.endswith("resumes the rollout"))
    later = [verdict for at, _, verdict in found.verdicts if at > resumed]
    assert [str(verdict.answer) for verdict in later] == ["wait"] * 6
    assert found.milestones[Milestone.DECIDED] >= resumed + 6 * MINUTE


def test_nobody_on_call_leaves_the_rollout_paused_to_the_end() -> None:
    found = journal("unsure", oncall="none")
    assert found.decision is Decision.UNFINISHED
    assert "nobody is on call to resume the rollout" in told(found, "on-call")


def test_a_limit_to_the_pause_takes_the_release_back() -> None:
    found = journal("limited")
    paused = next(event.at for event in found.events if event.what.startswith("the rollout is paused"))
    assert (found.decision, found.detected_by) == (Decision.ABORTED, Detector.GATE)
    assert found.milestones[Milestone.ROLLBACK] == paused + 4 * MINUTE


def test_a_limit_that_is_not_reached_changes_nothing() -> None:
    quick = "{notices_at: 90%, reacts: 1m}"
    assert holds(journal("limited", oncall=quick)) == holds(journal("unsure", oncall=quick))


def test_the_person_asked_rolls_back_where_the_dashboard_shows_trouble() -> None:
    found = journal("unsure", oncall="{notices_at: 5%, reacts: 2m, window: 1m}")
    assert found.decision is Decision.ABORTED
    assert found.stopped_by is Detector.ON_CALL


def test_a_dry_inconclusive_run_pauses_nothing_and_says_that_it_would_have() -> None:
    found = journal("unsure-dry")
    assert any(what.endswith("it would have paused the rollout here") for what in told(found, "unsure"))
    assert not any(what.startswith("the rollout is paused") for what in told(found, "unsure"))


def test_a_hold_lasts_until_an_analysis_run_that_ends_by_itself_has_ended() -> None:
    """Eight measurements a minute apart, the first after a minute."""
    assert first_hold(journal("counted", case="good")) == pytest.approx(8, abs=0.2)


def test_a_step_without_a_hold_of_its_own_is_held_for_its_run_and_a_bake_that_is_not_written_is_not() -> None:
    found = journal("counted-only", case="good")
    assert first_hold(found) == pytest.approx(8, abs=0.2)
    assert sum(event.what == "hold" for event in found.events) == 2


@pytest.mark.parametrize("strategy", ["endless", "behind", "counted-dry"])
def test_runs_without_an_end_in_the_background_or_dry_hold_nothing_longer(strategy: str) -> None:
    assert first_hold(journal(strategy, case="good")) == pytest.approx(1, abs=0.2)


def test_a_release_that_fails_after_its_written_hold_is_stopped_while_the_run_goes_on() -> None:
    """The defect begins two minutes after the release; the hold was to last one."""
    found = journal("counted")
    assert (found.decision, found.detected_by) == (Decision.ABORTED, Detector.GATE)
    assert not any(event.what.startswith("weight of the new version 50 %") for event in found.events)
    assert any(event.what.startswith("weight of the new version 50 %") for event in journal("endless").events)


def moment(journal: Journal, what: str) -> int:
    return next(event.at for event in journal.events if event.what.startswith(what))


@pytest.mark.parametrize(
    ("strategy", "after"),
    [("approved", "weight of the new version 50"), ("approved-alone", "weight of the new version 50"),
     ("approved-switch", "everything to the new")],
)  # fmt: skip
def test_what_has_to_be_approved_waits_for_the_person_to_react(strategy: str, after: str) -> None:
    found = journal(strategy, case="good")
    asked, answered = moment(found, "waits for a person"), moment(found, "sees no trouble and resumes")
    assert answered - asked == 10 * MINUTE
    assert moment(found, after) >= answered
    assert found.decision is Decision.PROMOTED


def test_the_gate_goes_on_judging_while_the_person_is_waited_for() -> None:
    """The defect begins after the hold has ended; nobody has let the rollout go on by then."""
    found = journal("approved")
    assert moment(found, "waits for a person") < moment(found, "the rollback starts")
    assert (found.decision, found.detected_by) == (Decision.ABORTED, Detector.GATE)


def test_a_person_asked_while_there_is_trouble_takes_the_release_back() -> None:
    found = journal("approved-alone", oncall="{notices_at: 5%, reacts: 3m, window: 1m}")
    assert moment(found, "sees trouble and rolls back") - moment(found, "waits for a person") == 3 * MINUTE
    assert found.stopped_by is Detector.ON_CALL


def test_what_has_to_be_approved_stays_where_it_is_with_nobody_on_call() -> None:
    assert journal("approved-switch", case="good", oncall="none").decision is Decision.UNFINISHED
