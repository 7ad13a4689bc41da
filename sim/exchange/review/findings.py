"""All rules asked of all that is rolled out, worst first."""

from __future__ import annotations

from collections.abc import Iterator

from sim.exchange.manifests import Found, Manifest
from sim.exchange.review.rule import LEVELS, Finding
from sim.exchange.review.rules import RULES
from sim.exchange.spots import Spot
from sim.exchange.workloads import Target, targets


def findings(found: Found) -> list[Finding]:
    """What is found, each once, the worst first and then in the order of the files."""
    places: dict[tuple[str, int], list[Manifest]] = {}
    for each in found.manifests:
        places.setdefault((each.spot.file, each.spot.document), []).append(each)
    collected: dict[tuple[str, Spot], Finding] = {}
    for target in [*targets(found), *_templates(found)]:
        for rule in RULES:
            for fault in rule.asks(target):
                spot = fault.field.spot
                about = str(_object_at(places, spot) or target.owner)
                finding = Finding(rule.name, rule.level, spot, about, fault.message, fault.cure)
                collected.setdefault((rule.name, spot), finding)
    return sorted(collected.values(), key=lambda each: (LEVELS.index(each.level), each.spot.file, each.spot.line))


def _templates(found: Found) -> Iterator[Target]:
    """Templates by themselves, for who keeps them apart from what they judge."""
    for each in found.of("AnalysisTemplate", "ClusterAnalysisTemplate", "MetricTemplate"):
        yield Target(each, None, (), None, None, None, found)


def _object_at(places: dict[tuple[str, int], list[Manifest]], spot: Spot) -> Manifest | None:
    """The object that a place lies in."""
    there = places.get((spot.file, spot.document), ())
    return next((each for each in there if spot.trail[: len(each.spot.trail)] == each.spot.trail), None)
