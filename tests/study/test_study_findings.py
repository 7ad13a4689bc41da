from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import imagined_studies as imagined
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from sim.scenario.resolved import Expectation, Observed, Ranged, Scenario
from sim.study import Options, Run, estimates, outlook
from sim.study.cells import TWIN, Cell, Job
from sim.study.checks import checks
from sim.study.criteria import judge
from sim.study.examples import typical_and_unlucky
from sim.study.findings import Findings, Holding, Ruling, Standing, Swing
from sim.study.rows import Row, Table
from sim.study.ruling import Evidence, rule

SHARES = {"good": 0.9, "errors": 0.06, "slow": 0.04}


def ruling(
    losses: Mapping[str, Mapping[str, Any]], *, zone: float = 5.0, durations: Any = None, **changed: Any
) -> Ruling:
    scenario = imagined.scenario(dict.fromkeys(losses, "weight:1"), indifferent=zone)
    scenario = replace(scenario, **changed)
    columns = {
        name: {case: np.asarray(of_case[case], dtype=np.float64) for case in SHARES} for name, of_case in losses.items()
    }
    return rule(Evidence(scenario=scenario, losses=columns, durations=durations or dict.fromkeys(losses, 60.0)), {})


def flat(good: float, bad: float, *, noise: float = 0.0, seed: int = 0, size: int = 40) -> dict[str, Any]:
    """Losses of a strategy: a mean for good and for bad releases, with normal noise on the bad."""
    luck = np.random.default_rng(seed)
    return {
        "good": np.full(size, good),
        "errors": bad + noise * luck.standard_normal(size),
        "slow": bad + noise * luck.standard_normal(size),
    }


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    scenario = imagined.scenario(precision=0.05)
    run = Run(scenario, tmp_path_factory.mktemp("findings"), Options(workers=1, replicate=imagined.WORK))
    list(run)
    return run.findings()


def test_the_cheaper_strategy_is_recommended_and_the_other_is_worse() -> None:
    found = ruling({"dear": flat(0, 1000, noise=50), "cheap": flat(0, 200, noise=50, seed=1)})
    assert found.recommended == "cheap"
    assert found.standings == {"dear": Standing.WORSE, "cheap": Standing.BEST}
    assert found.sentence.startswith("Choose cheap: it fails about 197 ")
    assert "It saves 8" in found.sentence


def first_sentence(found: Ruling) -> str:
    return found.sentence.replace("\N{NO-BREAK SPACE}", " ").partition(". ")[0] + "."


def test_the_first_sentence_says_what_to_choose_what_it_fails_how_sure_and_what_that_depends_on() -> None:
    losses = {"dear": flat(2, 1000), "cheap": flat(1, 200)}
    columns = {name: {case: np.asarray(of_case[case]) for case in SHARES} for name, of_case in losses.items()}
    scenario = imagined.scenario(dict.fromkeys(losses, "weight:1"), indifferent=5.0)
    seen = Evidence(scenario=scenario, losses=columns, durations=dict.fromkeys(losses, 60.0), requests=144_000.0)
    estimate = estimates.nothing("")
    moved = [
        Swing(
            input=name, low="1", high="2", chosen="cheap", other="dear", better=None,
            at_low=replace(estimate, value=10.0), at_high=replace(estimate, value=20.0),
        )
        for name in ("how often releases are bad", "slow among bad releases", "errors among bad releases")
    ]  # fmt: skip
    assert first_sentence(rule(seen, {}, swung=lambda _: moved)) == (
        "Choose cheap: it fails about 200 of 140,000 requests when a release is bad and 20.9 in an average release "
        "(10 % are bad), against 102 by dear; we are 95 % sure that it is better than dear; this depends most on how "
        "often releases are bad and on the share of slow among bad releases."
    )


def test_of_strategies_as_good_the_quickest_is_chosen_and_the_verdict_says_how_much_longer_the_others_take() -> None:
    losses = {"slower": flat(0, 100), "sooner": flat(1, 150)}
    columns = {name: {case: np.asarray(of_case[case]) for case in SHARES} for name, of_case in losses.items()}
    scenario = imagined.scenario(dict.fromkeys(losses, "weight:1"), indifferent=50.0)
    seen = Evidence(scenario=scenario, losses=columns, durations={"slower": 300.0, "sooner": 52.0}, requests=9e4)
    found = rule(seen, {})
    assert found.recommended == "sooner"
    assert "slower is as good for you and takes longer (5m against 52s): " in found.sentence
    assert "none is quicker" in rule(replace(seen, durations=dict.fromkeys(losses, 60.0)), {}).sentence


