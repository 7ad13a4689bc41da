"""The words a scenario may use for measures, for what a figure is given, and for names."""

from __future__ import annotations

import re
from collections.abc import Sequence

MEASURES = (
    "failed_requests",
    "budget_burnt",
    "full_outage",
    "unseen_errors",
    "touched_requests",
    "touched_share_peak",
    "slow_requests",
    "users_hit",
    "down_50",
    "down_95",
    "down_99",
    "down_99.9",
    "blackout",
    "detected",
    "detected_before_users",
    "time_to_detect",
    "time_to_mitigate",
    "time_to_restore",
    "stopped_gate",
    "stopped_oncall",
    "stopped_before_users",
    "stopped_nobody",
    "promoted",
    "aborted",
    "stuck",
    "unfinished",
    "false_alarms",
    "duration",
    "peak_pods",
    "pod_hours",
    "peak_nodes",
    "peak_connections",
    "headroom",
    "failed_per_hour_at_end",
    "latency_p50",
    "latency_p95",
    "latency_p99",
    "latency_p99.9",
)
"""Measures by which may be decided and of which may be expected."""

PER_STREAM = ("failed_requests", "down_99")
"""Measures that exist per stream too, as ``failed_requests.pay``."""

GIVEN = ("release", "bad", "good")
"""Over which releases a figure is taken, besides a defect's name."""

TAKEN_STRATEGIES = ("any", "none", "twin")
TAKEN_CASES = (*GIVEN, "any")

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
"""A name of a stream, container, gate, defect, condition, dependency or strategy."""


def measures(streams: Sequence[str]) -> list[str]:
    """All measures of a scenario with these streams.

    >>> "failed_requests.pay" in measures(["pay"])
    True
    """
    per_stream = [f"{measure}.{stream}" for stream in streams for measure in PER_STREAM]
    return [*MEASURES, *per_stream]
