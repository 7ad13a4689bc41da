import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sim.gates.threshold import Threshold
from sim.observation import Observation, Series
from sim.steps import Answer
from sim.telemetry import SEEN_BUCKETS, seen_bucket, seen_upper_bounds

MS = 1_000_000


def observation(*, stable=(100, 0), new=(100, 0), pay=(0, 0), nowhere=(0, 0), latencies=()) -> Observation:
    """One window of the streams browse and pay; each pair is (requests, errors)."""
    pairs = np.array([[stable, (0, 0)], [new, pay], [nowhere, (0, 0)]], dtype=np.int64)
    latency = np.zeros((3, 2, SEEN_BUCKETS), dtype=np.int64)
    for duration in latencies:
        latency[1, 0, seen_bucket(duration)] += 1
    return Observation(
        at=90,
        since=0,
        until=60,
        streams=("browse", "pay"),
        requests=pairs[:, :, 0],
        errors=pairs[:, :, 1],
        latency=latency,
    )


def answer(gate: dict, seen: Observation) -> Answer:
    return Threshold.model_validate(gate).judge(seen).answer


def test_a_success_ratio_at_the_bound_passes_and_one_error_more_fails() -> None:
    gate = {"success": "97%"}
    assert answer(gate, observation(new=(100, 3))) == Answer.PASS
    assert answer(gate, observation(new=(100, 4))) == Answer.FAIL


def test_per_version_looks_at_the_new_version_only() -> None:
    assert answer({"success": "99%"}, observation(stable=(1000, 1000), new=(100, 0))) == Answer.PASS


def test_per_service_counts_requests_for_which_no_version_could_be_chosen() -> None:
    gate = {"per": "service", "success": "99%"}
    assert answer(gate, observation(nowhere=(50, 50))) == Answer.FAIL
    assert answer({"success": "99%"}, observation(nowhere=(50, 50))) == Answer.PASS


def test_a_bad_new_version_is_diluted_in_the_whole_service() -> None:
    seen = observation(stable=(2000, 0), new=(100, 5))
    assert answer({"per": "service", "success": "99%"}, seen) == Answer.PASS
    assert answer({"per": "version", "success": "99%"}, seen) == Answer.FAIL


def test_per_stream_fails_when_any_stream_fails() -> None:
    gate = {"per": "stream", "success": "99%"}
    verdict = Threshold.model_validate(gate).judge(observation(new=(1000, 0), pay=(60, 6)))
    assert verdict.answer == Answer.FAIL
    assert verdict.reason == "pay: success 90 % is below 99 %"
    assert verdict.figures["pay: success"] == 0.9


def test_per_stream_leaves_out_a_stream_with_too_few_requests() -> None:
    assert answer({"per": "stream", "success": "99%"}, observation(new=(1000, 0), pay=(49, 49))) == Answer.PASS


@pytest.mark.parametrize(("no_data", "expected"), [("wait", "wait"), ("fail", "fail"), ("pass", "pass")])
def test_a_window_with_too_few_requests_is_answered_as_no_data_says(no_data: str, expected: str) -> None:
    gate = {"success": "99%", "min_requests": 50, "no_data": no_data}
    assert answer(gate, observation(new=(49, 49))) == expected


def test_a_slow_version_fails_and_the_reason_names_the_quantile() -> None:
    gate = Threshold.model_validate({"latency": {"quantile": "95%", "below": "1s"}})
    slow = gate.judge(observation(latencies=[100 * MS] * 90 + [3000 * MS] * 10))
    assert slow.answer == Answer.FAIL
    assert slow.reason.startswith("new version: p95 3")
    assert gate.judge(observation(latencies=[100 * MS] * 96 + [3000 * MS] * 4)).answer == Answer.PASS


def test_a_latency_gate_waits_when_nothing_is_answered_at_all() -> None:
    assert answer({"latency": {"quantile": "95%", "below": "1s"}}, observation(new=(500, 500))) == Answer.WAIT


def test_a_latency_quantile_is_interpolated_inside_its_bucket_as_prometheus_does() -> None:
    bounds = seen_upper_bounds()
    latency = np.zeros(SEEN_BUCKETS, dtype=np.int64)
    latency[10], latency[12] = 30, 70
    series = Series(requests=100, errors=0, latency=latency)
    assert series.quantile(0.65) == pytest.approx(bounds[11] + (bounds[12] - bounds[11]) * 0.5)
    assert series.quantile(0.15) == pytest.approx(bounds[9] + (bounds[10] - bounds[9]) * 0.5)


def test_a_quantile_in_the_open_bucket_is_its_lower_bound() -> None:
    latency = np.zeros(SEEN_BUCKETS, dtype=np.int64)
    latency[-1] = 10
    assert Series(requests=10, errors=0, latency=latency).quantile(0.5) == seen_upper_bounds()[-2]


@given(st.lists(st.integers(0, 10**11), min_size=1, max_size=200), st.floats(0.01, 0.99))
def test_the_quantile_an_operator_sees_is_within_a_bucket_of_the_true_one(latencies: list[int], share: float) -> None:
    latency = np.bincount([seen_bucket(each) for each in latencies], minlength=SEEN_BUCKETS)
    seen = Series(requests=len(latencies), errors=0, latency=latency).quantile(share)
    true = sorted(latencies)[max(0, int(np.ceil(share * len(latencies))) - 1)]
    assert true * 0.88 - 70_000 <= seen <= true * 1.13 + 70_000


@pytest.mark.parametrize(
    "written",
    [
        {},
        {"success": "99%", "every": "0s"},
        {"success": "99%", "window": "0s"},
        {"success": "99%", "fails": 0},
        {"success": "99%", "min_requests": 0},
        {"success": "99%", "per": "pod"},
        {"latency": {"quantile": "95%"}},
    ],
)
def test_a_gate_that_cannot_judge_is_refused(written: dict) -> None:
    with pytest.raises(ValidationError):
        Threshold.model_validate(written)


def test_only_a_gate_with_a_latency_bound_needs_latencies() -> None:
    assert not Threshold.model_validate({"success": "99%"}).needs_latency
    assert Threshold.model_validate(Threshold.example).needs_latency
