"""What a quick look tells, line by line: each figure with its interval, and what moving the knobs did to it.

Both sides of a change are played with the same luck, index by index. The change is therefore a sum over the cases of
weight times figure after, minus weight times figure before, of each index together; its interval is much shorter than
the two sides' own, and it is right for another rate of bad releases too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from sim.measures import measure_named
from sim.report import wording
from sim.report.pictures import interval_pictures
from sim.report.table import Cell as Drawn
from sim.report.table import Row as DrawnRow
from sim.report.table import plain, span
from sim.scenario.resolved import Scenario
from sim.stats.skewed import skewed_expectation
from sim.study import estimates
from sim.study.findings import Estimate
from sim.study.rows import Floats, Table

MINUS = "\N{MINUS SIGN}"
DUST = 1e-9
"""Of a figure: what adding up in another order leaves, which is no change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A scenario and the releases of it that were played."""

    scenario: Scenario
    table: Table
    releases: int

    def columns(self, measure: str, strategy: str, given: str) -> tuple[dict[str, float], dict[str, Floats]]:
        """Weights and figures by case."""
        counts = {case: self.releases for case, _ in self.scenario.cases()}
        weights = estimates.weights(self.scenario, given)
        return weights, estimates.samples(self.table, self.scenario, counts, measure, strategy, given)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What stands at a measure and a strategy."""

    strategy: str
    figure: str
    interval: str
    before: str  # "" where nothing was moved
    change: str
    change_interval: str
    means: str  # "better", "worse", "cannot tell", "no change" or ""
    picture: str  # SVG, or ""
    picture_before: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A measure over all strategies."""

    label: str
    meaning: str
    cells: tuple[Shown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    measure: str
    given: str
    label: str
    show: Callable[[float, float], str]  # a value and its noise


def lines(after: Side, before: Side | None) -> tuple[Line, ...]:
    """All lines of a look; ``before`` is the scenario as written, where it is another."""
    return tuple(_line(asked, after, before) for asked in _asked(after.scenario))


def change(asked: tuple[str, str, str], after: Side, before: Side) -> Estimate:
    """After minus before of (measure, strategy, given), on common luck."""
    weights, figures = after.columns(*asked)
    old_weights, old_figures = before.columns(*asked)
    both = [*weights.values(), *(-weight for weight in old_weights.values())]
    samples = [*(figures[case] for case in weights), *(old_figures[case] for case in old_weights)]
    return estimates.told(skewed_expectation(both, samples, after.scenario.study.confidence))


def estimated(asked: tuple[str, str, str], side: Side) -> Estimate:
    """The figure of (measure, strategy, given) on one side."""
    weights, figures = side.columns(*asked)
    return estimates.estimate(figures, weights, side.scenario.study.confidence, measure=asked[0])


def _asked(scenario: Scenario) -> Iterator[_Asked]:
    bad, rate = estimates.BAD, wording.share(scenario.release.change_failure_rate)
    shown = ["failed_requests", "down_99", "budget_burnt", "peak_pods", "headroom", "duration"]
    if scenario.release.defects:
        yield _Asked(measure=shown[0], given=bad, label="failed requests, if bad", show=wording.rounded)
    yield _Asked(measure=shown[0], given="release", label=f"failed requests, {rate} bad", show=wording.rounded)
    decides = scenario.study.decide_by
    if decides not in shown:
        yield _Asked(measure=decides, given="release", label=f"{plain(decides)}, all releases", show=wording.rounded)
    if scenario.release.defects:
        yield _Asked(measure="down_99", given=bad, label="down below 99 %, if bad", show=_time)
        yield _Asked(measure="budget_burnt", given=bad, label="error budget burnt, if bad", show=_share)
    yield _Asked(measure="peak_pods", given="release", label="most pods at once", show=wording.rounded)
    yield _Asked(measure="headroom", given="release", label="room left at the tightest moment", show=_share)
    yield _Asked(measure="duration", given="release", label="length of the rollout", show=_time)


def _line(asked: _Asked, after: Side, before: Side | None) -> Line:
    names = [each.name for each in after.scenario.strategies]
    now = {name: estimated((asked.measure, name, asked.given), after) for name in names}
    old = {name: estimated((asked.measure, name, asked.given), before) for name in names} if before else {}
    drawn = _pictures(now, old)
    cells = []
    for name in names:
        found = now[name]
        shown = Shown(
            strategy=name,
            figure=_figure(asked, found),
            interval=_interval(asked, found),
            before="",
            change="",
            change_interval="",
            means="",
            picture=drawn.get(f"now {name}", ""),
            picture_before=drawn.get(f"old {name}", ""),
        )
        if before:
            moved = change((asked.measure, name, asked.given), after, before)
            dust = DUST * max(abs(found.value), abs(old[name].value))
            shown = replace(shown, before=_figure(asked, old[name]), **_told(asked, moved, dust))
        cells.append(shown)
    return Line(label=asked.label, meaning=measure_named(asked.measure).meaning, cells=tuple(cells))


def _told(asked: _Asked, moved: Estimate, dust: float) -> dict[str, str]:
    """A change in words, and whether it is for the better; what is not sure is not said."""
    if math.isnan(moved.value):
        return {"change": "-"}
    known = moved.half_width > dust
    if abs(moved.value) <= dust and not known:
        return {"means": "no change"}
    good = (moved.value < 0) == measure_named(asked.measure).lower_is_better
    sure = not known or moved.low > 0 or moved.high < 0
    ends = (_signed(asked, end, moved.half_width) for end in (moved.low, moved.high))
    return {
        "change": _signed(asked, moved.value, moved.half_width if known else 0.0),
        "change_interval": " to ".join(ends) if known else "",
        "means": ("better" if good else "worse") if sure else "cannot tell",
    }


def _signed(asked: _Asked, value: float, noise: float) -> str:
    text = asked.show(abs(value), noise)
    return f"{MINUS if value < 0 else '+'}{text}"


def _figure(asked: _Asked, found: Estimate) -> str:
    known = found.half_width > DUST * abs(found.value)
    return asked.show(found.value, found.half_width if known else 0.0)


def _interval(asked: _Asked, found: Estimate) -> str:
    if not found.half_width > DUST * abs(found.value):
        return ""
    ends = (asked.show(end, found.half_width).replace("-", MINUS) for end in (found.low, found.high))
    return " to ".join(ends)


def _time(value: float, _: float) -> str:
    return wording.seconds(value)


def _share(value: float, _: float) -> str:
    return wording.share(value)


def _pictures(now: Mapping[str, Estimate], old: Mapping[str, Estimate]) -> dict[str, str]:
    """An interval's picture by "now" or "old" and strategy, all on one scale."""
    spans = {f"now {name}": span(found) for name, found in now.items()}
    spans |= {f"old {name}": span(found) for name, found in old.items()}
    cells = {name: Drawn(text="", span=each) for name, each in spans.items()}
    return interval_pictures(DrawnRow(label="", meaning="", cells=cells))
