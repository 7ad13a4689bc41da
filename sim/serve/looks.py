"""A quick look: a scenario played a few times as written and with the knobs moved, all on the same luck."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sim.errors import UsageError
from sim.report import fleet
from sim.report.charts import Chart
from sim.report.story import Story
from sim.report.timeline import timeline
from sim.scenario.arithmetic import fleet_arithmetic
from sim.scenario.resolved import Scenario
from sim.serve.lines import Line, Side, lines
from sim.serve.player import Player, Stop
from sim.serve.state import MOST_REQUESTS, State, asked, told_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a page shows of one state."""

    releases: int  # per case
    replications: int  # behind the figures of one side, the twins among them
    lines: tuple[Line, ...]
    fleet: str
    fleet_before: str  # "" where it is the same
    warnings: tuple[str, ...]
    timelines: tuple[tuple[str, Chart], ...]  # "as written", "with your changes"
    strategy: str
    case: str


def look(base: Scenario, after: Scenario, state: State, player: Player, stop: Stop) -> Look:
    """Play what is not known yet, and tell.

    Raises UsageError for a look that would take far too long, DroppedError when told to stop.
    """
    refuse_the_endless(after, state.releases)
    moved = after is not base
    new = Side(scenario=after, table=player.table(after, state.releases, stop), releases=state.releases)
    old = (
        Side(scenario=base, table=player.table(base, state.releases, stop), releases=state.releases) if moved else None
    )
    strategy, case = told_of(after, state)
    stories = [("with your changes" if moved else "as written", after)]
    stories += [("as written", base)] if moved else []
    told = [(name, player.story(each, strategy, case, state.index, stop)) for name, each in stories]
    arithmetic = fleet_arithmetic(after)
    now, before = fleet.sentence(arithmetic, after), fleet.sentence(fleet_arithmetic(base), base)
    return Look(
        releases=state.releases,
        replications=len(new.table),
        lines=lines(new, old),
        fleet=now,
        fleet_before="" if now == before else before,
        warnings=arithmetic.warnings,
        timelines=tuple(_drawn(told)),
        strategy=strategy,
        case=case,
    )


def _side(scenario: Scenario, releases: int, player: Player, stop: Stop) -> Side:
    return Side(scenario=scenario, table=player.table(scenario, releases, stop), releases=releases)


def refuse_the_endless(scenario: Scenario, releases: int) -> None:
    """Raise UsageError where a look would play more requests than anybody waits for."""
    requests = asked(scenario, releases)
    if requests > MOST_REQUESTS:
        raise UsageError(
            f"a quick look at this would play {requests:,.0f} requests, the most is {MOST_REQUESTS:,}; "
            "take fewer releases per case, less traffic, or send it to a full study"
        )


def _drawn(told: list[tuple[str, Story]]) -> list[tuple[str, Chart]]:
    """All on one time axis; where a change does nothing to this release, one picture is enough."""
    end = max(story.end for _, story in told)
    charts = [timeline(replace(story, end=end)) for _, story in told]
    if len(charts) > 1 and charts[0] == charts[1]:
        return [("the same as written and with your changes", charts[0])]
    return [(name, _apart(chart, place)) for place, ((name, _), chart) in enumerate(zip(told, charts, strict=True))]


def _apart(chart: Chart, place: int) -> Chart:
    """Two pictures of the same release on one page must not share the names of their parts."""
    return replace(chart, svg=chart.svg.replace("timeline-", f"timeline-{place}-"))
