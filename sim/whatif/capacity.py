"""What a release needs at the planning peak: the smallest fleet, where it breaks, what runs out first, what it costs.

Everything is played on common luck, so that fleets and strategies differ by what they are. A fleet is enough when the
promise is kept with the asked confidence (:mod:`sim.whatif.keeping`), and that is searched by halving: more pods are
taken to be never worse.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sim import units
from sim.scenario.arithmetic import fleet_arithmetic
from sim.scenario.resolved import Scenario, Strategy
from sim.whatif import peak, search
from sim.whatif.keeping import Kept, keeps
from sim.whatif.peak import Loss

MOST = 16
"""A fleet so many times the pods that the work alone asks for is not searched beyond."""
RESOURCES = ("slots", "nodes", "connections")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """The smallest fleet that keeps the promise; ``replicas`` is None where none does, however large."""

    strategy: str
    growth: float
    loss: Loss
    replicas: int | None = None
    peak_pods: float = math.nan  # during the release, the old fleet's and the new one's together
    nodes: int = 0  # for the peak pods, and one to lose where one is lost
    bad: float = math.nan  # mean share of bad requests during the release, after the loss
    connections: float = math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """Where the fleet of the file breaks during a release, and what runs out first at the planning peak."""

    strategy: str
    loss: Loss
    rate: float | None  # requests per second it carries; None: not even a hundredth of the peak
    first: str  # "slots", "nodes" or "connections"
    headroom: Mapping[str, float]  # share left of each resource, at the planning peak; below zero: missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What one good release costs at the planning peak with the file's fleet."""

    strategy: str
    duration: float  # seconds
    releases_per_day: int  # one after the other
    extra_pods: float  # at once
    extra_pod_hours: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """All that a capacity review is told."""

    scenario: Scenario
    peak_rate: float
    confidence: float
    replications: int
    growths: tuple[float, ...]
    fleets: tuple[Fleet, ...]
    walls: tuple[Wall, ...]
    prices: tuple[Price, ...]

    def fleet(self, strategy: str, growth: float, loss: Loss) -> Fleet:
        """The fleet for a case."""
        return next(each for each in self.fleets if (each.strategy, each.growth, each.loss) == (strategy, growth, loss))


def review(
    scenario: Scenario,
    *,
    growths: Sequence[float] = (1.0, 1.5),
    replications: int = 8,
    confidence: float = 0.95,
    on_progress: Callable[[str], None] = lambda said: None,
) -> Review:
    """Search, measure and gather; takes seconds to minutes, and tells ``on_progress`` what it has found."""
    asked = _Asked(scenario=scenario, replications=replications, confidence=confidence)
    fleets: list[Fleet] = []
    walls: list[Wall] = []
    prices: list[Price] = []
    for strategy in scenario.strategies:
        for growth in growths:
            for loss in Loss:
                fleets.append(asked.fleet(strategy, growth, loss))
                on_progress(f"{strategy.name}, {growth:g} x peak, {loss.value}: {fleets[-1].replicas} pods")
        for loss in Loss:
            walls.append(asked.wall(strategy, loss))
            on_progress(f"{strategy.name}, {loss.value}: breaks at {walls[-1].rate} rps")
        prices.append(asked.price(strategy))
    return Review(
        scenario=scenario,
        peak_rate=fleet_arithmetic(scenario).peak_rate,
        confidence=confidence,
        replications=replications,
        growths=tuple(growths),
        fleets=tuple(fleets),
        walls=tuple(walls),
        prices=tuple(prices),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """The question, held together for its parts."""

    scenario: Scenario
    replications: int
    confidence: float

    def play(self, scenario: Scenario, strategy: str) -> Kept:
        return keeps(scenario, strategy, replications=self.replications, confidence=self.confidence)

    def fleet(self, strategy: Strategy, growth: float, loss: Loss) -> Fleet:
        grown = peak.at_peak(self.scenario, strategy, growth)
        least = self._pods_of_the_work(grown)
        played: dict[int, Kept] = {}

        def holds(pods: int) -> bool:
            left = peak.after(peak.with_fleet(grown, pods), loss)
            if left is None:
                return False
            played[pods] = self.play(left, strategy.name)
            return played[pods].surely

        found = search.smallest(holds, above=least, most=MOST * least)
        if found is None:
            return Fleet(strategy=strategy.name, growth=growth, loss=loss)
        whole = self.play(peak.with_fleet(grown, found), strategy.name).means
        return Fleet(
            strategy=strategy.name,
            growth=growth,
            loss=loss,
            replicas=found,
            peak_pods=whole["peak_pods"],
            nodes=peak.nodes_for(self.scenario, whole["peak_pods"]) + (loss is Loss.NODE),
            bad=played[found].share.value,
            connections=whole["peak_connections"],
        )

    def wall(self, strategy: Strategy, loss: Loss) -> Wall:
        at_peak = peak.after(peak.at_peak(self.scenario, strategy), loss)
        if at_peak is None:
            return Wall(strategy=strategy.name, loss=loss, rate=None, first="slots", headroom={"slots": -math.inf})
        arithmetic = fleet_arithmetic(at_peak)

        def holds(percent: int) -> bool:
            loaded = peak.after(peak.at_peak(self.scenario, strategy, percent / 100), loss)
            return loaded is not None and self.play(loaded, strategy.name).surely

        percent = search.largest(holds, below=max(1, round(100 / arithmetic.use_at_peak)))
        means = self.play(at_peak, strategy.name).means
        left = {name: means[f"headroom.{name}"] for name in RESOURCES if not math.isnan(means[f"headroom.{name}"])}
        return Wall(
            strategy=strategy.name,
            loss=loss,
            rate=None if percent is None else arithmetic.peak_rate * percent / 100,
            first=min(left, key=lambda name: left[name]),
            headroom=left,
        )

    def price(self, strategy: Strategy) -> Price:
        at_peak = peak.at_peak(self.scenario, strategy)
        means = self.play(at_peak, strategy.name).means
        hours = at_peak.study.horizon / units.HOUR
        return Price(
            strategy=strategy.name,
            duration=means["duration"],
            releases_per_day=int(86_400 // means["duration"]) if means["duration"] > 0 else 0,
            extra_pods=means["peak_pods"] - at_peak.service.replicas,
            extra_pod_hours=means["pod_hours"] - at_peak.service.replicas * hours,
        )

    def _pods_of_the_work(self, scenario: Scenario) -> int:
        """The pods that the work alone would keep busy all the time: no smaller fleet can do."""
        found = fleet_arithmetic(scenario)
        return max(1, math.ceil(found.use_at_peak * scenario.service.replicas))


def options(found: Review) -> Iterator[tuple[str, Fleet]]:
    """The fleets a board chooses between: each strategy, at the largest growth asked, with a node lost."""
    for strategy in found.scenario.strategies:
        yield strategy.name, found.fleet(strategy.name, max(found.growths), Loss.NODE)
