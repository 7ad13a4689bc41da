"""Rules of Kayenta's judge that its own test suites assert, or its code says: NetflixACAJudge and neighbours, v2.46."""

import math

import pytest

from sim.judges.canary_score import Scored, score, window
from sim.judges.mann_whitney import AllTiedError, faithful, statistic
from sim.judges.metric_label import Label, MetricRule, clean, label, label_by_means

HIGH, BASE = [20.0, 22.0, 21.0, 25.0, 30.0], [1.0, 2.2, 1.1, 2.5, 3.0]
LOW, TALL = [2.0, 2.0, 2.0, 2.0, 3.0], [10.0, 20.2, 10.1, 20.5, 30.0]
ONCE = (1.0, 1.0)


@pytest.mark.parametrize(
    ("experiment", "control", "allowed", "critical", "expected", "is_critical"),
    [
        (HIGH, BASE, ONCE, (1.0, 1.2), "High", True),
        (LOW, TALL, ONCE, (1.2, 1.0), "Low", True),
        (HIGH, BASE, (1.0, 5.0), (1.0, 13.0), "High", False),
        (HIGH, BASE, (1.0, 13.0), (1.0, 15.0), "Pass", False),
        (HIGH, BASE, ONCE, ONCE, "High", True),
    ],
)
def test_a_critical_metric_is_critically_bad_only_beyond_its_critical_effect(
    experiment: list[float],
    control: list[float],
    allowed: tuple[float, float],
    critical: tuple[float, float],
    expected: str,
    is_critical: bool,
) -> None:
    rule = MetricRule(critical=True, allowed=allowed, critical_effect=critical, tolerance=0.1, confidence=0.95)
    found = label(experiment, control, rule)
    assert (found.label, found.critical) == (expected, is_critical)


@pytest.mark.parametrize(
    ("experiment", "control", "direction", "expected"),
    [
        ([0.0, 1.0, 1.0, 1.0, 1.0], [1.0] * 5, "decrease", "Pass"),
        ([1.0, 1.0, 1.0, 1.0, 10.0], [1.0] * 5, "either", "Pass"),
        ([1.0] * 3, [1.0] * 2, "decrease", "Pass"),
        ([10.0] * 5, [1.0] * 5, "either", "High"),
        ([10.0] * 5, [0.0] * 5, "either", "High"),
        ([54.9, 54.5, 55.1, 55.6, 57.4], [0.0] * 5, "either", "High"),
        ([0.0] * 5, [54.9, 54.5, 55.1, 55.6, 57.4], "either", "Low"),
    ],
)
def test_ties_and_zero_means_are_labelled_as_kayenta_asserts(
    experiment: list[float], control: list[float], direction: str, expected: str
) -> None:
    rule = MetricRule(direction=direction, tolerance=0.1, confidence=0.95)  # type: ignore[arg-type]
    assert label(experiment, control, rule).label == expected


def test_ten_small_shares_over_nothing_are_critically_high() -> None:
    shares = [0.05, 0.05, 1 / 60, 1 / 60, 1 / 60, 0.05, 1 / 30, 0.05, 0.05, 2 / 15]
    found = label(shares, [0.0] * 10, MetricRule(nans="replace", critical=True, tolerance=0.1, confidence=0.95))
    assert (found.label, found.critical) == ("High", True)
    assert math.isnan(found.effect)


@pytest.mark.parametrize("classify", [label, label_by_means])
@pytest.mark.parametrize(
    ("must_have", "critical", "nans", "expected", "is_critical"),
    [
        (False, False, "remove", "Nodata", False),
        (False, True, "remove", "Nodata", True),
        (True, False, "remove", "NodataFailMetric", False),
        (True, True, "remove", "Nodata", True),  # critical outranks that data must be there
        (True, True, "replace", "Pass", False),
    ],
)
def test_no_data_is_what_kayentas_classifiers_make_of_it(
    classify: object, must_have: bool, critical: bool, nans: str, expected: str, is_critical: bool
) -> None:
    rule = MetricRule(must_have_data=must_have, critical=critical, nans=nans)  # type: ignore[arg-type]
    found = classify([], [1.0, 2.0], rule)  # type: ignore[operator]
    assert (found.label, found.critical) == (expected, is_critical)


def test_one_point_against_one_cannot_be_judged_and_is_an_error() -> None:
    assert label([10.0], [1.0], MetricRule(critical=True)).label == Label.ERROR
    with pytest.raises(AllTiedError):
        faithful([10.0], [1.0], 0.98)
    with pytest.raises(AllTiedError):
        statistic([2.0, 2.0], [2.0, 2.0, 2.0], 0.0)


def test_the_exact_judge_has_no_such_error() -> None:
    assert label([10.0], [1.0], MetricRule(exact=True)).label == Label.HIGH


def scored(text: str, group: str = "g", *, critical: bool = False, muted: bool = False) -> Scored:
    return Scored(label=Label(text), groups=(group,), critical=critical, muted=muted)


def test_an_error_leaves_its_group_and_a_group_without_labels_counts_full() -> None:
    assert score([scored("Error")], {}) == 100.0
    assert score([scored("Error"), scored("High")], {}) == 0.0


@pytest.mark.parametrize(("nodata", "others", "expected"), [(1, 1, 0.0), (1, 2, 100.0), (2, 3, 100.0), (3, 3, 0.0)])
def test_half_the_metrics_without_data_are_too_many(nodata: int, others: int, expected: float) -> None:
    assert score([scored("Nodata")] * nodata + [scored("Pass")] * others, {}) == expected


def test_what_unnamed_groups_share_is_left_by_all_weights_also_of_groups_without_metrics() -> None:
    metrics = [scored("Pass", "named"), scored("Pass", "unnamed")]
    assert score(metrics, {"named": 50.0, "absent": 30.0}) == 70.0


def test_the_score_is_rounded_half_up_on_its_decimals() -> None:
    """2.675 lies below its decimals in binary; Kayenta rounds the decimals."""
    assert score([scored("Pass", "a"), scored("High", "b")], {"a": 2.675, "b": 97.325}) == 2.68


def test_a_muted_metric_does_not_count_even_where_it_is_critical() -> None:
    assert score([scored("Pass"), scored("High", critical=True, muted=True)], {}) == 100.0


@pytest.mark.parametrize(
    ("points", "nans", "expected"),
    [
        ([0.0, 1.0, math.nan, 1.0, 0.0], "remove", [0.0, 1.0, 1.0, 0.0]),
        ([math.nan] * 3, "remove", []),
        ([math.nan, 10.1, 20.2, 30.3, math.nan, 40.4], "replace", [0.0, 10.1, 20.2, 30.3, 0.0, 40.4]),
    ],
)
def test_gaps_are_removed_or_become_zero(points: list[float], nans: str, expected: list[float]) -> None:
    assert clean(points, nans) == expected  # type: ignore[arg-type]


def test_a_small_outlier_factor_takes_more_away() -> None:
    points = [*(float(place % 7) for place in range(200)), 12.0, 13.0, 14.0]
    assert len(clean(points, "remove", outliers="remove", factor=0.5)) < len(clean(points, "remove", outliers="remove"))


@pytest.mark.parametrize(("lookback", "expected"), [(None, (4, 19)), (0, (4, 19)), (5, (14, 19)), (30, (-11, 19))])
def test_a_lookback_of_nothing_is_none(lookback: int | None, expected: tuple[int, int]) -> None:
    assert window(5, interval=3, begin_after=4, lookback=lookback) == expected
