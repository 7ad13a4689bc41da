"""Keys that may say something else than their author means: told, so that nothing is read otherwise in silence.

Sources: Argo Rollouts' issues on analyses without data (``result[0]`` of an empty answer is an evaluation error), and
the meaning that ``mixed_versions`` had before its sessions were played.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from sim import units
from sim.judges.analysis_run import ERROR_RETRY
from sim.rollout_plan import plan_of
from sim.scenario.demand import highest_rate
from sim.scenario.resolved import Scenario, Strategy


def misread(scenario: Scenario) -> Iterator[str]:
    """A sentence for each such key."""
    for strategy in scenario.strategies:
        yield from _errors_of_none(scenario, strategy)
        yield from _nobody_to_ask(scenario, strategy)
    for defect in scenario.release.defects:
        written = scenario.document.get("release", {}).get("defects", {}).get(defect.name, {})
        yield from _hits_everybody(defect.name, written)
        yield from _rate_of_sessions(scenario, defect.name, written)


def _errors_of_none(scenario: Scenario, strategy: Strategy) -> Iterator[str]:
    """Argo's ratio of errors to all: empty until the first error, and an empty answer is an evaluation error."""
    gate = scenario.gates.get(strategy.gate or "")
    if gate is None or gate.kind != "argo":
        return
    rate = sum(highest_rate(scenario, each) for each in scenario.traffic.streams)
    shares = [held.share for held in plan_of(strategy.strategy, scenario.service.replicas).holds if held.share > 0]
    share = min(shares, default=1.0) if gate.per == "version" else 1.0
    for name, metric in gate.metrics.items():
        if metric.value != "errors" or metric.no_data != "error" or metric.dry_run:
            continue
        tries = metric.consecutive_error_limit + 1
        until = metric.initial_delay + tries * ERROR_RETRY
        none_yet = math.exp(-rate * share * scenario.release.new_errors * until / units.SECOND)
        if none_yet > scenario.study.false_aborts:
            yield (
                f"{strategy.name}: the metric {name} of its gate {strategy.gate} asks for errors, a series that is not "
                f"there before the first error. Measured {tries} times without one, the run ends in an error and the "
                f"release is aborted: in {units.show_share(units.two_figures(none_yet))} of good releases no error "
                f"comes within {units.show_duration(until)}. Write no_data: success, or value: success"
            )


def _nobody_to_ask(scenario: Scenario, strategy: Strategy) -> Iterator[str]:
    """A rollout that waits for a person where there is none: it waits for ever."""
    if scenario.oncall is None and plan_of(strategy.strategy, scenario.service.replicas).asks:
        yield (
            f"{strategy.name} cannot ship: it waits for a person to let it go on (approve: true), and nobody is on "
            "call (oncall: none); say under oncall who reacts and how fast, as oncall: {reacts: 10m}"
        )


def _hits_everybody(name: str, written: Any) -> Iterator[str]:
    """Bad answers that end by themselves are rarely a fault in the new version's code."""
    if written.get("kind") == "error_rate" and written.get("lasts") is not None and written.get("on", "new") == "new":
        yield (
            f"{name}: its bad answers last {written['lasts']} and come from the new version's pods alone. If the "
            "release does this to everybody (a migration's lock, a cache that is emptied), write on: both, or kind: "
            "lock or cache_flush under release.effects"
        )


def _rate_of_sessions(scenario: Scenario, name: str, written: Any) -> Iterator[str]:
    """A rate that once was of all requests."""
    assumed = {default.path for default in scenario.defaults}
    if written.get("kind") == "mixed_versions" and f"release.defects.{name}.rate" not in assumed:
        yield (
            f"{name}: rate is the share that fails of requests whose session was last answered by the other version, "
            "at a weight w 2w(1-w) of all; scenarios written before meant a share of all requests while both serve"
        )
