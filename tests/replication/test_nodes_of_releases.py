"""Whole releases where machines run short: an autoscaler and a pool of nodes, and a budget beside a rollout."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from sim.journal import Event, Gauge, Milestone
from sim.replication import Record, replicate
from sim.scenario import from_data
from sim.steps import Decision

SECOND, MINUTE = 10**9, 60 * 10**9
PLAIN: dict[str, Any] = {
    "rollrisk": 1,
    "name": "machines",
    "question": "What do machines have to do with it?",
    "release": {"baseline_errors": "0%", "change_failure_rate": "0%"},
    "oncall": "none",
}
POD = {"app": {"image": "50MB", "cpu": 1, "memory": "256Mi", "start": "5s"}}


def played(service: dict[str, Any], **sections: Any) -> Record:
    given = {"concurrency": 4, "queue": 200, "pod": POD, "shutdown": {"pre_stop": "10s"}, **service}
    return replicate(
        from_data({**PLAIN, "service": given, **sections}), strategy="ours", case="good", index=0, story=True
    )


@cache
def growing() -> Record:
    """Four pods fill their node; a second fleet, and later the autoscaler's fifth pod, find no room on it."""
    return played(
        {
            "replicas": 4,
            "autoscaler": {
                "kind": "hpa", "min": 4, "max": 8, "cpu": "60%", "idle": "0%", "starting": 0, "initialisation": "30s",
            },
            "disruption": {"max_unavailable": 1},
        },
        nodes={"count": 1, "cpu": 4, "memory": "8Gi", "most": 4, "least": 1, "provision": "90s"},
        traffic={
            "users": {"count": 5000},
            "profile": {"0m": "30%", "20m": "30%", "21m": "100%", "35m": "100%", "36m": "30%", "75m": "30%"},
            "streams": {"web": {"peak": "120/s", "work": {"p50": "80ms", "p95": "200ms"}}},
        },
        strategies={"ours": {"kind": "blue_green", "keep_old": "2m"}},
        study={"horizon": "75m", "pilot": 2, "cap": 2},
    )  # fmt: skip


def told(record: Record, kind: str, what: str) -> list[Event]:
    assert record.journal is not None
    return [event for event in record.journal.events if event.kind == kind and what in event.what]


def minutes(events: list[Event]) -> list[float]:
    return [event.at / MINUTE for event in events]


def nodes_that_stand(record: Record, at: int) -> int:
    came = [event for event in told(record, "node", "joins the pool") if event.at <= at]
    left = [event for event in told(record, "node", "leaves the pool") if event.at <= at]
    return 1 + len(came) - len(left)


def test_the_second_fleet_is_pending_until_the_pool_has_grown() -> None:
    record = growing()
    pending = told(record, "pod", "pending: 0/1 nodes are available: 1 Insufficient cpu")[:4]
    assert [event.who for event in pending] == [f"new/{n}" for n in range(4)]
    first_node = told(record, "node", "joins the pool")[0].at
    assert first_node == 10 * SECOND + 90 * SECOND  # the next scan, then the time a machine takes
    scheduled = [event.at for event in told(record, "pod", "scheduled to node 1") if event.who.startswith("new/")][:4]
    assert scheduled == [first_node] * 4


def test_the_node_of_the_old_fleet_leaves_ten_minutes_after_the_release() -> None:
    record = growing()
    assert record.journal is not None
    assert record.journal.decision is Decision.PROMOTED
    decided = record.journal.milestones[Milestone.DECIDED]
    first = told(record, "node", "leaves the pool")[0]
    assert first.who == "node 0"
    assert 10 * MINUTE <= first.at - decided <= 10 * MINUTE + 30 * SECOND


def test_the_autoscaler_asks_for_more_than_the_pool_has_and_gets_it_a_machine_later() -> None:
    record = growing()
    asked = told(record, "autoscaler", "scale the service from 4 to 5")[0]
    assert 20 < asked.at / MINUTE < 25
    new = next(event.who for event in told(record, "pod", "pending: ") if event.at == asked.at)
    ready = next(event for event in told(record, "pod", "ready") if event.who == new and event.at > asked.at)
    assert 90 * SECOND < ready.at - asked.at < 2 * MINUTE


def test_after_the_rush_the_autoscaler_shrinks_the_fleet_and_the_pool_what_it_leaves_unused() -> None:
    record = growing()
    shrunk = told(record, "autoscaler", "to 4")[-1]
    assert shrunk.at >= 40 * MINUTE  # five minutes of stabilisation after the rush
    assert nodes_that_stand(record, shrunk.at) == 2
    assert nodes_that_stand(record, 75 * MINUTE) == 1
    evicted = told(record, "node", "is evicted")
    assert [event.at > shrunk.at + 10 * MINUTE for event in evicted] == [True] * len(evicted)
    assert len(evicted) == 1


def test_none_of_this_costs_a_request() -> None:
    assert growing().values["failed_requests"] == 0


@cache
def drained(**budget: Any) -> Record:
    """Maintenance empties a machine five seconds into a rolling update."""
    return played(
        {"replicas": 8, "disruption": budget},
        nodes={"count": 4, "cpu": 4, "memory": "8Gi"},
        conditions={"maintenance": {"kind": "node_drain", "at": "5s", "node": 0}},
        traffic={
            "users": {"count": 500},
            "streams": {"web": {"peak": "30/s", "work": {"p50": "80ms", "p95": "200ms"}}},
        },
        strategies={"ours": {"kind": "rolling"}},
        study={"horizon": "10m", "pilot": 2, "cap": 2},
    )


def ready_at_least(record: Record) -> float:
    assert record.journal is not None
    stable, new = (record.journal.gauges[gauge] for gauge in (Gauge.READY_STABLE, Gauge.READY_NEW))
    moments = sorted({at for at, _ in (*stable, *new) if at >= 0})
    return min(sum(_value(steps, at) for steps in (stable, new)) for at in moments)


def _value(steps: list[tuple[int, float]], at: int) -> float:
    return next((value for when, value in reversed(steps) if when <= at), 0.0)


def test_a_budget_that_spares_nobody_stops_the_drain_and_not_the_rollout() -> None:
    record = drained(min_available=8)
    assert record.journal is not None
    assert record.journal.decision is Decision.PROMOTED
    assert ready_at_least(record) == 6  # a quarter below what the budget asks for
    assert told(record, "node", "is evicted") == []
    assert [event.who for event in told(record, "node", "is drained")] == ["node 0"]


def test_a_budget_of_one_lets_the_drain_go_on_pod_by_pod_once_the_rollout_has_left_enough() -> None:
    record = drained(max_unavailable=1)
    evicted = told(record, "node", "is evicted")
    assert evicted
    gaps = [later.at - earlier.at for earlier, later in pairwise(evicted)]
    assert all(gap >= 5 * SECOND for gap in gaps)
    assert minutes(evicted)[-1] < 2


def test_without_a_budget_the_machine_is_emptied_at_once() -> None:
    assert {event.at for event in told(drained(), "node", "is evicted")} == {5 * SECOND}


@pytest.mark.parametrize("budget", [{"min_available": 8}, {"max_unavailable": 1}, {}])
def test_a_drain_beside_a_rollout_costs_no_request_where_pods_end_well(budget: dict[str, Any]) -> None:
    assert drained(**budget).values["failed_requests"] == 0
