"""What this machine lends to a study."""

from __future__ import annotations

import os

WORTH_WORKERS = 1.5
"""Seconds of work below which starting processes takes longer than it saves."""


def cores() -> int:
    """Processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1
