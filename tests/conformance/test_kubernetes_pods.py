"""Back-off, probes, endpoints, pulls, grace and the order of deletion, against Kubernetes' own tests."""

import sys
from pathlib import Path
from typing import Any

import pytest

from sim.cluster.backoff import KUBELET, NOTHING_KNOWN, BackOff, Pace
from sim.cluster.deletion import Candidate, compare, deletion_order
from sim.cluster.endpoint_conditions import conditions
from sim.cluster.grace import Kill, grace_of
from sim.cluster.probing import Purpose, Thresholds, before_the_first
from sim.cluster.pulling import Attempted, PullPolicy, attempt

sys.path.insert(0, str(Path(__file__).parent))
from peers import SECOND, cases, nanoseconds

Case = dict[str, Any]


def pace_of(case: Case) -> Pace:
    return Pace.of(case["initial_s"] * SECOND, case["max_s"] * SECOND)


@pytest.mark.parametrize("case", cases("k8s_backoff"))
def test_exponential_back_off(case: Case) -> None:
    pace, known = pace_of(case), NOTHING_KNOWN
    if "reset_after_s" in case:
        assert pace == KUBELET
        assert pace.forgotten == case["reset_after_s"] * SECOND
    if "trace" in case:
        for at, waits, value in case["trace"]:
            now = round(at * SECOND)
            assert (known.holds_since_update(now, pace), known.wait) == (waits, round(value * SECOND))
            known = known if waits else known.following(now, now, pace)
    elif "next_calls_at_s" in case:
        for at in case["next_calls_at_s"]:
            known = known.following(at * SECOND, at * SECOND, pace)
        for word in (word for word in case if word.startswith("in_backoff_since_event_")):
            event, at = (int(part) * SECOND for part in word.removeprefix("in_backoff_since_event_").split("_at_"))
            assert known.holds_since(event, at, pace) == case[word]
    else:
        assert _sequence(case, pace) == case["expected_sequence"]


def _sequence(case: Case, pace: Pace) -> list[int]:
    """What is waited before each of the calls, one step apart; a derived row begins with the first wait."""
    known, waits = NOTHING_KNOWN, []
    for place in range(len(case["expected_sequence"]) + 1):
        waits.append(known.wait // SECOND)
        now = place * case.get("steps_s", 0) * SECOND
        known = known.following(now, now, pace)
    return waits[1:] if case["expected_sequence"][0] else waits[:-1]


@pytest.mark.parametrize("case", cases("k8s_probe_results"))
def test_what_a_prober_reports(case: Case) -> None:
    state = before_the_first(Purpose(case["probe"]))
    if "expected_initial" in case:
        assert state.result == case["expected_initial"]
        return
    thresholds = Thresholds(case["failure_threshold"], case["success_threshold"])
    reported = []
    for result in case["results"]:
        state = state.after(bool(result), thresholds)
        reported.append(state.result.value)
    assert reported == case["expected"]


@pytest.mark.parametrize("case", cases("k8s_endpoint_conditions"))
def test_the_conditions_of_an_endpoint(case: Case) -> None:
    found = conditions(
        pod_ready=case["pod_ready"], terminating=case["terminating"], publish_not_ready=case["publish_not_ready"]
    )
    assert found._asdict() == case["expected"]


@pytest.mark.parametrize("case", cases("k8s_image_pull"))
def test_attempts_to_have_an_image(case: Case) -> None:
    known, pace, found = BackOff(), pace_of(case), []
    present = case["image_present"]
    for place in range(len(case["expected"])):
        what, known = attempt(
            known,
            (place + 1) * case["attempt_every_s"] * SECOND,
            policy=PullPolicy(case["policy"]),
            present=present,
            pull_fails=case["pull_fails"],
            inspect_fails=case.get("inspect_fails", False),
            pace=pace,
        )
        found.append(what.value)
    # an image taken from the node and one pulled are both no error, which is all the real tests tell apart
    alike = {Attempted.PRESENT.value: "there", Attempted.PULLED.value: "there"}
    assert [alike.get(each, each) for each in found] == [alike.get(each, each) for each in case["expected"]]


@pytest.mark.parametrize("case", cases("k8s_termination_grace"))
def test_the_grace_of_a_kill(case: Case) -> None:
    found = grace_of(
        Kill(case["reason"]),
        nanoseconds(case["pod_grace_s"]),
        liveness=nanoseconds(case["liveness_probe_grace_s"]),
        startup=nanoseconds(case["startup_probe_grace_s"]),
    )
    assert found == case["expected_s"] * SECOND


NOW = 10**9 * SECOND


def candidate(written: Case, uid: int) -> Candidate:
    def moment(word: str) -> int | None:
        ago = nanoseconds(written.get(word))
        return None if ago is None else NOW - ago

    return Candidate(
        assigned=bool(written["assigned"]),
        phase=written["phase"],
        ready=bool(written["ready"]),
        cost=written.get("deletion_cost", written.get("cost", 0)) or 0,
        doubled=written["rank"],
        ready_since=moment("ready_since_ago_s"),
        restarts=written["restarts"],
        created_at=moment("created_ago_s"),
        uid=uid,
    )


@pytest.mark.parametrize("case", cases("k8s_pod_deletion_order"))
def test_which_of_two_pods_goes_first(case: Case) -> None:
    first, second = candidate(case["first"], uid=2), candidate(case["second"], uid=1)
    assert compare(first, second, NOW) < 0 < compare(second, first, NOW)
    assert deletion_order([second, first], NOW) == [first, second]
