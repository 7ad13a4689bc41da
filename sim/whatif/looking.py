"""One strategy put to fleets, pools, rates and losses: at a glance, or looked at until it is sure.

A *glance* is one release, with the loss where it was the worst so far: it costs little and says where to look. A
*look* plays until the promise is surely kept or broken, whatever is lost whenever: the worst case known so far first,
for there most fleets break; then each other moment and place once. One that fares better than the worst is no worse
than it, which is surely kept; one that fares worse is looked at as closely.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sim import units
from sim.scenario.arithmetic import fleet_arithmetic
from sim.scenario.resolved import Scenario, Strategy
from sim.stats.intervals import proportion_guaranteed
from sim.whatif import keeping, peak
from sim.whatif.keeping import Anyway, Kept, Sure
from sim.whatif.peak import Loss, Strike
from sim.whatif.players import Play, Players
from sim.whatif.releases import AT_LEAST, Release
from sim.whatif.setting import Setting, scenario_of

__all__ = ["Look", "Setting", "Table"]

LONGER = 1.1
"""A release may last so many times as long as the longest of its kind so far before it is played anew."""
_ORDER = (Sure.KEPT, Sure.CANNOT_TELL, Sure.BROKEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a setting came to: of all moments and places of the loss, the worst."""

    kept: Kept
    strike: Strike | None = None

    @property
    def sure(self) -> Sure:
        """What can be said of the promise."""
        return self.kept.sure