def test_what_cannot_be_told_yet_says_how_long_it_would_take() -> None:
    """Of 80 bad releases by two strategies and 40 without one; a second each."""
    losses = {"one": flat(0, 100, noise=300), "other": flat(0, 130, noise=300, seed=1)}
    columns = {name: {case: np.asarray(of_case[case]) for case in SHARES} for name, of_case in losses.items()}
    scenario = imagined.scenario(dict.fromkeys(losses, "weight:1"), indifferent=2.0)
    seen = Evidence(scenario=scenario, losses=columns, durations=dict.fromkeys(losses, 60.0))
    found = rule(seen, {}, seconds=1.0)
    (apart,) = found.differences
    factor = ((apart.estimate.value - apart.estimate.low) / (apart.estimate.value + 2.0)) ** 2
    assert first_sentence(found) == (
        f"Cannot tell yet whether {found.differences[0].second} or {found.differences[0].first} is better: "
        f"{outlook.more(factor, outlook.Pace(replications=200, seconds=1.0))}."
    )
    assert "more minutes of simulation would settle it" in first_sentence(found)
    assert "more replications would settle it" in first_sentence(rule(seen, {}))


def test_so_much_more_simulation_does_settle_it() -> None:
    """With as many replications as are told, the same difference and spread are settled, and with half of them not."""
    losses = {"one": flat(0, 100, noise=200), "other": flat(0, 130, noise=200, seed=1)}
    found = ruling(losses, zone=0.5)
    assert found.recommended is None
    factor = outlook.times_as_many(found.differences, 0.5)
    for times, settled in ((1.1 * factor, True), (0.6 * factor, False)):
        repeated = {
            name: {case: np.resize(column, round(times * len(column))) for case, column in of_case.items()}
            for name, of_case in losses.items()
        }
        assert (ruling(repeated, zone=0.5).recommended is not None) is settled


def test_a_difference_within_the_zone_is_equal_and_the_quicker_is_recommended() -> None:
    losses = {"slow-one": flat(0, 100, noise=5), "quick-one": flat(0, 120, noise=5)}
    found = ruling(losses, zone=5.0, durations={"slow-one": 900.0, "quick-one": 60.0})
    assert found.recommended == "quick-one"
    assert found.standings["slow-one"] == Standing.EQUAL


def test_noise_wider_than_the_zone_is_cannot_tell() -> None:
    found = ruling({"one": flat(0, 500, noise=2000), "other": flat(0, 500, noise=2000, seed=1)}, zone=1.0)
    assert found.recommended is None
    assert found.sentence.startswith("Cannot tell")


def test_a_rival_that_may_be_worse_but_not_better_does_not_stand_in_the_way() -> None:
    found = ruling({"one": flat(0, 500), "other": flat(0, 560, noise=60, seed=1)}, zone=5.0)
    assert found.standings["other"] in (Standing.CANNOT_TELL, Standing.WORSE)
    assert found.recommended == "one"


def test_break_even_is_the_rate_at_which_both_cost_the_same() -> None:
    found = ruling({"cheap-if-good": flat(0, 1000), "cheap-if-bad": flat(20, 100)}, zone=1.0)
    assert found.recommended == "cheap-if-bad"
    assert found.break_even == pytest.approx(20 / 920)
    assert "if more than about 2.2 % " in found.sentence


@given(rate=some.floats(0.0, 1.0), good=some.floats(0, 100), bad=some.floats(0, 1000))
@settings(max_examples=30, deadline=None)
def test_the_loss_at_another_rate_is_linear_in_the_rate(rate: float, good: float, bad: float) -> None:
    scenario = imagined.scenario({"only": "weight:1"})
    columns = {case: np.asarray(column) for case, column in flat(good, bad).items()}
    found = Evidence(scenario=scenario, losses={"only": columns}, durations={"only": 60.0})
    assert found.loss("only", rate) == pytest.approx((1 - rate) * good + rate * bad)


def test_a_verdict_that_turns_round_within_the_range_says_where() -> None:
    ranged = Ranged(path="release.change_failure_rate", low="1%", likely="10%", high="20%")
    found = ruling({"cheap-if-good": flat(0, 1000), "cheap-if-bad": flat(50, 100)}, zone=1.0, ranges=(ranged,))
    assert sorted(found.over_range) == [0.01, 0.1, 0.2]
    assert "But at 1 % bad releases cheap-if-good is better" in found.sentence
    assert "(you said 1-20 %)" in found.sentence


