"""Every measure by name, with what it means, for the report and for whoever checks what a scenario asks."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

LEVELS: Mapping[str, int] = {"50": 500, "95": 950, "99": 990, "99.9": 999}
"""The ladder of success levels for downtime, in thousandths."""

QUANTILES: Mapping[str, int] = {"p50": 500, "p95": 950, "p99": 990, "p99.9": 999}
"""The latency quantiles, in thousandths."""


SPANS: Mapping[str, int] = {"1m": 60 * 10**9, "5m": 300 * 10**9, "1h": 3600 * 10**9}
"""The worst windows of user-uptime that are told, ns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What a figure means, in which unit, and which way is better."""

    name: str
    meaning: str
    unit: str
    net: bool = False  # minus the twin; else gross
    lower_is_better: bool = True
    averages: bool = True  # a mean over replications makes sense: never infinite, never missing


def _all() -> tuple[Measure, ...]:
    return (*_exposures(), *_downtimes(), *_uptimes(), *_notices(), *_decisions(), *_costs(), *_latencies())


def _exposures() -> tuple[Measure, ...]:
    return (
        Measure(
            name="requests",
            meaning="requests that arrived, or were under way when the release began",
            unit="requests",
            lower_is_better=False,
        ),
        Measure(name="failed_requests", meaning="failed requests the rollout itself cost", unit="requests", net=True),
        Measure(
            name="cut_off",
            meaning="requests cut off in flight: lost with their pod, or under way when the release began and failed",
            unit="requests",
            net=True,
        ),
        Measure(
            name="cut_off_at_start",
            meaning="failed requests that were under way when the release began",
            unit="requests",
            net=True,
        ),
        Measure(name="unseen_errors", meaning="failed requests no telemetry can see", unit="requests", net=True),
        Measure(
            name="requests_made",
            meaning="requests made by users of closed loops",
            unit="requests",
            lower_is_better=False,
        ),
        Measure(
            name="requests_never_made",
            meaning="requests users of closed loops made in the twin and not here",
            unit="requests",
            net=True,
        ),
        Measure(name="attempts", meaning="tries that clients and proxies made, first ones included", unit="attempts"),
        Measure(name="attempts_per_request", meaning="tries made for each request that arrived", unit="attempts"),
        Measure(
            name="connections_cut",
            meaning="long-lived connections cut, because their pod was taken down or its machine was lost",
            unit="connections",
            net=True,
        ),
        Measure(
            name="connections_made_again",
            meaning="connections that clients made again after they were cut",
            unit="connections",
            lower_is_better=False,
        ),
        Measure(name="reconnects_peak", meaning="most tries to connect again in one second", unit="tries"),
        Measure(
            name="open_at_horizon",
            meaning="long requests and connections still open at the horizon",
            unit="requests",
            lower_is_better=False,
        ),
        Measure(name="slow_requests", meaning="successes above the latency objective", unit="requests", net=True),
        Measure(name="users_hit", meaning="users with at least one failed request", unit="users", net=True),
        Measure(name="outage_minutes", meaning="failed requests as minutes of full outage", unit="min", net=True),
        Measure(name="budget_burnt", meaning="failed requests as a share of the error budget", unit="share", net=True),
        Measure(name="loss", meaning="what the rollout costs by your prices", unit="money", net=True),
        Measure(name="touched_requests", meaning="requests served by the new version", unit="requests"),
        Measure(name="touched_share_peak", meaning="highest share of users on the new version", unit="share"),
        Measure(
            name="failed_per_hour_at_end",
            meaning="failing requests per further hour of a bad release that nobody stopped",
            unit="requests/h",
        ),
    )


def _downtimes() -> tuple[Measure, ...]:
    found = [Measure(name="blackout", meaning="time without an endpoint for a version that should serve", unit="s")]
    for level in LEVELS:
        below = f"time below {level} % success"
        found += [
            Measure(name=f"down_{level}", meaning=below, unit="s", net=True),
            Measure(name=f"down_{level}_added", meaning=f"{below} that the twin did not have", unit="s"),
            Measure(
                name=f"down_{level}_removed",
                meaning=f"{below} that only the twin had",
                unit="s",
                lower_is_better=False,
            ),
        ]
    return tuple(found)


def _uptimes() -> tuple[Measure, ...]:
    """Only with ``user_cutoff`` under ``study``."""
    meaning = "share of users' active time that was up"
    spans = {"user_uptime": meaning} | {
        f"user_uptime_worst_{span}": f"{meaning}, in the worst {span}" for span in SPANS
    }
    return tuple(
        Measure(name=name, meaning=each, unit="share", lower_is_better=False, averages=False)
        for name, each in spans.items()
    )


def _notices() -> tuple[Measure, ...]:
    since = "from the first request the bad version served"
    return (
        Measure(name="detected", meaning="bad release noticed", unit="share", lower_is_better=False),
        Measure(
            name="detected_before_users",
            meaning="noticed by smoke test or deadline before it served any user",
            unit="share",
            lower_is_better=False,
        ),
        Measure(name="time_to_detect", meaning=f"{since} to the first alarm", unit="s", averages=False),
        Measure(name="time_to_mitigate", meaning=f"{since} to its last in reach", unit="s", averages=False),
        Measure(name="time_to_restore", meaning=f"{since} to full good capacity", unit="s", averages=False),
        Measure(name="awake", meaning="bad version in reach of users while its defect acts", unit="s"),
        Measure(name="false_alarms", meaning="pages and failing gates without a bad release", unit="alarms"),
    )


def _decisions() -> tuple[Measure, ...]:
    def share(name: str, meaning: str, *, lower_is_better: bool) -> Measure:
        return Measure(name=name, meaning=meaning, unit="share", lower_is_better=lower_is_better)

    return (
        share("stopped_gate", "bad release stopped by the gate, or late by a deadline", lower_is_better=False),
        share("stopped_oncall", "bad release stopped by the person on call", lower_is_better=True),
        share("stopped_before_users", "bad release stopped before it served any user", lower_is_better=False),
        share("stopped_nobody", "bad release stopped by nobody up to the horizon", lower_is_better=True),
        share("asleep", "bad release nobody stopped, whose defect had not shown by the horizon", lower_is_better=True),
        share("promoted", "rollout carried through", lower_is_better=False),
        share("aborted", "rollout taken back", lower_is_better=True),
        share("stuck", "rollout past its deadline and left so", lower_is_better=True),
        share("unfinished", "rollout still under way at the horizon", lower_is_better=True),
        share("not_shipped", "good release taken back, stuck or not finished", lower_is_better=True),
    )


def _costs() -> tuple[Measure, ...]:
    def headroom(name: str, meaning: str) -> Measure:
        return Measure(name=name, meaning=meaning, unit="share", lower_is_better=False, averages=False)

    return (
        Measure(name="duration", meaning="from the release to its decision, or to the horizon", unit="s"),
        Measure(name="peak_pods", meaning="most pods at once, terminating ones too", unit="pods"),
        Measure(name="pod_hours", meaning="pods over time", unit="pod-hours"),
        Measure(name="peak_nodes", meaning="most nodes in use at once", unit="nodes"),
        Measure(name="peak_connections", meaning="most connections held or asked for at once", unit="connections"),
        headroom("headroom", "what was left of the scarcest resource in its worst moment"),
        headroom("headroom.slots", "slots of pods left in the busiest minute"),
        headroom("headroom.nodes", "room for pods left on the nodes"),
        headroom("headroom.connections", "connections to dependencies left"),
    )


def _latencies() -> tuple[Measure, ...]:
    return tuple(
        Measure(
            name=f"latency_{quantile}",
            meaning=f"{quantile} from intended arrival to final good answer",
            unit="s",
            averages=False,
        )
        for quantile in QUANTILES
    )


MEASURES: Mapping[str, Measure] = {measure.name: measure for measure in _all()}
"""All measures of the whole service, in the order a reader is shown them."""


@functools.cache
def measure_named(name: str) -> Measure:
    """What a figure means, also that of a part: ``failed_requests.pay`` is a part of ``failed_requests``.

    Raises KeyError for a name that no measure begins.

    >>> measure_named("failed_requests.pay").unit, measure_named("down_99.9").name, measure_named("down_99.pay").name
    ('requests', 'down_99.9', 'down_99')
    """
    if name in MEASURES:
        return MEASURES[name]
    wholes = [whole for whole in MEASURES if name.startswith(whole + ".")]
    if not wholes:
        raise KeyError(name)
    return MEASURES[max(wholes, key=len)]
