"""What no manifest can know, with what is published about it and a question for each.

The priors and what each of them measures: DORA's quick-check data of 2025 (dora-team/dora.dev,
``svelte/quick-check/src/lib/data/editions/2025/industry_metrics.json``), change failure rate 19 % with a standard
deviation of 21 % between teams, as a Beta(0.47, 2.02) law p10 0.3 %, p90 52 %. Nobody has published the size of errors
of a bad release, nor how soon a person acknowledges a page.
"""

from __future__ import annotations

from sim import units
from sim.exchange.drafts.lines import Line, Tree, guess

PEAK_PER_POD, PEAK_MOST = 50, 100
"""Requests a second of the guess."""

QUESTIONS = (
    "How many requests a second come at the peak? (traffic.streams.web.peak)",
    "How long does a request take, the middle one and the slowest of twenty? (traffic.streams.web.work)",
    "How many requests does a pod work on at once? (service.concurrency)",
    "What share of requests fails on a quiet day? (release.baseline_errors)",
    "What share of your releases is bad, and in which ways? (release.change_failure_rate, release.defects)",
    "How long does a pod need to start? (service.pod.*.start)",
    "How many nodes of which size are there? (nodes)",
)
"""What to answer first, in the order of how much usually hangs on it."""

SHARES = "in which ways your releases are bad only your own list can say; rollrisk calibrate reads one"
_NO_PRIOR = "nobody has published one for services in general"


def traffic(replicas: int) -> Tree:
    """Traffic of nobody in particular."""
    peak = min(PEAK_MOST, PEAK_PER_POD * replicas)
    return {
        "users": Line({"count": 10000}, "GUESS, trust low: used to count users hit"),
        "streams": {
            "web": {
                "peak": guess(f"{peak}/s", "no manifest knows it; figures per request are at this rate"),
                "work": guess({"p50": "50ms", "p95": "200ms"}, "a middling web request; measure yours"),
            }
        },
    }


def release() -> Tree:
    """How releases go wrong, by what is published."""
    return {
        "baseline_errors": guess("0.05%", f"a quiet day's; {_NO_PRIOR}"),
        "change_failure_rate": guess(
            {"low": "0.3%", "likely": "19%", "high": "52%"},
            "DORA 2025, mean of all industries; low and high are p10 and p90 between teams, self-reported",
            "medium",
        ),
        "defects": {
            "errors": guess(
                {"share": "60%", "kind": "error_rate", "rate": {"p50": "3%", "p95": "30%"}},
                "no law of the size of errors of bad releases is published",
            ),
            "slow": guess({"share": "25%", "kind": "latency", "factor": 2}, SHARES),
            "crashes": guess({"share": "15%", "kind": "crash_loop"}, SHARES),
        },
    }


def oncall() -> Line:
    """Who acts where no gate does."""
    return guess(
        {"notices_at": "5%", "reacts": {"p50": "10m", "p95": "40m"}},
        "no law of how soon people acknowledge is published; write none if nobody is paged",
    )


def nodes(pods: int, cpu: int, memory: int, os: str) -> Line:
    """Three nodes or more that hold two such fleets."""
    most = 2 * pods + 2
    count = max(3, -(-most // 100))
    cores = max(4, -(-most * cpu // (count * 1000)) + -(-cpu // 1000))
    gibibyte = 1024**3
    space = max(16, -(-most * memory // (count * gibibyte)) + -(-memory // gibibyte))
    fits = {"count": count, "cpu": cores, "memory": units.show_size(space * gibibyte)}
    if os != "linux":
        fits["os"] = os
    return guess(fits, f"room for two fleets of {pods} pods; manifests do not say what the nodes are")
