"""Retries in a scenario: what a bad answer that repeats costs, who retries, and what is told of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from releases import scenario_data, with_defect

from sim.errors import ScenarioError
from sim.replication import Record, replicate
from sim.scenario import from_data, load
from sim.scenario.repeating import retry_facts
from sim.scenario.resolved import Scenario

CASE = Path(__file__).parents[1] / "cases" / "retries-half-bad.yaml"
RETRIES: dict[str, Any] = {"max": 3, "on": ["error"], "wait": "0ms"}
HALF = {"kind": "error_rate", "rate": "50%"}


def scenario(retries: Any, defect: dict[str, Any] | None = None, **sections: Any) -> Scenario:
    """A service with ample room, replaced at one instant."""
    release = {"baseline_errors": "0%", **with_defect(defect or HALF)} | sections.pop("release", {})
    data = scenario_data(
        service={"concurrency": 50, "endpoint_lag": "0s"},
        release=release,
        study={"horizon": "2m", "warm_up": "20s"},
        **{"strategies": {"switch": {"kind": "blue_green", "keep_old": "10m"}}, **sections},
    )
    data["traffic"] = {"streams": {"web": {"peak": "50/s", "work": "10ms", "retries": retries}}}
    data["oncall"] = "none"
    return from_data(data)


def bad(given: Scenario, strategy: str = "switch") -> Record:
    """One bad release."""
    return replicate(given, strategy=strategy, case="flaw", index=0)


def test_half_of_the_answers_bad_and_three_tries_more_are_a_sixteenth_failed_and_1_875_tries() -> None:
    given = load(CASE)
    record = replicate(given, strategy="blue-green", case="half", index=0)
    values, served = record.values, record.values["touched_requests"]
    first = record.values["requests"] - served
    assert values["failed_requests"] / served == pytest.approx(1 / 16, rel=0.05)
    assert (values["attempts"] - first) / served == pytest.approx(1.875, rel=0.01)


def test_bad_answers_repeat_by_default_so_that_retries_of_a_defect_are_of_no_use() -> None:
    repeated, luck = bad(scenario(RETRIES)), bad(scenario(RETRIES, HALF | {"repeats": "0%"}))
    once = bad(scenario("none"))
    assert repeated.values["failed_requests"] == once.values["failed_requests"]
    assert luck.values["failed_requests"] < once.values["failed_requests"] / 6


def test_todays_errors_seldom_repeat_and_are_retried_away() -> None:
    given = scenario(RETRIES, release={"baseline_errors": "10%"})
    stubborn = scenario(RETRIES, release={"baseline_errors": "10%", "baseline_repeats": "100%"})
    without = scenario("none", release={"baseline_errors": "10%"})
    failed = [
        replicate(each, strategy=None, case="flaw", index=0).values["failed_requests"]
        for each in (given, stubborn, without)
    ]
    assert failed[0] <= 3
    assert failed[1] == failed[2] > 400


def test_errors_that_nobody_sees_are_tried_once_whatever_repeats() -> None:
    unseen = HALF | {"visible": "0%"}
    record, once = bad(scenario(RETRIES, unseen | {"repeats": "0%"})), bad(scenario("none", unseen))
    assert record.values["failed_requests"] == once.values["failed_requests"]
    assert record.values["attempts_per_request"] == pytest.approx(1.0, abs=0.002)


CANARY = {"half": {"kind": "canary", "steps": [{"weight": "50%", "hold": "10m"}]}}


@pytest.mark.parametrize(("who", "share"), [("client", 0.5**4), ("proxy", 0.5)])
def test_a_clients_retry_may_meet_the_other_version_and_a_proxys_stays(who: str, share: float) -> None:
    always = {"kind": "error_rate", "rate": "100%"}
    values = bad(scenario(RETRIES | {"by": who}, always, strategies=CANARY), "half").values
    early, late = 1 - 1 / 6, 1.0  # the canary's pod needs some seconds until it serves
    requests = values["requests"]
    assert early * share * requests * 0.7 < values["failed_requests"] < late * share * requests * 1.3


def test_tries_of_client_and_proxy_multiply() -> None:
    both = [{"by": "client", "max": 2, "on": ["error"], "wait": "0ms"}, {"by": "proxy", "max": 2, "on": ["error"]}]
    always = {"kind": "error_rate", "rate": "100%"}
    values = bad(scenario(both, always)).values
    served = values["touched_requests"]
    assert (values["attempts"] - (values["requests"] - served)) / served == pytest.approx(9.0, rel=0.01)


def test_what_repeats_is_told_with_low_trust_where_errors_are_retried_and_nowhere_else() -> None:
    with_retries, without = scenario(RETRIES), scenario({"max": 3, "on": ["connect"]})
    trust = {each.path: each.trust for each in with_retries.defaults if each.path.endswith("repeats")}
    assert trust == {"release.defects.flaw.repeats": "low", "release.baseline_repeats": "low"}
    assert not [each for each in without.defaults if each.path.endswith("repeats")]
    assert "repeats" not in str(without.document)
    assert with_retries.document["release"]["defects"]["flaw"]["repeats"] == "100%"
    assert any("flaw 100 % (default, trust: low)" in fact for fact in map(plain, retry_facts(with_retries)))
    assert not any("repeat" in fact for fact in retry_facts(without))


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_a_resolved_scenario_with_two_who_retry_reads_back_to_itself() -> None:
    both = [{"by": "client", "max": 2}, {"by": "proxy", "max": 1, "per_try": "400ms", "on": ["timeout"]}]
    given = scenario(both)
    assert from_data(dict(given.document)).document == given.document
    assert [each["version"] for each in given.document["traffic"]["streams"]["web"]["retries"]] == ["anew", "same"]


REFUSED = [
    ([{"max": 1}, {"max": 2}], "is a second client; allowed: one by: client and one by: proxy"),
    ([{"by": "client", "max": 7}, {"by": "proxy", "max": 7}], "one request could come to 64 attempts"),
    ({"by": "proxy", "max": 1, "on": ["timeout"]}, "write per_try, as per_try: 400ms"),
    ({"max": 1, "per_try": "0s"}, "must be longer than 0"),
    ([], "is an empty list"),
    ([{"max": 1, "who": "me"}], "unknown key"),
]


@pytest.mark.parametrize(("retries", "message"), REFUSED)
def test_retries_that_cannot_be_are_refused_with_what_to_write(retries: Any, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        scenario(retries)
    assert message in str(caught.value)


def test_seven_tries_of_a_client_times_eight_of_its_proxy_can_be_numbered() -> None:
    scenario([{"by": "client", "max": 6}, {"by": "proxy", "max": 8}])


def test_attempts_are_asked_for_only_where_somebody_retries() -> None:
    expect = [{"measure": "attempts_per_request", "mean": "< 2"}]
    scenario(RETRIES, expect=expect)
    with pytest.raises(ScenarioError, match="needs a stream that is tried again"):
        scenario("none", expect=expect)
