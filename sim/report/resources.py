"""What each strategy needs while it runs, and how much is left: the scarcest resource first."""

from __future__ import annotations

from collections.abc import Iterator

from sim.measures import measure_named
from sim.report import wording
from sim.report.table import Cell, Row
from sim.scenario.resolved import Scenario
from sim.study.findings import Extreme, Findings

NAMES = {
    "headroom.slots": "room in pods for requests",
    "headroom.nodes": "room for pods on nodes",
    "headroom.connections": "connections to dependencies",
    "peak_pods": "most pods at once",
    "peak_nodes": "most nodes at once",
    "peak_connections": "most connections at once",
}
"""What a measure is called here; others by their own name."""


def needs(findings: Findings) -> tuple[Row, ...]:
    """What is left of each resource, lowest first, then what is used at most; empty where nothing was measured."""
    measures = dict.fromkeys(measure for measure, _ in findings.extremes)
    left = [each for each in measures if each.startswith("headroom.")]
    left.sort(key=lambda measure: min(found.value for found in _of(findings, measure)))
    used = [each for each in measures if each.startswith("peak_")]
    rows = [_row(findings, each) for each in (*left, *used)]
    return (*rows, *_costs(findings)) if rows else ()


def scarcest(findings: Findings) -> str:
    """A title: which resource is the first to end, and where; empty where nothing was measured."""
    found = [(seen.value, measure, name, seen) for (measure, name), seen in findings.extremes.items()]
    found = [each for each in found if each[1].startswith("headroom.")]
    if not found:
        return ""
    value, measure, strategy, seen = min(found, key=lambda each: each[0])
    left = "nothing" if value <= 0 else wording.share(value)
    return f"The first to run out: {_name(measure)}, {left} left with {strategy} at worst ({_where(seen)})"


def _of(findings: Findings, measure: str) -> Iterator[Extreme]:
    return (seen for (name, _), seen in findings.extremes.items() if name == measure)


def _row(findings: Findings, measure: str) -> Row:
    is_left = measure.startswith("headroom.")
    what = "the least left in any release; below it the mean over releases" if is_left else "most in any release"
    return Row(
        label=_name(measure) + _limit(findings.scenario, measure),
        meaning=f"{measure_named(measure).meaning}: {what}",
        cells={name: _cell(findings, measure, name) for name in findings.strategies},
    )


def _cell(findings: Findings, measure: str, strategy: str) -> Cell:
    seen = findings.extremes.get((measure, strategy))
    if seen is None:
        return Cell(text="-")
    mean = findings.estimates.get((measure, strategy, "release"))
    beneath = "" if mean is None else f"mean {_figure(measure, mean.value)}"
    return Cell(text=_figure(measure, seen.value), figure=_figure(measure, seen.value), interval=beneath)


def _figure(measure: str, value: float) -> str:
    if measure_named(measure).unit == "share":
        return wording.share(value)
    return f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"


def _name(measure: str) -> str:
    return NAMES.get(measure, measure.replace("_", " ").replace(".", ", "))


def _limit(scenario: Scenario, measure: str) -> str:
    """What there is of it, where that is known."""
    if measure == "peak_nodes":
        return f" (of {max(scenario.nodes.count, scenario.nodes.most)})"
    tightest = scenario.tightest_dependency() if measure == "peak_connections" else None
    return f" (of {tightest.connections:,} of {tightest.name})" if tightest and tightest.connections else ""


def _where(seen: Extreme) -> str:
    return "a good release" if seen.case == "good" else f"defect {seen.case}"


def _costs(findings: Findings) -> Iterator[Row]:
    found = {name: findings.estimates.get(("pod_hours", name, "release")) for name in findings.strategies}
    if any(each is not None for each in found.values()):
        yield Row(
            label=f"pod-hours within {wording.seconds(findings.scenario.study.horizon / 1e9)}",
            meaning="pods over time, mean of its releases; the fleet that runs anyway is in it",
            cells={
                name: Cell(text="-") if each is None else Cell(text=wording.with_noise(each), figure="", interval="")
                for name, each in found.items()
            },
        )
