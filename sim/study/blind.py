"""What nobody would see: gates without enough requests, defects without a trace, and what was missed in the play."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sim.scenario.blindness import blind_spots as by_arithmetic
from sim.scenario.resolved import Scenario
from sim.study.findings import Estimate
from sim.units import show_duration

MISSED = 0.5
"""Share of a defect's releases that nobody stops by the horizon, from which on it is named."""


def blind_spots(scenario: Scenario, found: Mapping[tuple[str, str, str], Estimate]) -> tuple[str, ...]:
    """Sentences: first what the arithmetic foretells, then what was observed and not foretold."""
    foretold = by_arithmetic(scenario)
    return (*foretold, *_observed(scenario, found, foretold))


def _observed(
    scenario: Scenario, found: Mapping[tuple[str, str, str], Estimate], foretold: Sequence[str]
) -> Iterator[str]:
    for defect in scenario.release.defects:
        missed = {
            strategy.name: found[("stopped_nobody", strategy.name, defect.name)].value
            for strategy in scenario.strategies
            if _is_missed(scenario, found, strategy.name, defect.name)
        }
        if missed and not any(spot.startswith(f"{defect.name}:") for spot in foretold):
            watched = show_duration(scenario.study.horizon)
            yield f"{defect.name}: nobody stops it within {watched} in {_shares(missed)} of its releases"


def _is_missed(scenario: Scenario, found: Mapping[tuple[str, str, str], Estimate], strategy: str, defect: str) -> bool:
    """Whether nobody stops it mostly, and the reader would mind: what does no harm need not be stopped."""
    missed = found.get(("stopped_nobody", strategy, defect))
    loss = found.get((scenario.study.decide_by, strategy, defect))
    hurts = loss is None or abs(loss.value) > scenario.study.indifferent
    return missed is not None and missed.value >= MISSED and hurts


def _shares(missed: Mapping[str, float]) -> str:
    return ", ".join(f"{share * 100:.0f} % ({name})" for name, share in missed.items())
