"""Small scenarios, made of plain data, for the laws of a replication."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

BASIC: dict[str, Any] = {
    "rollrisk": 1,
    "name": "small",
    "question": "Do the laws of the house hold?",
    "service": {
        "replicas": 3,
        "concurrency": 2,
        "queue": 5,
        "balancer": "two_choices",
        "pod": {"app": {"image": "50MB", "cpu": "500m", "memory": "256Mi", "start": "2s"}},
        "readiness": {"every": "1s", "failures": 2},
        "shutdown": {"pre_stop": "2s", "grace": "10s"},
        "endpoint_lag": {"p50": "300ms", "p95": "1s"},
    },
    "nodes": {"count": 3, "cpu": 4, "memory": "8Gi", "pull": "100MB/s"},
    "traffic": {
        "users": {"count": 200, "sticky": True},
        "profile": {"0m": "80%", "1m": "100%"},
        "streams": {"all": {"peak": "20/s", "work": {"p50": "40ms", "p95": "150ms"}}},
    },
    "release": {
        "baseline_errors": "1%",
        "change_failure_rate": "20%",
        "defects": {"flaw": {"share": "100%", "kind": "error_rate", "rate": "30%"}},
    },
    "oncall": {"notices_at": "5%", "reacts": "20s", "window": "20s", "min_requests": 20},
    "telemetry": {"scrape": "5s", "delay": "5s"},
    "gates": {
        "ours": {"kind": "threshold", "per": "version", "success": "90%", "every": "10s", "window": "10s",
                 "min_requests": 10},
    },
    "strategies": {"canary": {"kind": "canary", "gate": "ours", "steps": [{"weight": "20%", "hold": "40s"}]}},
    "study": {"horizon": "3m", "warm_up": "20s", "pilot": 2, "cap": 2, "seed": 1},
}  # fmt: skip

DEFECTS: list[dict[str, Any]] = [
    {"kind": "error_rate", "rate": "30%"},
    {"kind": "error_rate", "rate": "30%", "visible": "0%", "cohort": "40%"},
    {"kind": "latency", "factor": 4},
    {"kind": "crash", "every": "15s"},
    {"kind": "crash_loop", "after_start": "1s"},
    {"kind": "never_ready"},
    {"kind": "memory_leak", "oom_after": "25s"},
    {"kind": "mixed_versions", "rate": "20%", "pause": "5s"},
    {"kind": "unreadable_data", "takes": "1m"},
    {"kind": "cache_flush", "factor": 4, "refills": "20s", "at": "each pod"},
    {"kind": "lock", "lasts": "6s", "at": "before the switch"},
    {"kind": "error_rate", "rate": "30%", "lasts": "10s", "on": "both", "at": "before the switch"},
]
STRATEGIES: list[dict[str, Any]] = [
    {"kind": "recreate"},
    {"kind": "rolling"},
    {"kind": "blue_green", "keep_old": "30s"},
    {"kind": "blue_green", "keep_old": "40s", "gate": "ours"},
    {"kind": "canary", "steps": [{"weight": "20%", "hold": "30s"}], "gate": "ours"},
    {"kind": "canary", "steps": [{"weight": "34%", "hold": "30s"}], "split": "pods"},
]


def scenario_data(**sections: Any) -> dict[str, Any]:
    """The basic scenario with some sections laid over it, one level deep."""
    data = copy.deepcopy(BASIC)
    for name, section in sections.items():
        if isinstance(section, dict) and isinstance(data.get(name), dict) and name not in ("strategies",):
            data[name] = {**data[name], **copy.deepcopy(section)}
        else:
            data[name] = copy.deepcopy(section)
    return data


def with_defect(defect: dict[str, Any]) -> dict[str, Any]:
    """A release section whose bad releases are all of this kind."""
    return {"defects": {"flaw": {"share": "100%", **defect}}}


@st.composite
def scenarios(draw: st.DrawFn) -> dict[str, Any]:
    """Any of the strategies against any of the defects, in some weather."""
    stream: dict[str, Any] = {"peak": draw(st.sampled_from(["10/s", "30/s"])), "work": {"p50": "40ms", "p95": "150ms"}}
    stream["arrivals"] = draw(st.sampled_from(["poisson", "constant"]))
    if draw(st.booleans()):
        stream["timeout"] = "300ms"
        stream["retries"] = {"kind": "backoff", "max": 2, "on": ["connect", "503", "timeout"], "wait": "20ms"}
    weather = draw(st.booleans())
    data = scenario_data(
        service={"balancer": draw(st.sampled_from(["random", "round_robin", "least_request", "two_choices"])),
                 "replicas": draw(st.integers(1, 4))},
        traffic={"users": {"count": 200, "sticky": draw(st.booleans())}, "streams": {"all": stream}},
        release=with_defect(draw(st.sampled_from(DEFECTS))),
        strategies={"plan": draw(st.sampled_from(STRATEGIES))},
        study={"seed": draw(st.integers(1, 1000))},
    )  # fmt: skip
    if weather:
        data["conditions"] = {
            "bad-day": {"kind": "error_rate", "rate": "10%", "at": "30s", "lasts": "1m", "chance": "60%"},
            "rush": {"kind": "surge", "factor": 2.5, "at": "20s", "lasts": "40s", "rises": "5s", "chance": "60%"},
        }
    return data
