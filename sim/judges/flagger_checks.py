"""Flagger's tick: failed checks add up over the whole analysis, and the rollback comes one tick after the last.

Source: fluxcd/flagger v1.44, pkg/controller/scheduler.go and scheduler_metrics.go, pkg/controller/webhook.go.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

DEFAULT_THRESHOLD = 1


def effective_threshold(written: int) -> int:
    """Failed checks that roll back; what is unset or not above 0 means one."""
    return written if written > 0 else DEFAULT_THRESHOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """What a tick does: roll back, or check; and how many checks have failed after it."""

    rolls_back: bool
    failed_checks: int


def starts_with(failed_checks: int, threshold: int) -> bool:
    """Whether a tick begins with the rollback instead of a check.

    >>> starts_with(4, 5), starts_with(5, 5), starts_with(0, 0)
    (False, True, False)
    """
    return failed_checks >= effective_threshold(threshold)


def tick(failed_checks: int, threshold: int, *, metric_ok: bool) -> Tick:
    """One tick of a running analysis; ``metric_ok`` is asked only where no rollback is due.

    >>> tick(10, 10, metric_ok=True)
    Tick(rolls_back=True, failed_checks=10)
    """
    if starts_with(failed_checks, threshold):
        return Tick(rolls_back=True, failed_checks=failed_checks)
    return Tick(rolls_back=False, failed_checks=failed_checks + (not metric_ok))


def in_range(value: float, low: float | None, high: float | None) -> bool:
    """Whether a metric passes its ``thresholdRange``; both ends belong to it, and no value is none.

    >>> in_range(99.0, 99, None), in_range(98.99, 99, None), in_range(float("nan"), None, 500)
    (True, False, False)
    """
    if math.isnan(value):
        return False
    return not ((low is not None and value < low) or (high is not None and value > high))


def webhook_passes(statuses: tuple[int, ...], retries: int) -> bool:
    """Whether a webhook gate opens: an HTTP status up to 202, in the first try or one of the retries.

    >>> webhook_passes((500, 202), 1), webhook_passes((500, 202), 0), webhook_passes((204,), 0)
    (True, False, False)
    """
    return any(status <= 202 for status in statuses[: 1 + max(retries, 0)])
