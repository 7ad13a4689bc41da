"""What several rules ask of a target: its holds, its metrics; worked out once for each."""

from __future__ import annotations

from collections.abc import Iterator

from sim.exchange.analysis import TEMPLATES, Metric, arguments, metrics_of
from sim.exchange.argo import Hold, analyses, holds, strategy_of
from sim.exchange.promql.scopes import Names
from sim.exchange.workloads import Target


def holds_of(target: Target) -> list[Hold]:
    """The holds of a Rollout's canary; none of anything else."""
    if "holds" not in target.remembered:
        way, strategy = strategy_of(target.owner.spec)
        canary = target.tool == "Rollout" and way == "canary"
        target.remembered["holds"] = list(holds(strategy)) if canary else []
    found: list[Hold] = target.remembered["holds"]
    return found


def analysed(target: Target) -> list[tuple[str, Metric]]:
    """Every metric and when it is asked, worked out once."""
    if "metrics" not in target.remembered:
        target.remembered["metrics"] = list(_analysed(target))
    found: list[tuple[str, Metric]] = target.remembered["metrics"]
    return found


def _analysed(target: Target) -> Iterator[tuple[str, Metric]]:
    """Every metric of a Rollout and when it is asked; of a template by itself, as if it were asked all the time."""
    if target.tool in TEMPLATES:
        known = dict(arguments(target.owner.spec["args"], target.owner))
        for metric in target.owner.spec["metrics"].items():
            yield "background", Metric(metric, known, Names())
    if target.tool == "Rollout":
        way, strategy = strategy_of(target.owner.spec)
        for when, analysis in analyses(way, strategy):
            for each in metrics_of(target.found, target.owner, analysis):
                if isinstance(each, Metric):
                    yield when, each
