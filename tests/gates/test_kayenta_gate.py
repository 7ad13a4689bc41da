import pytest
from gate_bench import answers, gate_of, judged, last, minutes, stopped_minute
from pydantic import ValidationError


def kayenta(**words: object) -> dict:
    return {"kind": "kayenta", "metrics": {"errors": {"direction": "increase"}}, "every": "10m"} | words


def noisy(base: int, length: int = 30) -> list[tuple[int, int]]:
    """A thousand requests a minute with about so many errors, never twice the same in a row."""
    return [(1000, base + (7 * place) % 5) for place in range(length)]


def test_like_versions_pass_with_a_full_score() -> None:
    verdicts = judged(kayenta(), minutes(noisy(10), noisy(10)))
    assert answers(verdicts) == "p"
    assert last(verdicts).verdict.figures["score"] == 100


def test_a_clearly_worse_version_is_high_and_stops_the_release_at_the_judgement() -> None:
    assert stopped_minute(kayenta(), minutes(noisy(40), noisy(10))) == 10
    assert "errors High" in last(judged(kayenta(), minutes(noisy(40), noisy(10)))).verdict.reason


def test_a_lifetime_is_judged_interval_by_interval() -> None:
    verdicts = judged(kayenta(lifetime="30m"), minutes(noisy(10), noisy(10)))
    assert [judgement.tally for _, judgement in verdicts.judgements] == [f"judgement {n} of 3" for n in (1, 2, 3)]


def test_between_marginal_and_pass_only_the_last_judgement_stops_the_release() -> None:
    metrics = {name: {"direction": "increase"} for name in "abcd"} | {
        "e": {"value": "success", "direction": "increase"}
    }
    written = kayenta(metrics=metrics, lifetime="20m", marginal=10)
    assert stopped_minute(written, minutes(noisy(40), noisy(10))) == 20


def test_a_critical_metric_high_by_less_than_its_critical_effect_is_no_critical_failure() -> None:
    bad = {"direction": "increase", "critical": True}
    metrics = {"errors": bad | {"critical_increase": 10}, "success": {"value": "success", "direction": "increase"}}
    slight = last(judged(kayenta(metrics=metrics), minutes(noisy(40), noisy(10))))
    grave = last(judged(kayenta(metrics=metrics | {"errors": bad}), minutes(noisy(40), noisy(10))))
    assert slight.verdict.figures["score"] == 50
    assert grave.verdict.figures["score"] == 0


def test_a_muted_metric_stops_nothing() -> None:
    metrics = {"errors": {"direction": "increase", "muted": True}, "success": {"value": "success", "critical": True}}
    assert "errors High" in last(judged(kayenta(metrics=metrics), minutes(noisy(40), noisy(10)))).verdict.reason
    metrics["success"] = {"value": "success", "direction": "increase"}
    assert answers(judged(kayenta(metrics=metrics), minutes(noisy(40), noisy(10)))) == "p"


def test_a_window_with_a_lookback_forgets_what_was_before() -> None:
    new = noisy(40, 25) + noisy(10, 5)
    written = kayenta(lifetime="30m", marginal=-1)
    growing = judged(written, minutes(new, noisy(10)))
    sliding = judged(written | {"lookback": "5m"}, minutes(new, noisy(10)))
    assert answers(growing)[-1] == "f"
    assert answers(sliding)[-1] == "p"


def test_a_version_without_requests_has_no_data_and_fails() -> None:
    verdict = last(judged(kayenta(), minutes([(0, 0)] * 10, noisy(10, 10)))).verdict
    assert "errors Nodata" in verdict.reason
    assert verdict.figures["score"] == 0


def test_a_hold_too_short_for_an_interval_is_never_judged() -> None:
    assert answers(judged(kayenta(), minutes(noisy(40, 9), noisy(10, 9)))) == ""


@pytest.mark.parametrize("words", [{"step": "0s"}, {"every": "10s"}, {"lifetime": "5m"}, {"metrics": {}}])
def test_times_that_do_not_fit_are_refused(words: dict) -> None:
    with pytest.raises(ValidationError):
        gate_of(kayenta(**words))


GROUPS = {"a": {"group": "one"}, "b": {"group": "other"}}


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        ({"oen": 50}, "weights name oen, no metric's group; groups: one, other"),
        ({"one": 70, "other": 20}, "must sum to 100 \\(percent\\), not 90"),
        ({"one": 110}, "110 is not allowed; allowed: 0 to 100 \\(percent\\)"),
    ],
)
def test_weights_that_no_canary_could_pass_by_are_refused(weights: dict, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        gate_of(kayenta(metrics=GROUPS, weights=weights))


@pytest.mark.parametrize("weights", [{}, {"one": 70}, {"one": 70, "other": 30}, {"one": 66.67, "other": 33.33}])
def test_weights_that_leave_the_rest_to_other_groups_are_taken(weights: dict) -> None:
    gate_of(kayenta(metrics=GROUPS, weights=weights))
