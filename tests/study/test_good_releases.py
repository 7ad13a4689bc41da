"""Why good releases fail requests: told with what cures it, played; take the cause away, and the sentence goes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.outcomes import Outcome
from sim.report import good, terminal
from sim.report.document import document
from sim.report.markdown import summary
from sim.scenario import from_data
from sim.scenario.resolved import Scenario
from sim.study import read, run
from sim.study.cures import guesses, together
from sim.study.findings import Findings

STRATEGIES = {"rolling": "rolling"}


def deploys(strategies: dict[str, Any] = STRATEGIES, **service: Any) -> Scenario:
    """Six pods, sixty requests a second, proxies that hear of a change after five seconds; nothing is bad."""
    return from_data(
        {
            "rollrisk": 1,
            "name": "deploys",
            "service": {
                "replicas": 6,
                "concurrency": 8,
                "pod": {"app": {"start": "5s"}},
                "endpoint_lag": "5s",
                **service,
            },
            "nodes": {"count": 4, "cpu": 4, "memory": "16Gi"},
            "traffic": {"users": {"count": 1000}, "streams": {"web": {"peak": "60/s", "work": "50ms"}}},
            "release": {"baseline_errors": "0%", "change_failure_rate": "0%"},
            "oncall": "none",
            "strategies": strategies,
            "study": {"horizon": "8m", "pilot": 4, "cap": 4},
        },
        "deploys",
    )


@pytest.fixture(scope="module")
def lagging(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    return run(deploys(), results=tmp_path_factory.mktemp("good"), workers=1)


def test_requests_are_refused_by_pods_that_got_sigterm_before_the_proxies_knew(lagging: Findings) -> None:
    (price,) = lagging.good
    by_pencil = 60 / 6 * 5 * 6  # each of six pods refuses its share of five seconds
    assert price.failed == pytest.approx(by_pencil, rel=0.4)
    assert price.cuts[0].outcome == "REFUSED"
    assert price.cuts[0].version == "old"
    assert price.begins < price.ends <= 60


def test_a_pre_stop_hook_of_the_proxies_lag_cures_it_as_played(lagging: Findings) -> None:
    cure = lagging.good[0].cures[0]
    assert cure.change == "service.shutdown.pre_stop: 6s"
    assert cure.before > 100
    assert cure.after < 1


def test_the_verdict_and_all_reports_say_why_and_what_cures_it(lagging: Findings) -> None:
    assert "With service.shutdown.pre_stop: 6s a good release by rolling fails 0." in lagging.ruling.sentence
    text = " ".join(terminal.answer(lagging).split())
    for told in (text, summary(lagging).replace("\\", "")):
        assert "old pods that had got SIGTERM" in told
        assert "service.shutdown.pre_stop: 6s" in told
    assert document(lagging)["good"][0]["cures"][0]["after"] < 1


def test_with_no_bad_release_asked_about_the_table_is_about_good_ones(lagging: Findings) -> None:
    text = terminal.answer(lagging)
    assert "failed requests, good release" in text
    assert "if bad" not in text


def test_the_answer_is_read_again_without_playing(lagging: Findings) -> None:
    assert read(Path(lagging.folder)).good == lagging.good


def test_without_the_cause_the_sentence_goes(tmp_path: Path) -> None:
    cured = run(deploys(shutdown={"pre_stop": "6s"}), results=tmp_path, workers=1)
    assert cured.good == ()
    assert good.sentences(cured) == ()
    assert "a good release by" not in cured.ruling.sentence


def test_the_verdict_says_once_what_a_good_release_fails_and_what_cures_it(lagging: Findings) -> None:
    assert lagging.ruling.sentence.lower().count("a good release fails") == 1
    (price,) = lagging.good
    assert f"With {price.cures[0].change} a good release by {price.strategy} fails 0." in lagging.ruling.sentence


def test_recreate_is_cured_by_a_rolling_update(tmp_path: Path) -> None:
    scenario = deploys({"recreate": "recreate"}, shutdown={"pre_stop": "6s"})
    (price,) = run(scenario, results=tmp_path, workers=1).good
    assert price.failed > 300
    assert "kind: rolling" in price.cures[0].change
    assert price.cures[0].after < 0.1 * price.cures[0].before


def wanted(scenario: Scenario, outcome: Outcome, version: str) -> list[str]:
    return [each.change for each in guesses(scenario, scenario.strategies[0], {(outcome, version): 50.0})]


def test_what_is_rejected_asks_for_no_pre_stop_and_what_is_refused_for_no_slow_start() -> None:
    assert not any("pre_stop" in each for each in wanted(deploys(), Outcome.REJECTED, "old"))
    assert not any("slow_start" in each for each in wanted(deploys(), Outcome.REFUSED, "old"))


def test_a_grace_is_raised_only_where_requests_outlast_it() -> None:
    long = deploys(shutdown={"pre_stop": "6s", "grace": "6s"})
    assert any("grace" in each for each in wanted(long, Outcome.LOST, "old"))
    assert not any("grace" in each for each in wanted(deploys(shutdown={"pre_stop": "6s"}), Outcome.LOST, "old"))


def test_bad_answers_of_the_new_version_ask_for_no_knob() -> None:
    assert wanted(deploys(), Outcome.ERROR, "new") == []


def test_several_changes_go_together_and_one_alone_does_not() -> None:
    some = list(guesses(deploys(), deploys().strategies[0], {(Outcome.REFUSED, "old"): 50.0}))
    both = together(some)
    assert both is not None
    assert set(both.values) == {path for each in some for path in each.values}
    assert together(some[:1]) is None
