"""How long playing takes, by arithmetic, before anything is played: seconds of a processor. It decides no result.

A replication costs so much by itself, so much per request, and so much per event of the cluster: a scrape that somebody
looks at, a pod that is started, probed and ended, a step of an autoscaler. The figures are those of an ordinary
machine; how many times as long this one takes is measured (:mod:`sim.study.speed`). What a replication needs of them
can only be guessed: in the scenarios shipped the guess is half to twice of what is taken.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.rollout_plan import plan_of
from sim.scenario.demand import requests_played
from sim.scenario.quiet import quiet_after
from sim.scenario.resolved import Scenario, Strategy
from sim.units import MINUTE

REPLICATION = 0.012
REQUEST = 0.35e-6
EVENT = 0.13e-3
"""Seconds of a processor."""
HELD_OPEN = 1.5
"""Requests that come over connections held open cost so many times as much."""
RECORDED = 4.0
"""… and those of which a row is kept."""
SWINGING = 1.5
"""… and those that come in bursts, or from users who wait."""
EVENTS_OF_A_POD = 26
"""Started, pulled, probed, announced, replaced and ended in a release."""
ANNOUNCED, USUAL_PROXIES = 8, 3
"""Changes of a pod that each proxy learns of by itself; those of as many proxies are counted above."""
SEEN_BY_A_PERSON, SEEN_BY_A_GATE = 0.9, 0.3
"""Share of scrapes that are looked at; a gate looks as long as a release goes on."""
AUTOSCALED = 4.0
"""Events per scrape where an autoscaler is at work; pods come and go twice as often."""


UNHELD = 2 * MINUTE
"""Between the release and its promotion, beside all holds: pods that start, are awaited and replaced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Seconds of a processor of an ordinary machine that one replication takes."""

    release: float
    twin: float  # without any release


def cost_of(scenario: Scenario) -> Cost:
    """What a replication of a scenario takes."""
    study = scenario.study
    requests = requests_played(scenario) * (study.horizon + study.warm_up) / study.horizon * _dearness(scenario)
    scrapes = (study.horizon + study.warm_up) / scenario.scraping.every
    autoscaled = getattr(scenario.service.autoscaler, "kind", "none") != "none"
    person, gates = scenario.oncall is not None, bool(scenario.gates)
    seen = scrapes * (SEEN_BY_A_PERSON if person else SEEN_BY_A_GATE if gates else 0.0)
    learned = ANNOUNCED * max(0, scenario.service.proxies - USUAL_PROXIES)
    pods = (EVENTS_OF_A_POD + learned) * scenario.service.replicas * (2 if autoscaled else 1)
    resized = AUTOSCALED * scrapes + pods if autoscaled else 0.0
    watched = scrapes * SEEN_BY_A_GATE if person else 0.0
    return Cost(
        release=REPLICATION
        + REQUEST * requests
        + EVENT * (seen + pods + (AUTOSCALED * scrapes if autoscaled else 0.0)),
        twin=REPLICATION + REQUEST * requests + EVENT * (watched + resized),
    )


def share_until_known(scenario: Scenario, strategy: Strategy) -> float:
    """The share of a whole play after which it is known whether a good release ships (:func:`sim.replication.fate`)."""
    whole, quiet = scenario.study.warm_up + scenario.study.horizon, quiet_after(scenario)
    if quiet is None:
        return 1.0
    held = sum(hold.lasts for hold in plan_of(strategy.strategy, scenario.service.replicas).holds)
    share = min(1.0, (scenario.study.warm_up + held + UNHELD + quiet) / whole)
    struck = 1.0 - math.prod(1.0 - each.chance for each in scenario.conditions) if scenario.oncall else 0.0
    return share + (1.0 - share) * struck


def _dearness(scenario: Scenario) -> float:
    """How many times as dear a request is as an ordinary one."""
    streams = scenario.traffic.streams
    swinging = any(stream.arrivals.population() or stream.arrivals.steepest() > 1 for stream in streams)
    return (
        (HELD_OPEN if scenario.traffic.connections is not None else 1.0)
        * (RECORDED if scenario.study.user_cutoff is not None else 1.0)
        * (SWINGING if swinging else 1.0)
    )
