"""Who was hurt: requests by outcome, users, and latencies, all from the ledger."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.journal import Gauge, Journal
from sim.ledger import Ledger, bucket_middles
from sim.measures.catalogue import QUANTILES
from sim.measures.stairs import stairs
from sim.outcomes import FAILURES, Outcome
from sim.rows import Ints
from sim.versions import NEW, STABLE

NOT_SERVED = (Outcome.NO_ENDPOINT, Outcome.REFUSED)
"""Outcomes of a last attempt that got into no pod."""

LAST_TENTH = 10
"""The part of the horizon over which the damage of a release still running is taken: one tenth."""

_MIDDLES = bucket_middles()


def exposure(ledger: Ledger, journal: Journal, streams: Sequence[str], window: int, horizon: int) -> dict[str, float]:
    """Counts of requests and users of one replication; gross."""
    arrived = ledger.requests.sum(axis=(2, 3))
    failed = arrived - ledger.requests[:, :, :, Outcome.SUCCEEDED].sum(axis=2)
    requests, failures = int(arrived.sum()), int(failed.sum())
    values = {"requests": float(requests), "failed_requests": float(failures)}
    values |= {f"failed_requests.{name}": float(failed[:, place].sum()) for place, name in enumerate(streams)}
    values |= _cut_off(ledger, streams)
    values["unseen_errors"] = float(ledger.requests[:, :, :, Outcome.UNSEEN_ERROR].sum())
    values["slow_requests"] = float(ledger.slow.sum())
    values["users_hit"] = float(ledger.users_hit.sum(dtype=np.int64))
    values["outage_minutes"] = failures * (horizon / 60e9) / requests if requests else 0.0
    values["touched_requests"] = float(_touched(ledger))
    values["touched_share_peak"] = stairs(journal, Gauge.NEW_SHARE, horizon).peak
    values["failed_per_hour_at_end"] = _failed_per_hour(failed.sum(axis=1), window, horizon)
    return values


def _cut_off(ledger: Ledger, streams: Sequence[str]) -> dict[str, float]:
    """Requests lost with the pod they were in, and those under way at t = 0 that failed in any way; per stream too."""
    under_way = ledger.in_flight[:, :, :, list(FAILURES)].sum(axis=(0, 2, 3))
    lost = ledger.arrived[:, :, :, Outcome.LOST].sum(axis=(0, 2))
    cut = under_way + lost
    values = {"cut_off": float(cut.sum())}
    values |= {f"cut_off.{name}": float(cut[place]) for place, name in enumerate(streams)}
    return values | {"cut_off_at_start": float(under_way.sum())}


def tried(ledger: Ledger) -> dict[str, float]:
    """Attempts that ended since the release, in all and for each request; a wait that was cut off is none."""
    attempts, requests = int(ledger.attempts.sum()), int(ledger.requests.sum())
    return {"attempts": float(attempts), "attempts_per_request": attempts / requests if requests else 0.0}


def latencies(ledger: Ledger, streams: Sequence[str]) -> dict[str, float]:
    """Latency quantiles of successes in seconds, of the whole service and per stream and version.

    nan where no request succeeded. The error is that of the ledger's histogram, below 1 %.
    """
    values = _quantiles("", ledger.latency.sum(axis=(0, 1)))
    for place, stream in enumerate(streams):
        for version, word in ((STABLE, "stable"), (NEW, "new")):
            values |= _quantiles(f".{stream}.{word}", ledger.latency[place, version])
    return values


def _quantiles(part: str, counts: Ints) -> dict[str, float]:
    """The quantiles of one histogram: the smallest latency that the share of requests did not exceed."""
    below = np.cumsum(counts)
    total = int(below[-1])
    values = {}
    for name, thousandths in QUANTILES.items():
        rank = -(-total * thousandths // 1000)
        value = float(_MIDDLES[np.searchsorted(below, rank)]) / 1e9 if total else float("nan")
        values[f"latency_{name}{part}"] = value
    return values


def _touched(ledger: Ledger) -> int:
    """Requests whose last attempt got into a pod of the new version."""
    by_outcome = ledger.requests[:, :, NEW].sum(axis=(0, 1))
    return int(by_outcome.sum() - by_outcome[list(NOT_SERVED)].sum())


def _failed_per_hour(failed: Ints, window: int, horizon: int) -> float:
    """Failed requests per hour over the windows of the last tenth of the horizon."""
    first = len(failed) - -(-len(failed) // LAST_TENTH)
    return float(failed[first:].sum()) * 3600e9 / (horizon - first * window)