@dataclass(slots=True, kw_only=True)
class Table:
    """The looks of one strategy."""

    scenario: Scenario
    strategy: Strategy
    players: Players
    replications: int
    confidence: float
    _looks: dict[tuple[Setting, Loss], Look] = field(default_factory=dict)
    _anyway: dict[tuple[float, int], Anyway] = field(default_factory=dict)
    _worst: dict[Loss, int] = field(default_factory=dict)  # the strike that was the worst, by its place in the list
    _lasted: dict[tuple[Loss, int], float] = field(default_factory=dict)  # the longest release, ns

    def look(self, setting: Setting, loss: Loss = Loss.NONE) -> Look:
        """Play what is not known yet: first without a loss, then with it at each moment and place.

        A setting that breaks the promise without a loss is not asked about losses.
        """
        known = self._looks.get((setting, loss))
        if known is None:
            known = self._looks[setting, loss] = self._looked(setting, loss)
        return known

    def holds(self, setting: Setting, loss: Loss) -> bool:
        """Whether the promise is kept for sure."""
        return self.look(setting, loss).sure is Sure.KEPT

    def holds_at_the_worst(self, setting: Setting, loss: Loss) -> bool:
        """Whether it is kept for sure without a loss, and with it where it was the worst so far."""
        known = self._looks.get((setting, loss))
        if known is not None or loss is Loss.NONE:
            return self.holds(setting, loss)
        scenario, whole = self.scenario_of(setting), self.look(setting)
        if whole.sure is not Sure.KEPT or peak.spared(scenario, loss, scenario.nodes.count) < 1:
            return False
        strikes = peak.strikes(scenario, loss, whole.kept.means["duration"] * units.SECOND)
        place = self._place(loss, strikes)
        return self._sure(setting, loss, place, strikes[place]).surely

    def seems_to_hold(self, setting: Setting, loss: Loss) -> bool:
        """Whether one release keeps the promise, with the loss where it was the worst so far."""
        known = self._looks.get((setting, loss))
        if known is not None:
            return known.sure is Sure.KEPT
        scenario = self.scenario_of(setting)
        if peak.spared(scenario, loss, scenario.nodes.count) < 1:
            return False
        (whole,) = self._played(setting, Loss.NONE, [(0, None)], [0])
        kept = self._passes(setting, whole)
        if loss is Loss.NONE or not kept:
            return kept
        strikes = peak.strikes(scenario, loss, whole.values["duration"] * units.SECOND)
        place = self._place(loss, strikes)
        (struck,) = self._played(setting, loss, [(place, strikes[place])], [0])
        return self._passes(setting, struck)

    def scenario_of(self, setting: Setting) -> Scenario:
        """The scenario that is played for a setting, nothing lost."""
        return scenario_of(self.scenario, self.strategy, setting)

    def pods_of_the_work(self, growth: float) -> int:
        """The pods that the work alone would keep busy all the time: no smaller fleet can do."""
        found = fleet_arithmetic(peak.at_peak(self.scenario, self.strategy, growth))
        return max(1, math.ceil(found.use_at_peak * self.scenario.service.replicas - 1e-9))

    def anyway(self, growth: float, releases: int) -> Anyway:
        """What fails with any fleet, at a traffic and up to an index."""
        grown = peak.at_peak(self.scenario, self.strategy, growth)
        even = keeping.is_even(grown)
        if even and all(each.concurrency is None for each in self.scenario.dependencies):
            growth = 1.0  # nobody waits for anything, at whatever traffic
        count = 1 if even else releases
        if (growth, count) not in self._anyway:
            length = AT_LEAST if even else max(peak.length(self.scenario, each) for each in self.scenario.strategies)
            played = [self.players.ample(growth, length, index) for index in range(count)]
            self._anyway[growth, count] = keeping.anyway(grown, played, exact=not even)
        return self._anyway[growth, count]

    def _looked(self, setting: Setting, loss: Loss) -> Look:
        scenario = self.scenario_of(setting)
        if loss is Loss.NONE:
            return Look(kept=self._sure(setting, loss, 0, None))
        whole = self.look(setting)
        if whole.sure is Sure.BROKEN or peak.spared(scenario, loss, scenario.nodes.count) < 1:
            broken = replace(whole.kept, held_up=True) if whole.sure is not Sure.BROKEN else whole.kept
            return Look(kept=broken)
        strikes = peak.strikes(scenario, loss, whole.kept.means["duration"] * units.SECOND)
        first = self._place(loss, strikes)
        worst = first, self._sure(setting, loss, first, strikes[first])
        if worst[1].sure is Sure.KEPT:
            others = [(place, strike) for place, strike in enumerate(strikes) if place != first]
            once = self._played(setting, loss, others, [0])
            for (place, strike), release in sorted(
                zip(others, once, strict=True), key=lambda each: -self._share(setting, each[1])
            ):
                if self._is_no_worse(setting, release, worst[1]):
                    continue
                found = place, self._sure(setting, loss, place, strike)
                worst = max(worst, found, key=lambda each: _badness(each[1]))
                if worst[1].sure is not Sure.KEPT:
                    break
        self._worst[loss] = worst[0]
        return Look(kept=worst[1], strike=strikes[worst[0]])

    def _place(self, loss: Loss, strikes: Sequence[Strike | None]) -> int:
        """The place in the list of the strike that was the worst so far; before any, the one in the middle."""
        return min(self._worst.get(loss, len(strikes) // 2), len(strikes) - 1)

    def _sure(self, setting: Setting, loss: Loss, place: int, strike: Strike | None) -> Kept:
        """Play until it is sure, at most as often as was asked."""
        seen: list[Release] = []
        even = self._is_even(setting.growth)
        for count in keeping.looks(self.replications, even=even):
            seen += self._played(setting, loss, [(place, strike)] * (count - len(seen)), range(len(seen), count))
            kept = keeping.judged(seen, self.anyway(setting.growth, count), self._each_look(setting.growth))
            if kept.sure is not Sure.CANNOT_TELL:
                break
        return kept

    def _each_look(self, growth: float) -> float:
        return keeping.each_look(self.replications, self.confidence, even=self._is_even(growth))

    def _is_even(self, growth: float) -> bool:
        return keeping.is_even(peak.at_peak(self.scenario, self.strategy, growth))

    def _is_no_worse(self, setting: Setting, release: Release, worst: Kept) -> bool:
        """Whether one release says enough: it fares better than the worst on average, and requests were not too few."""
        anyway = self.anyway(setting.growth, 1)
        (more, _), requests = anyway.more(release, 0), int(release.requests[release.counts].sum())
        if release.held_up or anyway.own + more / max(1, requests) > worst.share.value:
            return False
        bound = proportion_guaranteed(min(max(0, more), requests), max(1, requests), self._each_look(setting.growth))
        return anyway.own + bound.high <= worst.allowed

    def _passes(self, setting: Setting, release: Release) -> bool:
        allowed = self.anyway(setting.growth, 1).allowed
        return not release.held_up and self._share(setting, release) <= allowed

    def _share(self, setting: Setting, release: Release) -> float:
        """Bad requests of the first release as a share of all."""
        anyway = self.anyway(setting.growth, 1)
        more, _ = anyway.more(release, 0)
        return anyway.own + more / max(1, int(release.requests[release.counts].sum()))

    def _played(
        self,
        setting: Setting,
        loss: Loss,
        strikes: Sequence[tuple[int, Strike | None]],
        indices: Sequence[int],
    ) -> list[Release]:
        """Releases with these strikes (by their places in the list of all) and indexes; one index serves all."""
        indices = list(indices) * len(strikes) if len(indices) == 1 else indices
        name = self.strategy.name
        plays = [Play(name, setting, loss, strike, index) for (_, strike), index in zip(strikes, indices, strict=True)]
        found = self.players.all(plays, [self._until(loss, place) for place, _ in strikes])
        for (place, _), release in zip(strikes, found, strict=True):
            lasted = release.values["duration"] * units.SECOND
            self._lasted[loss, place] = max(self._lasted.get((loss, place), 0.0), lasted)
        return found

    def _until(self, loss: Loss, place: int) -> int:
        """A guess of when a release will have ended, ns: as others did, or as long as it waits on purpose."""
        known = self._lasted.get((loss, place))
        if known is not None:
            return int(LONGER * known)
        whole = self._lasted.get((Loss.NONE, 0))
        if loss is Loss.NONE or whole is None:
            return int(self.strategy.strategy.planned(self.scenario.service.replicas)) + AT_LEAST
        return int(2 * whole) + self.scenario.nodes.detection + self.scenario.nodes.toleration


def _badness(kept: Kept) -> tuple[int, float]:
    return _ORDER.index(kept.sure), kept.share.high
