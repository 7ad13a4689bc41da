"""Features of proxies, clients, streams and weather together in whole releases: both engines agree on every request."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from releases import scenario_data, with_defect

from sim.replication import Record, replicate
from sim.scenario import from_data

WORK = {"p50": "40ms", "p95": "150ms"}
RETRIES = {"kind": "backoff", "max": 2, "on": ["connect", "503", "timeout"], "wait": "20ms", "budget": "20%"}
OUTLIERS = {"after": 2, "eject_for": "8s", "most": "60%", "panic": "30%"}
RUSH = {"kind": "surge", "factor": 4, "at": "10s", "lasts": "30s", "rises": "5s", "falls": "5s"}
CLOSED = {"arrivals": {"kind": "closed", "users": 30, "think": {"p50": "500ms", "p95": "2s"}}, "work": WORK}
BURSTS = {"peak": "12/s", "work": WORK, "arrivals": {"kind": "mmpp", "factor": 6, "share": "10%", "lasts": "5s"}}
OPEN = {"peak": "15/s", "work": WORK}
DARK = {"weight": "0%", "hold": "15s", "cohort": "10%", "mirror": "40%"}
CANARY = {"kind": "canary", "gate": "ours", "steps": [DARK, {"weight": "30%", "hold": "20s"}]}

TOGETHER: dict[str, dict[str, Any]] = {
    "ejection and panic, closed loop, crashes": {
        "service": {"replicas": 4, "outliers": OUTLIERS, "proxies": 2},
        "traffic": {"streams": {"loop": {**CLOSED, "timeout": "600ms", "retries": RETRIES}}},
        "release": with_defect({"kind": "crash", "every": "10s"}),
        "strategies": {"plan": {"kind": "rolling"}},
    },
    "breaker, slow start, header cohort, mirror, surge, slow answers": {
        "service": {"breaker": 6, "slow_start": "10s"},
        "traffic": {"streams": {"all": {**OPEN, "timeout": "400ms", "retries": RETRIES}}},
        "conditions": {"rush": RUSH},
        "release": with_defect({"kind": "latency", "factor": 4}),
        "strategies": {"plan": CANARY},
    },
    "held connections, mirror, poison": {
        "traffic": {"connections": {"idle": "5s", "age": "20s"}, "streams": {"all": OPEN}},
        "release": with_defect({"kind": "poison_request", "rate": "6%"}),
        "strategies": {"plan": CANARY},
    },
    "ring hash, skewed sticky users, bursts, surge, leak per request": {
        "service": {"balancer": "ring_hash", "replicas": 4},
        "traffic": {"users": {"count": 300, "skew": 0.8, "sticky": True}, "streams": {"bursts": BURSTS}},
        "conditions": {"rush": RUSH},
        "release": with_defect({"kind": "request_leak", "per_request": "1MB", "room": "40MB"}),
        "strategies": {"plan": {"kind": "blue_green", "keep_old": "20s"}},
    },
    "closed and open, a dependency, overload, clients who leave": {
        "dependencies": {"db": {"connections": 60, "per_pod": 5, "concurrency": 3, "work": "20ms"}},
        "traffic": {
            "on_client_gone": "leave_queue",
            "streams": {
                "loop": {**CLOSED, "calls": {"db": 1}},
                "all": {**OPEN, "timeout": "300ms", "calls": {"db": 2}},
            },
        },
        "conditions": {"rush": RUSH},
        "release": with_defect({"kind": "overload_errors", "rate_when_full": "80%"}),
        "strategies": {"plan": {"kind": "rolling", "surge": 0, "unavailable": 1}},
    },
    "a lost zone, ejection of all, bursts, autoscaler": {
        "service": {
            "replicas": 3,
            "outliers": {**OUTLIERS, "most": "100%", "panic": "0%"},
            "autoscaler": {"kind": "hpa", "min": 2, "max": 6, "cpu": "50%"},
        },
        "nodes": {"count": 4, "cpu": 2, "memory": "8Gi", "zones": 2},
        "traffic": {"on_client_gone": "cancel", "streams": {"bursts": {**BURSTS, "timeout": "300ms"}}},
        "conditions": {"rush": RUSH, "zone": {"kind": "zone_loss", "at": "20s", "lasts": "30s"}},
        "strategies": {"plan": CANARY},
    },
}


def played(sections: dict[str, Any], engine: str) -> Record:
    data = scenario_data(**sections, study={"horizon": "80s"})
    if "autoscaler" in data["service"]:
        data["study"].pop("warm_up")
    record = replicate(from_data(data), strategy="plan", case="flaw", index=3, engine=engine, story=True, requests=True)
    assert record.ledger is not None
    return record


@pytest.mark.parametrize("name", TOGETHER)
def test_both_engines_agree_on_every_request_of_features_together(name: str) -> None:
    one, other = played(TOGETHER[name], "reference"), played(TOGETHER[name], "compiled")
    assert one.ledger is not None
    assert other.ledger is not None
    for field in one.ledger._fields:
        assert np.array_equal(getattr(one.ledger, field), getattr(other.ledger, field)), field
    assert one.journal == other.journal
    assert other.values["requests"] > 500
    assert other.values["failed_requests"] > 0
