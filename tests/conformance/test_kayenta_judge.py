"""Kayenta's own assertions, put to the functions the kayenta gate asks."""

import math
from typing import Any

import pytest
from judge_cases import cases

from sim.judges.canary_score import Scored, passes, score, window
from sim.judges.mann_whitney import faithful, statistic
from sim.judges.metric_label import (
    Label,
    MetricRule,
    cles,
    label,
    label_by_means,
    mean_ratio,
    outliers_by_deviations,
    outliers_by_quartiles,
    percentile,
)


def rule_of(case: dict[str, Any]) -> MetricRule:
    return MetricRule(
        direction=case["direction"].lower(),
        critical=case["critical_metric"],
        nans=case["nan_strategy"].lower(),
        effect="cles" if case.get("effect_size_measure") == "cles" else "mean_ratio",
        allowed=tuple(case.get("effect_size_thresholds", (1.0, 1.0))),
        critical_effect=tuple(case.get("critical_thresholds", (1.0, 1.0))),
        tolerance=case.get("tolerance", 0.25),
        confidence=case.get("confidence", 0.98),
    )


@pytest.mark.parametrize("case", cases("kayenta_classifier"))
def test_a_metric_is_labelled_as_kayenta_asserts(case: dict[str, Any]) -> None:
    classifier = label if case["classifier"] == "mann_whitney" else label_by_means
    found = classifier(case["experiment"], case["control"], rule_of(case))
    assert found.label == case["expected"]
    assert found.critical is case.get("expected_critical", found.critical)


@pytest.mark.parametrize("case", cases("kayenta_mann_whitney"))
def test_the_rank_test_gives_kayentas_figures(case: dict[str, Any]) -> None:
    if case["fn"] == "z_quantile":
        from statistics import NormalDist

        assert NormalDist().inv_cdf(case["p"]) == pytest.approx(case["expected"], abs=case["tol"])
        return
    if case["fn"] == "wilcoxon_diff":
        found = statistic(case["experiment"], sorted(case["control"]), case["mu"]) - case["quantile"]
        assert found == pytest.approx(case["expected"], abs=case["tol"])
        return
    shift = faithful(case["experiment"], case["control"], case["confidence"])
    if case["fn"] == "ci_and_estimate":
        assert [shift.low, shift.high] == pytest.approx(case["expected_ci"], abs=case["tol_ci"])
        assert shift.estimate == pytest.approx(case["expected_estimate"], abs=case["tol_estimate"])
        return
    assert [shift.low, shift.high] == pytest.approx(case["expected"]["ci"], abs=case["tol"])
    assert shift.estimate == pytest.approx(case["expected"]["estimate"], abs=case["tol"])


@pytest.mark.parametrize("case", cases("kayenta_field_reports"))
def test_verdicts_that_surprised_users_are_reproduced(case: dict[str, Any]) -> None:
    rule = MetricRule(tolerance=case["tolerance"], confidence=case["confidence"])
    found = label(case["experiment"], case["control"], rule)
    assert found.label == case["expected_label"]
    if "expected_ci" in case:
        assert found.shift is not None
        assert [found.shift.low, found.shift.high] == pytest.approx(case["expected_ci"], abs=case["tol"])
        assert found.shift.estimate == pytest.approx(case["expected_estimate"], abs=case["tol"])


@pytest.mark.parametrize("case", cases("kayenta_outliers"))
def test_outliers_are_those_kayenta_asserts(case: dict[str, Any]) -> None:
    if case["detector"] == "ksigma":
        found = outliers_by_deviations(case["data"], case["k"])
    else:
        widened = bool(case.get("reduce_sensitivity", False))
        found = outliers_by_quartiles(case["data"], case["factor"], widened=widened)
    assert found == case["expected_outlier"]


@pytest.mark.parametrize("case", cases("kayenta_scorer"))
def test_the_score_is_kayentas(case: dict[str, Any]) -> None:
    metrics = [
        Scored(label=Label(each["label"]), groups=tuple(each["groups"]), critical=each["critical"])
        for each in case["metrics"]
    ]
    assert score(metrics, case["group_weights"]) == case["expected_score"]


@pytest.mark.parametrize("case", cases("kayenta_standalone_windows"))
def test_windows_and_the_final_rule_are_kayentas(case: dict[str, Any]) -> None:
    if case["fn"] == "did_pass":
        assert passes(case["score"], marginal=case["marginal"], good=case["pass"]) is case["expected"]
        return
    found = window(
        case["interval_index"],
        interval=case["interval_min"],
        begin_after=case["begin_after_min"],
        lookback=case["lookback_min"],
        fixed_start=case.get("fixed_start_min"),
    )
    assert found == (case["expected_start_min"], case["expected_end_min"])


@pytest.mark.parametrize("case", cases("kayenta_statistics"))
def test_statistics_are_kayentas(case: dict[str, Any]) -> None:
    if case["fn"] == "percentile":
        found = percentile(case["data"], case["p"])
    else:
        found = {"mean_ratio": mean_ratio, "cles": cles}[case["fn"]](case["experiment"], case["control"])
    if case["expected"] is None:
        assert math.isnan(found)
    else:
        assert found == pytest.approx(case["expected"], abs=case.get("tol", 1e-9))
