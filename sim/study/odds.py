"""The chance that a good release is stopped, by arithmetic: where luck can do it only in ways that can be summed up."""

from __future__ import annotations

from dataclasses import dataclass

from sim.scenario.resolved import Scenario, Strategy


@dataclass(frozen=True, slots=True, kw_only=True)
class Odds:
    """The chance and how it was found; None where arithmetic does not reach."""

    chance: float | None = None
    method: str = ""


UNKNOWN = Odds()


def odds_of(scenario: Scenario, strategy: Strategy) -> Odds:
    """The chance that a good release of this strategy is stopped."""
    return UNKNOWN