RANGED = Ranged(path="release.change_failure_rate", low="1%", likely="10%", high="20%")


def test_a_verdict_that_holds_at_both_ends_holds_over_the_range() -> None:
    found = ruling({"cheap": flat(0, 100, noise=5), "dear": flat(0, 900, noise=5)}, zone=1.0, ranges=(RANGED,))
    assert found.over_range_holds == Holding.HOLDS
    assert found.over_range_losses[0.2]["cheap"].low < found.over_range[0.2]["cheap"]


def test_a_verdict_that_surely_turns_round_is_said_to() -> None:
    found = ruling({"cheap-if-good": flat(0, 1000), "cheap-if-bad": flat(50, 100)}, zone=1.0, ranges=(RANGED,))
    assert found.over_range_holds == Holding.TURNS
    assert found.over_range_apart[0.01]["cheap-if-good"].high < -1


def test_what_the_noise_hides_at_one_end_is_not_called_settled() -> None:
    losses = {"cheap-if-good": flat(0, 1000, noise=900), "cheap-if-bad": flat(12, 150, noise=900, seed=1)}
    found = ruling(losses, zone=5.0, ranges=(RANGED,))
    assert found.recommended == "cheap-if-bad"
    assert found.over_range_holds == Holding.CANNOT_TELL
    assert "Whether that holds from 1 % to 20 % bad releases is not settled" in found.sentence


def test_a_break_even_comes_with_the_rates_between_which_it_lies() -> None:
    losses = {"cheap-if-good": flat(0, 1000, noise=400), "cheap-if-bad": flat(20, 100, noise=400, seed=1)}
    found = ruling(losses, zone=1.0)
    assert found.break_even is not None
    assert found.break_even_between is not None
    assert found.break_even_between[0] < found.break_even < found.break_even_between[1]
    assert re.search(r"if more than about 2 % \(\d.*-.* %\) of releases are bad", found.sentence)


def test_ranges_that_were_not_varied_are_named() -> None:
    other = Ranged(path="service.concurrency", low="2", likely="4", high="8")
    assert ruling({"one": flat(0, 1), "other": flat(0, 2)}, ranges=(other,)).not_varied == ("service.concurrency",)


def test_a_measure_of_which_more_is_better_is_ruled_the_other_way_round() -> None:
    scenario = imagined.scenario(decide_by="headroom", indifferent=0.0)
    less_left, more_left = flat(-0.1, -0.1), flat(-0.3, -0.3)
    losses = {"blue-green": less_left, "canary": more_left}
    found = rule(Evidence(scenario=scenario, losses=losses, durations=dict.fromkeys(losses, 60.0)), {})
    assert found.recommended == "canary"
    assert found.differences[0].estimate.value == pytest.approx(-0.2)
    assert "gains 0.2 headroom" in found.sentence


def test_one_strategy_alone_is_no_choice() -> None:
    assert "nothing to choose" in ruling({"only": flat(0, 100)}).sentence


def test_the_strategy_with_a_fifth_of_the_weight_costs_a_fifth(findings: Findings) -> None:
    whole = findings.estimates["failed_requests", "blue-green", "bad"]
    fifth = findings.estimates["failed_requests", "canary", "bad"]
    assert fifth.value == pytest.approx(whole.value / 5, rel=0.01)
    assert findings.ruling.recommended == "canary"


def test_the_expected_loss_is_that_of_the_bad_times_their_rate(findings: Findings) -> None:
    bad = findings.estimates["failed_requests", "canary", "bad"].value
    assert findings.estimates["failed_requests", "canary", "release"].value == pytest.approx(0.1 * bad)


def test_budget_burnt_is_failed_requests_over_what_the_objective_allows(findings: Findings) -> None:
    failed = findings.estimates["failed_requests", "canary", "bad"].value
    assert findings.estimates["budget_burnt", "canary", "bad"].value == pytest.approx(failed / (0.001 * 1e7))


def test_never_detected_counts_as_the_horizon_in_the_mean_and_as_never_in_quantiles(findings: Findings) -> None:
    assert findings.estimates["time_to_detect", "canary", "bad"].high < 3600
    assert findings.estimates["time_to_detect.p95", "canary", "bad"].value == float("inf")


def test_who_stopped_the_bad_releases_adds_up(findings: Findings) -> None:
    found = findings.stopped["canary"]
    assert found.gate + found.on_call + found.before_users + found.nobody == pytest.approx(1.0)


