"""One strategy put to fleets, pools, rates and losses; whatever was played once is not played again."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from sim import units
from sim.scenario.arithmetic import fleet_arithmetic
from sim.scenario.resolved import Scenario, Strategy
from sim.whatif import peak
from sim.whatif.keeping import Kept, Reference, Sure, keeps
from sim.whatif.peak import Loss, Strike

_ORDER = (Sure.KEPT, Sure.CANNOT_TELL, Sure.BROKEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A fleet at a traffic: ``growth`` times today's peak; without pods and nodes, the fleet that the file says."""

    growth: float = 1.0
    pods: int | None = None
    nodes: int | None = None
    surge: int | None = None  # pods, for a strategy that has one


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
    replications: int
    confidence: float
    _looks: dict[tuple[Setting, Loss], Look] = field(default_factory=dict)
    _references: dict[float, Reference] = field(default_factory=dict)

    def look(self, setting: Setting, loss: Loss = Loss.NONE) -> Look:
        """Play what is not known yet: first without a loss, then with it at each moment and place.

        A setting that breaks the promise without a loss is not asked about losses.
        """
        known = self._looks.get((setting, loss))
        if known is None:
            known = self._looks[setting, loss] = self._played(setting, loss)
        return known

    def holds(self, setting: Setting, loss: Loss) -> bool:
        """Whether the promise is kept for sure."""
        return self.look(setting, loss).sure is Sure.KEPT

    def scenario_of(self, setting: Setting) -> Scenario:
        """The scenario that is played for a setting, nothing lost."""
        grown = peak.at_peak(self.scenario, self.strategy, setting.growth)
        if setting.pods is not None:
            grown = peak.with_fleet(grown, setting.pods, setting.nodes or grown.nodes.count)
        if setting.surge is not None:
            kind = self.strategy.strategy
            surge = type(kind.surge).read(setting.surge)
            grown = peak.with_strategy(grown, self.strategy, kind.model_copy(update={"surge": surge}))
        return grown

    def _played(self, setting: Setting, loss: Loss) -> Look:
        scenario = self.scenario_of(setting)
        if loss is Loss.NONE:
            return Look(kept=self._keeps(scenario, setting, loss, None))
        whole = self.look(setting)
        if whole.sure is Sure.BROKEN or peak.spared(scenario, loss, scenario.nodes.count) < 1:
            broken = replace(whole.kept, held_up=True) if whole.sure is not Sure.BROKEN else whole.kept
            return Look(kept=broken)
        worst: Look | None = None
        for strike in peak.strikes(scenario, loss, whole.kept.means["duration"] * units.SECOND):
            found = Look(kept=self._keeps(scenario, setting, loss, strike), strike=strike)
            worst = found if worst is None else max(worst, found, key=_badness)
            if worst.sure is not Sure.KEPT:
                break
        assert worst is not None, "every loss strikes somewhere"
        return worst

    def _keeps(self, scenario: Scenario, setting: Setting, loss: Loss, strike: Strike | None) -> Kept:
        if setting.growth not in self._references:
            self._references[setting.growth] = Reference.of(peak.at_peak(self.scenario, self.strategy, setting.growth))
        return keeps(
            scenario,
            self.strategy.name,
            self._references[setting.growth],
            loss=loss,
            strike=strike,
            replications=self.replications,
            confidence=self.confidence,
        )

    def pods_of_the_work(self, growth: float) -> int:
        """The pods that the work alone would keep busy all the time: no smaller fleet can do."""
        found = fleet_arithmetic(peak.at_peak(self.scenario, self.strategy, growth))
        return max(1, math.ceil(found.use_at_peak * self.scenario.service.replicas - 1e-9))


def _badness(look: Look) -> tuple[int, float]:
    return _ORDER.index(look.sure), look.kept.share.high
