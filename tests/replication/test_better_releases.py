"""A release may also be better than today: fewer errors, less work; it is played so, and told so."""

from __future__ import annotations

from typing import Any

import pytest

from sim.cluster.folding import fold
from sim.replication import replicate
from sim.scenario import from_data
from sim.scenario.resolved import Scenario


def service(version: dict[str, Any], **defect: Any) -> Scenario:
    defects = {"odd": {"share": "100%", **defect}} if defect else {}
    return from_data(
        {
            "rollrisk": 1,
            "name": "better",
            "service": {
                "replicas": 4,
                "concurrency": 4,
                "pod": {"app": {"start": "5s"}},
                "shutdown": {"pre_stop": "10s"},
            },
            "nodes": {"count": 3, "cpu": 4, "memory": "16Gi"},
            "traffic": {"users": {"count": 1000}, "streams": {"web": {"peak": "50/s", "work": "20ms"}}},
            "release": {
                "baseline_errors": "1%",
                "version": version,
                "change_failure_rate": "50%" if defects else "0%",
                "defects": defects,
            },
            "oncall": "none",
            "strategies": {"rolling": "rolling"},
            "study": {"horizon": "20m"},
        },
        "better",
    )


def net(scenario: Scenario, measure: str, case: str = "good") -> float:
    release = replicate(scenario, strategy="rolling", case=case, index=0).values
    return release[measure] - replicate(scenario, strategy=None, case="good", index=0).values[measure]


def test_a_version_with_fewer_errors_than_today_fails_fewer_requests() -> None:
    saved = net(service({"baseline_errors": "0.2%"}), "failed_requests")
    assert saved == pytest.approx(-0.008 * 50 * 60 * 19, rel=0.15)  # all but the first minute or so


def test_a_version_with_more_errors_than_today_fails_more() -> None:
    assert net(service({"baseline_errors": "2%"}), "failed_requests") > 300


def test_a_version_that_says_nothing_of_its_errors_fails_as_today() -> None:
    assert net(service({}), "failed_requests") == 0


def test_less_work_than_today_makes_answers_faster() -> None:
    assert net(service({"work": 0.5}), "latency_p50") < -0.005


def test_a_defect_may_make_answers_faster() -> None:
    assert net(service({}, kind="latency", factor=0.5), "latency_p50", case="odd") < -0.005


def test_the_fold_of_errors_starts_from_the_versions_own() -> None:
    assert fold(0.002, 1.0, ()).error_chance == 0.002
