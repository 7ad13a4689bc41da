"""Defects that had not shown when the play ended: when they show, what they cost then, and who stops them.

Arithmetic would do for a share of bad answers, and for nothing else: neither for what slow answers do to queues, nor
for pods that are killed one after the other. So the wake-up is played: the release goes through as ever, the defect
sleeps until it has, and wakes shortly after, as if all the time until then had passed. A few releases by each strategy,
on the luck of the study, with only as much time after the waking as a person needs to react.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sim import units
from sim.failures import Failure, Luck, Serving
from sim.scenario.horizon import LATEST, NO_ONE_REACTS, SETTLING, SOONEST
from sim.scenario.resolved import Defect, Scenario
from sim.stats.intervals import mean
from sim.steps import Edit
from sim.study import estimates
from sim.study.beside import Played
from sim.study.cells import Cell
from sim.study.figures import rounded
from sim.study.findings import Awake, Late
from sim.study.rows import Table
from sim.versions import NEVER

RELEASES = 5
"""Played awake, of each late defect and strategy."""
MARGIN = units.MINUTE
"""Between the longest rollout and the waking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Woken:
    """A failure as if so much time had passed already that it shows ``at`` ns after the release, and not much later."""

    failure: Failure
    at: int

    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """Those of the failure, begun sooner, and on pods that count as older."""
        found = self.failure.edits(luck)
        begins = min((edit.start for edit in found), default=0)
        sooner = max(0, begins - self.at)
        first = self.failure.shows(SOONEST, Serving()) - begins
        older = max(0, first - max(0, self.at - begins))
        return tuple(
            replace(edit, start=edit.start - sooner, end=_sooner(edit.end, sooner), aged=older) for edit in found
        )


def late_defects(scenario: Scenario, table: Table, counts: Mapping[str, int]) -> dict[str, float]:
    """Defects of which some releases were asleep at the horizon, with the share that was; by the worst strategy."""
    found: dict[str, float] = {}
    for defect in scenario.release.defects:
        columns = [
            table.column("asleep", Cell(strategy.name, defect.name), counts[defect.name])
            for strategy in scenario.strategies
        ]
        share = max((float(np.nan_to_num(column).mean()) for column in columns if len(column)), default=0.0)
        if share > 0.0:
            found[defect.name] = share
    return found


def awake(scenario: Scenario, names: Sequence[str], longest: float) -> Scenario:
    """The scenario in which these defects wake once the ``longest`` rollout (s) is over, and are watched a while."""
    at = round(longest * units.SECOND) + MARGIN
    reaction = round(scenario.oncall.reacts.quantile(LATEST)) if scenario.oncall else NO_ONE_REACTS
    defects = tuple(
        replace(defect, failure=Woken(failure=defect.failure, at=at))
        for defect in scenario.release.defects
        if defect.name in names
    )
    horizon = at + max(reaction, NO_ONE_REACTS) + SETTLING
    return replace(
        scenario,
        study=replace(scenario.study, horizon=horizon, user_cutoff=None),
        release=replace(scenario.release, defects=defects),
    )


def found(scenario: Scenario, shares: Mapping[str, float], longest: float, played: Played) -> tuple[Late, ...]:
    """What is told of each late defect, from the releases that were played awake (none where nobody had the time)."""
    serving = Serving(since=round(longest * units.SECOND))
    told = []
    for defect in scenario.release.defects:
        if defect.name in shares:
            costs = {each.name: _awake(scenario, defect, each.name, played) for each in scenario.strategies}
            told.append(
                Late(
                    defect=defect.name,
                    share=shares[defect.name],
                    shows=_moments(defect, serving),
                    watched=max(0.0, played.seconds - longest - MARGIN / units.SECOND),
                    awake={name: cost for name, cost in costs.items() if cost is not None},
                )
            )
    return tuple(told)


def _moments(defect: Defect, serving: Serving) -> tuple[int, int, int]:
    first, half, last = (defect.failure.shows(share, serving) for share in (SOONEST, 0.5, LATEST))
    return first, half, last


def _awake(scenario: Scenario, defect: Defect, strategy: str, played: Played) -> Awake | None:
    """Of one strategy; None where nothing was played."""
    rows = list(_figures(played, Cell(strategy, defect.name)))
    if not rows:
        return None
    failed = np.array([row["failed_requests"] for row in rows])
    hours = sum(row["awake"] for row in rows) / 3600
    mended = [row for row in rows if np.isfinite(row["time_to_mitigate"])]
    slept = [row["time_to_mitigate"] - row["awake"] for row in mended]  # from the first request to the waking
    return Awake(
        failed=estimates.told(mean(failed, scenario.study.confidence)),
        per_hour=float(failed.sum()) / hours if hours > 0 else 0.0,
        by_gate=float(np.mean([row["stopped_gate"] for row in rows])),
        by_on_call=float(np.mean([row["stopped_oncall"] for row in rows])),
        detect=_mean([row["time_to_detect"] - wait for row, wait in zip(mended, slept, strict=True)]),
        mitigate=_mean([row["awake"] for row in mended]),
    )


def clause(late: Sequence[Late]) -> str:
    """What the verdict must add: its figures do not hold what shows later. Empty where all has shown."""
    told = "; ".join(_told(each) for each in late)
    return f" Not counted, for it comes after what was played: {told}." if told else ""


def _told(late: Late) -> str:
    shows = units.show_duration(late.shows[1], nearest=units.MINUTE)
    most = max((cost.failed.value for cost in late.awake.values()), default=0.0)
    then = f" and then fails about {rounded(most, most / 50)} requests" if most >= 1.0 else ""
    return f"{late.defect}, which shows {shows} after the release{then}"


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("inf")


def _figures(played: Played, cell: Cell) -> Iterator[Mapping[str, float]]:
    """The net figures of a cell's releases in which the defect woke."""
    return (row for row in played.net_figures(cell) if not row["asleep"])


def _sooner(moment: int, by: int) -> int:
    return moment if moment == NEVER else moment - by


def longest_rollout(scenario: Scenario, table: Table, counts: Mapping[str, int], cases: Sequence[str]) -> float:
    """Seconds of the longest rollout that was seen, of releases of these cases."""
    columns = [
        table.column("duration", Cell(strategy.name, case), counts[case])
        for strategy in scenario.strategies
        for case in cases
    ]
    return max((float(np.nanmax(column)) for column in columns if len(column)), default=0.0)
