"""Defects that show only after the horizon: ``check`` says so before anything is played."""

from __future__ import annotations

from collections.abc import Iterator

from sim import units
from sim.failures import Serving
from sim.scenario.demand import requests_played
from sim.scenario.resolved import Scenario


def shown_too_late(scenario: Scenario) -> Iterator[str]:
    """One sentence per defect that in half of its releases shows after what is played."""
    horizon = scenario.study.horizon
    played = units.show_duration(horizon)
    rate = requests_played(scenario) / (horizon / units.SECOND)
    serving = Serving(per_pod=rate / scenario.service.replicas)
    for defect in scenario.release.defects:
        shows = defect.failure.shows(0.5, serving)
        if shows > horizon:
            when = units.show_duration(shows, nearest=units.MINUTE)
            yield (
                f"{defect.name}: shows {when} after the release, and {played} are played; run plays it awake beside "
                "the study, and tells what it costs then for itself"
            )