def test_precision_is_reached_and_said(findings: Findings) -> None:
    assert findings.precision_met
    assert findings.precision_asked == "±5 % of each expected loss or ±2.5, half of study.indifferent"


def test_requests_played_count_each_twin_once(findings: Findings) -> None:
    counts = {case: findings.replications["canary", case] for case, _ in findings.cases}
    assert findings.requests_played == imagined.REQUESTS * (max(counts.values()) + 2 * sum(counts.values()))


def table_of(losses: Mapping[str, list[float]], twin: float = 0.0) -> tuple[Table, dict[str, int]]:
    table = Table(imagined.subtracted)
    size = max(map(len, losses.values()))
    table.add(Row.of(Job(TWIN, index), {"failed_requests": twin}, {}) for index in range(size))
    for case, of_case in losses.items():
        table.add(
            Row.of(Job(Cell("canary", case), index), {"failed_requests": loss + twin}, {})
            for index, loss in enumerate(of_case)
        )
    return table, {case: len(of_case) for case, of_case in losses.items()}


def only_canary(**changed: Any) -> Scenario:
    return replace(imagined.scenario({"canary": "weight:1"}), **changed)


def test_the_typical_bad_release_is_the_weighted_middle_and_the_unlucky_one_the_worst() -> None:
    table, counts = table_of({"good": [0, 0], "errors": [100, 300, 200], "slow": [10, 20]})
    # errors weigh 60 %: 10 and 20 hold 40 %, 100 the next 20 %, and so the half is reached at 100.
    found = typical_and_unlucky(table, only_canary(), counts, ["canary"])
    assert found is not None
    assert (found.typical, found.unlucky) == (("errors", 0), ("errors", 1))
    assert found.ranks["errors", 0]["canary"] == pytest.approx(0.5)


def expectation(**given_: Any) -> Expectation:
    usual = {"measure": "failed_requests", "strategy": "any", "given": "bad", "statistic": "mean", "bound": "<"}
    return Expectation(**{**usual, "value": 100.0, "text": "as written", **given_})


@pytest.mark.parametrize(
    ("losses", "status"), [([10, 11, 12], "ok"), ([210, 211, 212], "FAILED"), ([50, 100, 160], "undecided")]
)
def test_a_criterion_is_decided_by_both_ends_of_its_interval(losses: list[float], status: str) -> None:
    table, counts = table_of({"good": [0, 0], "errors": losses, "slow": losses})
    assert judge(expectation(), table, only_canary(), counts).status == status


def test_any_strategy_means_each_and_the_furthest_is_told(findings: Findings, tmp_path: Path) -> None:
    scenario = replace(imagined.scenario(), expect=(expectation(value=500.0),))
    run = Run(scenario, tmp_path, Options(workers=1, replicate=imagined.WORK))
    list(run)
    criterion = run.findings().criteria[0]
    assert (criterion.status, criterion.strategy) == ("FAILED", "blue-green")


def test_a_least_bound_looks_at_the_worst_that_was_played() -> None:
    table, counts = table_of({"good": [0, 0], "errors": [1, 2], "slow": [150, 3]})
    expected = expectation(statistic="max", bound="<=", value=150.0)
    assert judge(expected, table, only_canary(), counts).status == "ok"
    assert judge(replace(expected, value=149.0), table, only_canary(), counts).status == "FAILED"


def twins(failed: float, p95: float) -> list[Row]:
    values = {"requests": 10_000.0, "failed_requests": failed, "unseen_errors": 0.0, "latency_p95": p95}
    return [Row.of(Job(TWIN, index), values, {}) for index in range(3)]


def observed(success: float, p95: float) -> Scenario:
    seen = Observed(at=10.0, success=success, p50=None, p95=int(p95 * 1e9), p99=None)
    return replace(imagined.scenario(), observed=seen)


def test_a_twin_like_the_dashboard_fits() -> None:
    assert all(check.fits for check in checks(observed(0.999, 0.40), twins(10, 0.42)))


def test_twice_the_failures_do_not_fit_although_success_differs_by_a_thousandth() -> None:
    success, latency = checks(observed(0.999, 0.40), twins(20, 0.42))
    assert not success.fits
    assert success.off == pytest.approx(1.0)
    assert latency.fits


def test_a_figure_undefined_in_some_replications_has_a_value_and_no_interval() -> None:
    found = estimates.estimate({"a": np.array([1.0, np.nan, 3.0])}, {"a": 1.0}, 0.95)
    assert found.value == 2.0
    assert np.isnan(found.low)
