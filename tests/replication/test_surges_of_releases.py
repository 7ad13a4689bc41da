"""A surge: requests of its own beside those that come anyway, in the twin and in every cell alike."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from releases import scenario_data, with_defect

from sim.ledger import RECORD_FIELDS
from sim.replication import Record, replicate
from sim.scenario import from_data
from sim.scenario.resolved import Scenario

STREAM, NUMBER, ARRIVED, USER = (RECORD_FIELDS.index(name) for name in ("stream", "number", "arrived", "user"))
WORK = {"p50": "20ms", "p95": "60ms"}
RUSH = {"kind": "surge", "factor": 3, "at": "30s", "lasts": "1m", "rises": "10s", "falls": "20s"}


def scenario(conditions: dict[str, Any] | None = None, **sections: Any) -> Scenario:
    """Two streams, some weather, and no person on call unless asked for."""
    streams = {"browse": {"peak": "15/s", "work": WORK}, "pay": {"peak": "5/s", "work": WORK}}
    given = {"oncall": "none", "traffic": {"streams": streams}, **sections}
    return from_data(scenario_data(conditions=conditions or {}, **given))


def rows(record: Record) -> Any:
    """A row per request, by stream and number."""
    assert record.ledger is not None
    found = record.ledger.record[: int(record.ledger.finished[0])]
    return found[np.lexsort((found[:, NUMBER], found[:, STREAM]))]


def told(given: Scenario, *, strategy: str | None = None, case: str = "good", engine: str = "compiled") -> Record:
    return replicate(given, strategy=strategy, case=case, index=0, engine=engine, story=True, requests=True)


def test_all_other_requests_keep_their_arrival_and_their_user() -> None:
    calm, stormy = rows(told(scenario())), rows(told(scenario({"rush": RUSH})))
    others = stormy[stormy[:, STREAM] < 2]
    fields = [STREAM, NUMBER, ARRIVED, USER]
    assert len(stormy) > len(others)
    assert np.array_equal(calm[:, fields], others[:, fields])


def test_a_surge_that_does_not_strike_leaves_the_very_replication_there_is_without_it() -> None:
    seldom = scenario({"rush": {**RUSH, "chance": "0%"}})
    for strategy in (None, "canary"):
        calm, other = told(scenario(), strategy=strategy), told(seldom, strategy=strategy)
        assert other.digest == calm.digest
        assert np.array_equal(rows(other), rows(calm))
        assert other.journal == calm.journal


def test_a_surge_that_does_not_strike_moves_no_other_surge() -> None:
    sale = {**RUSH, "at": "2m", "streams": ["pay"]}
    chances = {"0%": 0, "100%": 2}
    found = []
    for chance, more in chances.items():
        played = rows(told(scenario({"rush": {**RUSH, "chance": chance}, "sale": sale})))
        assert len(set(played[:, STREAM])) == 3 + more
        found.append(played[played[:, STREAM] == 4][:, [NUMBER, ARRIVED, USER]])
    assert len(found[0]) > 100
    assert np.array_equal(found[0], found[1])


def test_the_surge_strikes_the_twin_and_every_cell_alike() -> None:
    stormy = scenario({"rush": {**RUSH, "chance": "50%"}})
    struck = set()
    for index in range(6):
        cells = [(None, "good"), ("canary", "good"), ("canary", "flaw")]
        played = [
            replicate(stormy, strategy=strategy, case=case, index=index).values["requests"] for strategy, case in cells
        ]
        assert len(set(played)) == 1
        struck.add(played[0] > 20 * 180 + 20 * 60)
    assert struck == {False, True}


def test_so_many_more_come_as_the_area_of_the_surge_says() -> None:
    calm, stormy = scenario(), scenario({"rush": RUSH})
    more = told(stormy).values["requests"] - told(calm).values["requests"]
    ramp, level = 0.8 + 0.2 * 40 / 60, 1.0  # the profile while the surge grows: from 80 % at once to 100 % at 1m
    area = 2 * 20 * (10 * (0.8 + 0.2 * 30 / 60 + ramp) / 2 / 2 + 20 * (ramp + level) / 2 + 40 * level + 20 * level / 2)
    assert abs(more - area) < 4 * math.sqrt(area)


def test_its_requests_are_counted_as_those_of_the_stream_they_swell() -> None:
    sale = scenario({"sale": {**RUSH, "streams": ["pay"]}, "down": {"kind": "error_rate", "rate": "100%", "at": "0s",
                     "streams": ["pay"]}}, release={"baseline_errors": "0%"})  # fmt: skip
    record = told(sale)
    assert record.ledger is not None
    assert record.ledger.requests.shape[1] == 2
    played = rows(record)
    booked = played[played[:, ARRIVED] >= 0]
    assert record.values["failed_requests.pay"] == (booked[:, STREAM] != 0).sum() > (booked[:, STREAM] == 1).sum() + 300
    assert record.values["failed_requests.browse"] == 0
    assert not any("sale" in name for name in record.values)


def test_a_gate_counts_its_requests_as_those_of_the_stream_they_swell() -> None:
    gate = {"kind": "threshold", "per": "stream", "success": "50%", "every": "10s", "window": "30s", "delay": "5s",
            "min_requests": 1}  # fmt: skip
    seen = []
    for conditions in ({}, {"sale": {**RUSH, "at": "0s", "factor": 6, "streams": ["pay"]}}):
        journal = told(scenario(conditions, gates={"ours": gate}), strategy="canary").journal
        assert journal is not None
        figures = [verdict.figures for _, _, verdict in journal.verdicts if "pay: requests" in verdict.figures]
        assert {name.partition(":")[0] for each in figures for name in each} == {"browse", "pay"}
        seen.append(max(each["pay: requests"] for each in figures))
    assert seen[1] > 2 * seen[0]


def test_a_surge_moves_no_luck_of_a_pod_that_crashes() -> None:
    crash = with_defect({"kind": "crash", "every": {"kind": "exponential", "mean": "20s"}})
    steady = {"steady": {"kind": "blue_green", "keep_old": "10m"}}
    deaths = []
    for conditions in ({}, {"rush": RUSH}):
        journal = told(scenario(conditions, release=crash, strategies=steady), strategy="steady", case="flaw").journal
        assert journal is not None
        deaths.append([(each.at, each.who) for each in journal.events if "crashed" in each.what])
    assert deaths[0] == deaths[1] != []


def test_the_story_tells_when_a_surge_comes_and_goes() -> None:
    journal = told(scenario({"rush": {**RUSH, "streams": ["pay"]}})).journal
    assert journal is not None
    lines = [(each.at // 10**9, each.who, each.what) for each in journal.events if each.kind in ("weather", "calm")]
    assert lines == [
        (30, "rush", "brings up to 3 times as many requests: pay"),
        (120, "rush", "is over"),
    ]


@pytest.mark.parametrize(
    "arrivals",
    [
        "poisson",
        "constant",
        {"kind": "gamma", "cv": 2},
        {"kind": "mmpp", "factor": 4, "share": "20%", "lasts": "5s"},
    ],
    ids=lambda each: each if isinstance(each, str) else each["kind"],
)
def test_both_engines_play_a_surge_alike(arrivals: Any) -> None:
    pay = {"peak": "8/s", "work": {"p50": "40ms", "p95": "150ms"}, "arrivals": arrivals, "timeout": "500ms",
           "retries": {"kind": "backoff", "max": 2, "on": ["503", "timeout"], "budget": "20%"}}  # fmt: skip
    given = scenario(
        {"rush": {**RUSH, "factor": 8}},
        traffic={
            "streams": {"pay": pay, "browse": {"peak": "5/s", "work": WORK}},
            "profile": {"0m": "80%", "1m": "100%"},
        },
    )
    one, other = (told(given, strategy="canary", case="flaw", engine=engine) for engine in ("reference", "compiled"))
    assert np.array_equal(rows(one), rows(other))
    assert len(set(rows(one)[:, STREAM])) == 4
    assert one.digest == other.digest
    assert one.journal == other.journal
    assert one.values["failed_requests"] > 0


def test_the_story_tells_of_all_weather_and_of_none_that_does_not_strike() -> None:
    weather = {
        "slow": {"kind": "latency", "factor": 2, "at": "30s", "lasts": "30s"},
        "for-good": {"kind": "error_rate", "rate": "5%", "visible": "50%", "at": "1m"},
        "nothing": {"kind": "error_rate", "rate": "0%", "at": "1m"},
        "never": {"kind": "gray_node", "factor": 2, "at": "1m", "chance": "0%"},
    }
    journal = told(scenario(weather)).journal
    assert journal is not None
    lines = [(each.at // 10**9, each.who, each.what) for each in journal.events if each.kind in ("weather", "calm")]
    assert lines == [
        (30, "slow", "brings service factor"),
        (60, "slow", "is over"),
        (60, "for-good", "brings error, unseen error"),
    ]
