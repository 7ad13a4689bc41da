"""Findings from rows: every estimate, the verdict, who stopped what, what nobody sees, which releases to look at."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from sim.measures import MEASURES
from sim.scenario.resolved import Scenario
from sim.study import censoring, estimates, money, price, trust, until_best
from sim.study.aims import aim_of, asked
from sim.study.asides import Asides
from sim.study.blind import blind_spots
from sim.study.cells import GOOD, TWIN, Cell
from sim.study.checks import checks
from sim.study.contest import electable
from sim.study.criteria import judge
from sim.study.estimates import BAD, RELEASE
from sim.study.examples import typical_and_unlucky
from sim.study.extremes import extremes
from sim.study.findings import Estimate, Findings, Ruling, Standing, Stopped, Swing
from sim.study.harm import harmless_unstopped, plans_to_roll_back
from sim.study.joins import FAILED, sign
from sim.study.late import clause
from sim.study.rows import Row, Table
from sim.study.ruling import evidence, rule
from sim.study.sensitivity import swings
from sim.study.shipping import shipping
from sim.study.spread import spreads
from sim.study.trimmed import Limits, Trimmed, within

QUANTILES = {"p50": 0.5, "p95": 0.95}
WITH_QUANTILES = (
    "failed_requests",
    "budget_burnt",
    "loss",
    "outage_minutes",
    "down_99",
    "duration",
    "time_to_detect",
    "time_to_mitigate",
    "time_to_restore",
)
NOT_COMPARED = ("requests", "touched", "promoted", "detected", "stopped")
"""Beginnings of measures that are better or worse only in the light of others."""

Estimates = dict[tuple[str, str, str], Estimate]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What findings say of the run itself."""

    identity: str
    folder: str
    provenance: Mapping[str, str]
    interrupted: bool = False
    set_aside: tuple[str, ...] = ()
    asides: Asides = field(default_factory=Asides)
    seconds: float = math.nan  # of the clock for one replication, by all workers together


def findings(scenario: Scenario, table: Table, counts: Mapping[str, int], told: Told) -> Findings:
    """Everything a reader is told, from the first ``counts`` rows of each case."""
    names = tuple(strategy.name for strategy in scenario.strategies)
    limits = until_best.limits(table, scenario, counts)
    table = Trimmed(table, limits)
    common = _common(names, counts, limits)
    played = {(name, case): within(limits, Cell(name, case), counts[case]) for name in names for case in counts}
    found = all_estimates(scenario, table, counts)
    aim, tails = aim_of(table, scenario, counts), trust.tails(table, scenario, counts)
    examples = typical_and_unlucky(table, scenario, common, names)
    seen = evidence(table, scenario, counts)
    ships = shipping(table, scenario)
    weighed = _common(electable(names, ships) or names, counts, limits)
    same = evidence(table, scenario, weighed)

    def swung(ruling: Ruling) -> tuple[Swing, ...]:
        return tuple(swings(table, scenario, weighed, same, ruling))

    ruling = rule(seen, _turned(scenario, found), aim.selected, ships, seconds=told.seconds, swung=swung)
    twins = table.rows(TWIN, max(counts.values()))
    return Findings(
        scenario=scenario,
        identity=told.identity,
        folder=told.folder,
        strategies=_in_order(names, ruling),
        cases=scenario.cases(),
        replications=played,
        requests_played=_requests(table, played),
        estimates=found,
        ruling=replace(ruling, sentence=_whole_sentence(scenario, ruling, found, told.asides)),
        stopped={name: _told_apart(table, scenario, counts, found, name) for name in names},
        blind=blind_spots(scenario, found),
        checks=checks(scenario, twins),
        criteria=tuple(judge(each, table, scenario, counts) for each in scenario.expect),
        typical=dict.fromkeys(names, examples.typical) if examples else {},
        unlucky=dict.fromkeys(names, examples.unlucky) if examples else {},
        ranks=examples.ranks if examples else {},
        spreads=spreads(table, scenario, counts),
        extremes=extremes(table, scenario, counts),
        swings=swung(ruling),
        precision_asked=asked(scenario),
        precision_reached=aim.reached,
        precision_met=aim.met,
        interrupted=told.interrupted,
        provenance=told.provenance,
        set_aside=told.set_aside,
        tails=tails,
        shipping=ships,
        year=money.years(table, scenario, counts),
        late=told.asides.late,
        good=told.asides.good,
        failed_anyway=_failed_anyway(twins),
        cautions=(*trust.cautions(scenario, counts, tails), *censoring.cautions(scenario, found, twins)),
    )


def _common(names: Sequence[str], counts: Mapping[str, int], limits: Limits) -> dict[str, int]:
    """Replications per case that all of these strategies have."""
    return {case: min(within(limits, Cell(name, case), counts[case]) for name in names) for case in counts}


