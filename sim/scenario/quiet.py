"""When nobody will take a promoted good release back any more, so that playing on could not tell whether it shipped.

Gates look on until a release is promoted. The person on call looks until the horizon, and may take a good release back
for what happens anyway. Where nothing happens anyway, a service as quiet as today pages nobody: that chance is bounded
by arithmetic, and only where it is next to nothing is a play over before its horizon.
"""

from __future__ import annotations

from sim import units
from sim.scenario.demand import dependency_use, fleet_use, has_long_streams, highest_rate, lowest_rate
from sim.scenario.resolved import OnCall, Scenario
from sim.stats.chernoff import share_above

NEXT_TO_NOTHING = 1e-4
"""Chance of a page in all looks of a play below which none is reckoned with."""
EASY = 0.8
"""Use of slots above which queues grow fast, and errors need no release."""
STEADY = ("poisson", "constant")
"""Arrivals without bursts, and that no answer holds back."""
UNDER_WAY = units.MINUTE
"""For requests that were under way when the last old pod was told to end."""


def quiet_after(scenario: Scenario) -> int | None:
    """How long after its promotion (ns) a good release can still be taken back; None where that is until the horizon.

    The conditions of the scenario are taken not to strike. Clients whose connections were cut may come back for long,
    and page somebody by it.
    """
    person, service = scenario.oncall, scenario.service
    if person is None:
        return 0
    if has_long_streams(scenario) or not _is_steady(scenario) or _pages_anyway(scenario, person) > NEXT_TO_NOTHING:
        return None
    seen = person.window + scenario.scraping.delay + 2 * scenario.scraping.every
    return service.shutdown.grace + UNDER_WAY + seen


def _is_steady(scenario: Scenario) -> bool:
    """Whether after a release nothing happens but requests and today's errors."""
    service, release = scenario.service, scenario.release
    peaks = [(stream, highest_rate(scenario, stream)) for stream in scenario.traffic.streams]
    uses = [fleet_use(scenario, peaks, pods=service.replicas) * max(1.0, release.service_factor)]
    uses += [dependency_use(each, peaks) or 0.0 for each in scenario.dependencies]
    return (
        max(uses) < EASY
        and not release.effects
        and not scenario.scraping.faults.any
        and getattr(service.autoscaler, "kind", "none") == "none"
        and all(stream.arrivals.kind in STEADY for stream in scenario.traffic.streams)
    )


def _pages_anyway(scenario: Scenario, person: OnCall) -> float:
    """At most so likely is a page for today's errors alone, over all looks; windows are as small as they ever are."""
    streams, errors = scenario.traffic.streams, max(scenario.release.baseline_errors, scenario.release.new_errors)
    looks = scenario.study.horizon / scenario.scraping.every
    judged = [(each,) for each in streams] if person.per == "stream" else [streams]
    expected = (sum(lowest_rate(scenario, each) for each in group) * person.window / units.SECOND for group in judged)
    return looks * sum(share_above(each, errors, person.notices_at) if each else 0.0 for each in expected)
