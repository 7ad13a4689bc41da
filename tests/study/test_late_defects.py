"""Nothing is harmless that is only late: the horizon follows it, or what it costs awake is played and told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sim.doors import kinds
from sim.failures import Serving
from sim.failures.latent_bug import LatentBug
from sim.failures.memory_leak import MemoryLeak
from sim.replication import replicate
from sim.report import late, terminal
from sim.report.document import document
from sim.scenario import from_data, load
from sim.scenario.arithmetic import fleet_arithmetic
from sim.scenario.resolved import Scenario
from sim.study import read, run
from sim.study.findings import Findings
from sim.study.late import Woken
from sim.units import DAY, HOUR, MINUTE, SECOND

CASE = Path(__file__).parents[1] / "cases" / "sleeps-beyond-horizon.yaml"


def small(defect: Mapping[str, Any], **study: Any) -> Scenario:
    """Two pods, five requests a second, a rolling update and a person on call who needs ten minutes."""
    return from_data(
        {
            "rollrisk": 1,
            "name": "small",
            "service": {
                "replicas": 2,
                "concurrency": 4,
                "pod": {"app": {"start": "5s"}},
                "shutdown": {"pre_stop": "10s"},
            },
            "nodes": {"count": 3, "cpu": 4, "memory": "16Gi"},
            "traffic": {"users": {"count": 100}, "streams": {"web": {"peak": "5/s", "work": "20ms"}}},
            "release": {
                "baseline_errors": "0%",
                "change_failure_rate": "50%",
                "defects": {"hidden": {"share": "100%", **defect}},
            },
            "oncall": {"notices_at": "5%", "reacts": "10m"},
            "strategies": {"rolling": "rolling"},
            "study": study,
        },
        "small",
    )


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    return run(load(CASE), results=tmp_path_factory.mktemp("late"), workers=1)


def test_a_bug_that_wakes_after_27_days_costs_what_its_reporter_counted(case: Findings) -> None:
    by_pencil = 20 * 49 * 60 * 0.85
    for cost in case.late[0].awake.values():
        assert cost.failed.value == pytest.approx(by_pencil, rel=0.1)
        assert cost.per_hour == pytest.approx(20 * 3600 * 0.85, rel=0.02)


def test_a_bug_that_sleeps_is_called_harmless_nowhere(case: Findings) -> None:
    assert {who.harmless for who in case.stopped.values()} == {0.0}
    assert {who.asleep for who in case.stopped.values()} == {1.0}
    told = terminal.answer(case)
    assert "harmless  " not in told
    assert "not shown yet after 3h" in told
    assert document(case)["late"][0]["defect"] == "sleeper"


def test_the_answer_says_when_it_shows_what_it_costs_and_who_stops_it(case: Findings) -> None:
    (told,) = late.sentences(case)
    assert "it shows 27d after the release, and the 3h that were played ended before" in told
    assert "it fails 61,200 requests an hour" in told
    assert "A gate no longer looks at a release that is through" in told
    assert "the person on call is paged" in told
    assert "Not counted" in case.ruling.sentence
    assert "27d" in case.ruling.sentence


def test_what_was_played_awake_is_told_again_without_playing(case: Findings) -> None:
    assert read(Path(case.folder)).late == case.late


def test_a_bug_that_shows_within_the_horizon_is_not_late(tmp_path: Path) -> None:
    early = small({"kind": "latent_bug", "wakes": "5m", "rate": "85%"}, horizon="30m", pilot=2, cap=2)
    found = run(early, results=tmp_path, workers=1)
    assert found.late == ()
    assert found.stopped["rolling"].asleep == 0.0
    assert "Not counted" not in found.ruling.sentence


def test_where_nobody_is_on_call_a_late_bug_goes_on() -> None:
    scenario = small({"kind": "latent_bug", "wakes": "9d", "rate": "50%"}, horizon="10m")
    alone = replace(scenario, oncall=None)
    woken = replace(alone.release.defects[0], failure=Woken(failure=alone.release.defects[0].failure, at=4 * MINUTE))
    alone = replace(alone, release=replace(alone.release, defects=(woken,)))
    row = replicate(alone, strategy="rolling", case="hidden", index=0).values
    assert row["stopped_nobody"] == 1.0
    assert row["awake"] == pytest.approx(6 * 60)


@pytest.mark.parametrize(
    ("defect", "at_least", "at_most"),
    [
        ({"kind": "latent_bug", "wakes": "5h", "rate": "10%"}, 5 * HOUR, 6 * HOUR),
        ({"kind": "error_rate", "after": "7h", "rate": "10%"}, 7 * HOUR, 8 * HOUR),
        ({"kind": "memory_leak", "oom_after": "5h"}, 5 * HOUR, 6 * HOUR),
        ({"kind": "request_leak", "per_request": "10KB", "room": "200MB"}, 2 * HOUR, 3 * HOUR),
        ({"kind": "latent_bug", "wakes": {"p50": "10h", "p95": "90h"}, "rate": "10%"}, DAY, DAY),
    ],
)
def test_the_horizon_follows_what_shows_within_a_day(defect: Mapping[str, Any], at_least: int, at_most: int) -> None:
    assert at_least <= small(defect).study.horizon <= at_most


def test_the_horizon_follows_no_defect_that_shows_later_than_a_day_or_sooner_than_the_rollout_ends() -> None:
    usual = small({"kind": "error_rate", "rate": "10%"}).study.horizon
    assert small({"kind": "latent_bug", "wakes": "27d", "rate": "10%"}).study.horizon == usual
    assert small({"kind": "latent_bug", "wakes": "1m", "rate": "10%"}).study.horizon == usual


def test_a_horizon_that_the_author_wrote_stays() -> None:
    assert small({"kind": "latent_bug", "wakes": "5h", "rate": "10%"}, horizon="30m").study.horizon == 30 * MINUTE


def test_a_leak_played_awake_kills_its_pods_when_the_release_is_through() -> None:
    scenario = small({"kind": "memory_leak", "oom_after": {"p50": "60h", "p95": "61h"}}, horizon="4h")
    asleep = replicate(scenario, strategy="rolling", case="hidden", index=0).values
    assert asleep["asleep"] == 1.0
    woken = replace(scenario.release.defects[0], failure=Woken(failure=scenario.release.defects[0].failure, at=HOUR))
    scenario = replace(scenario, release=replace(scenario.release, defects=(woken,)))
    record = replicate(scenario, strategy="rolling", case="hidden", index=0, story=True)
    assert record.values["asleep"] == 0.0
    assert record.journal is not None
    assert 55 * MINUTE < record.journal.woke < 4 * HOUR
    deaths = [event for event in record.journal.events if "OOMKilled" in event.what]
    assert len(deaths) == 2


def test_every_failure_says_when_it_shows() -> None:
    serving = Serving(since=MINUTE, per_pod=10.0)
    for word, kind in kinds("failures").items():
        example = kind.model_validate({name: value for name, value in kind.example.items() if name != "kind"})
        assert 0 <= example.shows(0.05, serving) <= example.shows(0.95, serving), word


def test_what_pods_die_of_is_counted_from_when_they_serve() -> None:
    leak = MemoryLeak.model_validate({"oom_after": "5h"})
    assert leak.shows(0.5, Serving(since=HOUR)) == 6 * HOUR
    assert LatentBug.model_validate({"wakes": "5h", "rate": "1%"}).shows(0.5, Serving(since=HOUR)) == 5 * HOUR


def test_check_warns_of_a_defect_that_shows_after_the_horizon_and_of_no_other() -> None:
    def warnings(wakes: str) -> list[str]:
        scenario = small({"kind": "latent_bug", "wakes": wakes, "rate": "10%"}, horizon="30m")
        return [each for each in fleet_arithmetic(scenario).warnings if each.startswith("hidden: shows")]

    assert len(warnings("27d")) == 1
    assert warnings("29m") == []


def test_a_late_defect_is_told_in_json_with_times_in_seconds(case: Findings) -> None:
    told = json.loads(json.dumps(document(case)["late"][0], allow_nan=False))
    assert told["shows"] == [27 * DAY / SECOND] * 3
    assert told["awake"]["canary"]["stopped"] == {"gate": 0.0, "on_call": 1.0}