def _whole_sentence(scenario: Scenario, ruling: Ruling, found: Estimates, asides: Asides) -> str:
    """The verdict's sentence, with what its figures do not hold, and with the price of good releases where that is all
    that was asked.
    """
    fails = {name: each for (measure, name, given), each in found.items() if (measure, given) == (FAILED, GOOD)}
    good = "" if scenario.release.defects else price.clause(asides.good, ruling.recommended, fails)
    return ruling.sentence + good + clause(asides.late)


def _failed_anyway(twins: Sequence[Row]) -> float:
    """Requests that fail without any release, mean over the twins; 0 where nothing is known of them."""
    failed = [row.values.get("failed_requests", float("nan")) for row in twins]
    return float(np.nanmean(failed)) if failed and not np.isnan(failed).all() else 0.0


def _in_order(names: Sequence[str], ruling: Ruling) -> tuple[str, ...]:
    """As written, but who does not ship stands last."""
    return tuple(sorted(names, key=lambda name: ruling.standings[name] == Standing.DOES_NOT_SHIP))


def all_estimates(scenario: Scenario, table: Table, counts: Mapping[str, int]) -> Estimates:
    """(measure, strategy, given) -> estimate; quantiles stand under ``duration.p95`` and the like."""
    found: Estimates = {}
    for strategy in scenario.strategies:
        measures = _measures(table, strategy.name, counts)
        for given in estimates.givens(scenario):
            for measure in measures:
                if measure in estimates.TIMES and given in (RELEASE, GOOD):
                    continue  # a good release has nothing to detect
                found.update(_figures(scenario, table, counts, (measure, strategy.name, given)))
    return found


def _figures(
    scenario: Scenario, table: Table, counts: Mapping[str, int], place: tuple[str, str, str]
) -> Iterator[tuple[tuple[str, str, str], Estimate]]:
    measure, strategy, given = place
    shares, confidence = estimates.weights(scenario, given), scenario.study.confidence
    columns = estimates.samples(table, scenario, counts, measure, strategy, given)
    yield place, estimates.estimate(columns, shares, confidence, measure=measure)
    if measure in WITH_QUANTILES:
        whole = estimates.samples(table, scenario, counts, measure, strategy, given, whole=True)
        for name, probability in QUANTILES.items():
            key = (f"{measure}.{name}", strategy, given)
            yield key, estimates.quantile(whole, shares, probability, confidence)


def _measures(table: Table, strategy: str, counts: Mapping[str, int]) -> list[str]:
    return list(
        dict.fromkeys(name for case, count in counts.items() for name in table.columns(Cell(strategy, case), count))
    )


def _turned(scenario: Scenario, found: Estimates) -> dict[tuple[str, str], tuple[str, ...]]:
    """By two strategies the measures on which the second is surely better."""
    names = [strategy.name for strategy in scenario.strategies]
    return {
        (first, second): tuple(_reversals(scenario, found, first, second))
        for first in names
        for second in names
        if first != second
    }


def _reversals(scenario: Scenario, found: Estimates, recommended: str, reference: str) -> Iterator[str]:
    """Measures on which the reference is surely better: the two intervals do not meet."""
    for measure in MEASURES:
        plain = not measure.startswith(NOT_COMPARED) and not measure.endswith(("_added", "_removed"))
        first = found.get((measure, recommended, RELEASE))
        second = found.get((measure, reference, RELEASE))
        if plain and first and second and measure != scenario.study.decide_by:
            worse, better = (first, second) if sign(measure) > 0 else (second, first)
            if worse.low > better.high:
                yield measure


def _stopped(found: Estimates, strategy: str) -> Stopped:
    def share(measure: str) -> float:
        estimate = found.get((measure, strategy, BAD))
        return estimate.value if estimate else float("nan")

    return Stopped(
        gate=share("stopped_gate"),
        on_call=share("stopped_oncall"),
        before_users=share("stopped_before_users"),
        nobody=share("stopped_nobody"),
        asleep=share("asleep"),
        good_aborted=found.get(("aborted", strategy, GOOD), estimates.nothing("not measured")),
    )


def _told_apart(table: Table, scenario: Scenario, counts: Mapping[str, int], found: Estimates, name: str) -> Stopped:
    """Who stopped what, with the harmless apart, and whether a rollout that is taken back was meant to be."""
    return replace(
        _stopped(found, name),
        harmless=harmless_unstopped(table, scenario, counts, name).value,
        planned_back=plans_to_roll_back(scenario, name),
    )


def _requests(table: Table, played: Mapping[tuple[str, str], int]) -> int:
    """Requests played for what counts, the twins' among them."""
    cells = [*((Cell(*cell), count) for cell, count in played.items()), (TWIN, max(played.values()))]
    each = (row.values.get("requests", 0.0) for cell, count in cells for row in table.rows(cell, count))
    return round(float(np.sum(np.fromiter(each, dtype=np.float64))))
