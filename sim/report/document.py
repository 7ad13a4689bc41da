"""The findings as one JSON document, for ``--json`` and for ``report.json`` beside the page.

The shape is stable: ``format`` rises when a key changes its meaning or goes; new keys may appear. What is not a finite
number (never detected, no interval) is written as null or as the text "never"; a measure that nobody has is left out.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sim.measures import MEASURES
from sim.report.evidence import evidence
from sim.report.numbers import estimate, number
from sim.study.findings import Estimate, Findings, Late, Shipping, TailFound, YearFound

FORMAT = 2
GIVEN = ("release", "bad", "good")
_ESTIMATE = re.compile(r"\{\s*\"value\":[^{}]*\}")


def document(findings: Findings, *, page: str = "") -> dict[str, Any]:
    """Plain data, ready for :func:`json.dumps`."""
    return {
        "rollrisk": {"format": FORMAT},
        "name": findings.scenario.name,
        "question": findings.scenario.question,
        "identity": findings.identity,
        "folder": findings.folder,
        "report": page,
        "interrupted": findings.interrupted,
        "verdict": _verdict(findings),
        "strategies": {strategy: _strategy(findings, strategy) for strategy in findings.strategies},
        "cases": dict(findings.cases),
        "blind": list(findings.blind),
        "checks": [
            {
                "name": check.name,
                "modelled": number(check.modelled),
                "observed": number(check.observed),
                "fits": check.fits,
            }
            for check in findings.checks
        ],
        "criteria": [
            {
                "text": each.text,
                "status": each.status,
                "strategy": each.strategy,
                "value": number(each.value),
                "interval": [number(each.low), number(each.high)],
            }
            for each in findings.criteria
        ],
        "precision": {
            "asked": findings.precision_asked,
            "reached": findings.precision_reached,
            "met": findings.precision_met,
        },
        "cautions": list(findings.cautions),
        "good": [asdict(each) for each in findings.good],
        "late": [_late(each) for each in findings.late],
        "tails": {name: _tail(each) for name, each in findings.tails.items()},
        "year": {name: _year(each) for name, each in findings.year.items()},
        **evidence(findings),
        "requests_played": findings.requests_played,
        "set_aside": list(findings.set_aside),
        "provenance": dict(findings.provenance or {}),
    }


def text(value: Any) -> str:
    """JSON text that every parser reads: no NaN, no Infinity; an estimate stands on one line."""
    whole = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    return _ESTIMATE.sub(lambda found: re.sub(r"\s*\n\s*", " ", found.group()), whole)


def _verdict(findings: Findings) -> Mapping[str, Any]:
    ruling = findings.ruling
    return {
        "recommended": ruling.recommended,
        "sentence": ruling.sentence,
        "measure": ruling.measure,
        "indifferent": number(ruling.indifferent),
        "break_even": None if ruling.break_even is None else number(ruling.break_even),
        "break_even_between": ruling.break_even_between and [number(end) for end in ruling.break_even_between],
        "against": ruling.reference,
        "standings": {name: standing.value for name, standing in ruling.standings.items()},
        "differences": [
            {
                "first": each.first,
                "second": each.second,
                **estimate(each.estimate),
                "variance_saved": number(each.variance_saved),
            }
            for each in ruling.differences
        ],
        "over_range": [
            {"bad": rate, **{name: number(loss) for name, loss in losses.items()}}
            for rate, losses in sorted(ruling.over_range.items())
        ],
        "over_range_losses": [
            {"bad": rate, "losses": {name: estimate(each) for name, each in losses.items()}}
            for rate, losses in sorted(ruling.over_range_losses.items())
        ],
        "over_range_holds": ruling.over_range_holds and ruling.over_range_holds.value,
        "against_best": {name: estimate(each) for name, each in ruling.against_best.items()},
        "wins": {name: estimate(each) for name, each in ruling.wins.items()},
        "reversals": list(ruling.reversals),
        "not_varied": list(ruling.not_varied),
        "none_ships": ruling.none_ships,
        "excluded": ruling.excluded
        and {
            "strategy": ruling.excluded.name,
            "loss": estimate(ruling.excluded.loss),
            "loss_tried_again": number(ruling.excluded.again),
            "false_aborts_to_admit": number(ruling.excluded.admits),
        },
    }


def _strategy(findings: Findings, strategy: str) -> Mapping[str, Any]:
    measures: dict[str, dict[str, Any]] = {}
    for (measure, name, given), found in sorted(findings.estimates.items(), key=lambda pair: pair[0]):
        if name == strategy and _is_told(findings, measure, given, found):
            measures.setdefault(measure, {})[given] = estimate(found)
    who = findings.stopped.get(strategy)
    stopped = who and {
        "gate": number(who.gate),
        "on_call": number(who.on_call),
        "before_users": number(who.before_users),
        "nobody": number(who.nobody),
        "harmless": number(who.harmless),
        "asleep": number(who.asleep),
        "planned_back": who.planned_back,
        "good_aborted": estimate(who.good_aborted),
    }
    ships = findings.shipping.get(strategy)
    return {"measures": measures, "stopped": stopped, "ships": ships and _ships(ships)}


def _ships(found: Shipping) -> Mapping[str, Any]:
    return {
        "standing": found.standing.value,
        "not_shipped": found.lost,
        "played": found.played,
        "share_between": [number(found.low), number(found.high)],
        "allowed": number(found.allowed),
        "causes": dict(found.causes),
        "why": found.why,
        "by_arithmetic": None if found.chance is None else number(found.chance),
        "method": found.method,
        "settled_by_arithmetic": found.by_arithmetic,
        "plays_to_settle": found.more,
    }


def _is_told(findings: Findings, measure: str, given: str, found: Estimate) -> bool:
    """Of all releases, of bad and of good ones every figure there is; of one defect the measures of the whole service.

    What is left out (parts by stream and version, what was added and removed) can be had from the table of rows.
    """
    if math.isnan(found.value):
        return False
    return given in GIVEN or measure in MEASURES or measure == findings.ruling.measure


def _tail(found: TailFound) -> Mapping[str, Any]:
    return {
        "n": found.n,
        "hurting": found.hurting,
        "skewness": number(found.skewness),
        "worst_share": number(found.worst_share),
        "worst_tenth": estimate(found.worst_tenth),
    }


def _late(found: Late) -> Mapping[str, Any]:
    """Times in seconds: when it shows in 5, 50 and 95 % of releases; what it costs by each strategy once it does."""
    return {
        "defect": found.defect,
        "not_shown": number(found.share),
        "shows": [number(each / 1e9) for each in found.shows],
        "watched": number(found.watched),
        "awake": {
            name: {
                "failed_requests": estimate(each.failed),
                "failed_per_hour": number(each.per_hour),
                "stopped": {"gate": number(each.by_gate), "on_call": number(each.by_on_call)},
                "time_to_detect": number(each.detect),
                "time_to_mitigate": number(each.mitigate),
            }
            for name, each in found.awake.items()
        },
    }


def _year(found: YearFound) -> Mapping[str, Any]:
    return {
        "releases": found.releases,
        "expected": estimate(found.expected),
        "one_in_twenty": estimate(found.one_in_twenty),
        "exceedance": {
            "more_than": list(found.thresholds),
            "chance": list(found.chances),
            "low": list(found.low),
            "high": list(found.high),
        },
    }
