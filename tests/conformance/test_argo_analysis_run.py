"""Argo Rollouts' own assertions on AnalysisRuns, put to the functions the argo gate asks."""

from typing import Any

import pytest
from judge_cases import cases
from pydantic import ValidationError

from sim.gates.argo import ArgoMetric
from sim.judges.analysis_run import (
    Limits,
    Phase,
    Result,
    is_due,
    measurement_phase,
    metric_phase,
    must_end,
    next_measurement,
    run_phase,
    worse,
)

S = 10**9
NOW = 10_000 * S


def limits_of(metric: dict[str, Any]) -> Limits:
    fields = {name: value for name, value in metric.items() if name in Limits.__dataclass_fields__}
    interval = fields.get("interval")
    return Limits(**fields | {"interval": int(interval[:-1]) * S if interval else None})


def result_of(case: dict[str, Any]) -> Result:
    fields = {name: value for name, value in case.items() if name in Result.__dataclass_fields__}
    for name in ("last", "phase"):
        if fields.get(name) is not None:
            fields[name] = Phase(fields[name])
    return Result(**fields)


@pytest.mark.parametrize("case", cases("argo_analysis_metric_phase"))
def test_a_metric_has_the_phase_argo_asserts(case: dict[str, Any]) -> None:
    phase = metric_phase(limits_of(case["metric"]), result_of(case["result"]), terminating=case["terminating"])
    assert phase == case["expected"]


@pytest.mark.parametrize("case", cases("argo_analysis_run_phase"))
def test_a_run_has_the_phase_argo_asserts(case: dict[str, Any]) -> None:
    metrics = [(limits_of(metric | {"interval": "60s"}), result_of(metric)) for metric in case["metrics"]]
    phase, phases = run_phase(metrics, terminating=case["terminating"])
    assert phase == case["expected_run"]
    assert list(phases) == case.get("expected_metrics", list(phases))


@pytest.mark.parametrize("case", cases("argo_analysis_fast_fail"))
def test_a_bad_metric_ends_the_run_as_argo_asserts(case: dict[str, Any]) -> None:
    phases = [(Phase(phase), place == case["dry_run_index"]) for place, phase in enumerate(case["phases"])]
    assert must_end(phases) is case["expected"]


@pytest.mark.parametrize("case", cases("argo_phase_severity"))
def test_phases_are_as_grave_as_argo_asserts(case: dict[str, Any]) -> None:
    assert worse(Phase(case["current"]), Phase(case["candidate"])) is case["candidate_is_worse"]


@pytest.mark.parametrize("case", cases("argo_measurement_evaluation"))
def test_a_measurement_counts_as_argo_asserts(case: dict[str, Any]) -> None:
    conditions = (case["success_condition"], case["failure_condition"])
    error = "error" in conditions
    found = measurement_phase(*(None if each == "error" else each for each in conditions), error=error)
    assert found == case["expected"]


@pytest.mark.parametrize("case", cases("argo_analysis_metric_validation"))
def test_a_metric_is_accepted_or_refused_as_argo_asserts(case: dict[str, Any]) -> None:
    written = {"success_condition": "result >= 99%"} | case["metric"]
    if case["expected_valid"]:
        ArgoMetric.model_validate(written)
    else:
        with pytest.raises(ValidationError):
            ArgoMetric.model_validate(written)


def schedule(metric: dict[str, Any]) -> tuple[Limits, Result]:
    seconds = {"interval": metric.get("interval_s"), "initial_delay": metric.get("initial_delay_s") or 0}
    times = {name: value if value is None else value * S for name, value in seconds.items()}
    done, ago, resume = metric.get("count_done", 0), metric.get("last_finished_ago_s"), metric.get("resume_at_in_s")
    last = Phase(metric["last"]) if metric.get("last") else None
    counted = max(done, 1 if last not in {None, Phase.ERROR, Phase.RUNNING} else 0)
    result = Result(
        phase=last if metric.get("completed") and last else Phase.RUNNING,
        last=last,
        finished=None if ago is None else NOW - ago * S,
        resume=None if resume is None else NOW + resume * S,
        count=counted,
    )
    return Limits(count=metric.get("count"), **times), result


@pytest.mark.parametrize("case", cases("argo_analysis_measurement_schedule"))
def test_a_measurement_is_taken_when_argo_asserts(case: dict[str, Any]) -> None:
    ago = case.get("run_started_ago_s")
    started = None if ago is None else NOW - ago * S
    if case["fn"] == "task":
        limits, result = schedule(case)
        assert is_due(limits, result, started=started, now=NOW) is case["expected_measure_now"]
        return
    moments = [next_measurement(*schedule(metric), started) for metric in case["metrics"]]
    soonest = min((moment for moment in moments if moment is not None), default=None)
    expected = case["expected_next_in_s"]
    assert soonest == (None if expected is None else NOW + expected * S)
