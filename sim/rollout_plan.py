"""What a strategy's script means to do, read off its steps as if every pod were ready at once.

A script is asked nothing but its steps, so that a strategy of somebody else's is read as ours are: whether it means to
bring a good release to everybody, which pods have to stand beside each other, what is held for how long, and whether a
person has to let it go on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sim import steps
from sim.replica_split import nearest_split
from sim.steps import Decision, Detector, Reading, Split
from sim.versions import NEW, STABLE

MOST_STEPS = 10_000
"""A script longer than this does not come to an end."""


@dataclass(frozen=True, slots=True)
class Fleets:
    """Pods of both versions at one moment."""

    stable: int
    new: int

    @property
    def pods(self) -> int:
        """Of both together."""
        return self.stable + self.new


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A judged hold: how long (ns; 0 where only a gate may want one), and the new version's share of the traffic."""

    lasts: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutPlan:
    """A rollout that meets no trouble."""

    decision: Decision  # aborted: it is taken back on purpose; unfinished: there is no release at all
    together: Fleets  # pods without which some step is never over
    most: Fleets  # pods it asks for at most
    holds: tuple[Held, ...]
    asks: bool  # a person has to let it go on

    @property
    def ships(self) -> bool:
        """Whether a good release is meant to reach everybody."""
        return self.decision is Decision.PROMOTED


def plan_of(strategy: Any, replicas: int) -> RolloutPlan:
    """Read a strategy's rollout for a service of so many pods.

    >>> from sim.strategies.blue_green import BlueGreen
    >>> plan = plan_of(BlueGreen(), 10)
    >>> plan.ships, plan.together.pods, plan.asks
    (True, 20, False)
    """
    walk = _Walk(replicas=replicas, stable=replicas)
    script = strategy.rollout(replicas)
    step = next(script, None)
    for _ in range(MOST_STEPS):
        if step is None:
            break
        if isinstance(step, steps.Finish):
            walk.decision = step.decision
            break
        walk.take(step)
        step = _sent(script, Reading(at=0, by=Detector.NOBODY, replicas=(walk.stable, walk.new)))
    script.close()
    return RolloutPlan(
        decision=walk.decision,
        together=walk.together,
        most=walk.most,
        holds=tuple(walk.holds),
        asks=walk.asks,
    )


def lingers(script: steps.Script, version: int, replicas: int) -> int | None:
    """How long a fleet of so many pods stays once a router sends it nothing, ns; None where no router takes it out.

    >>> from sim.strategies.blue_green import BlueGreen
    >>> lingers(BlueGreen(keep_old="5m").rollout(10), STABLE, 10) == 300 * 10**9
    True
    """
    stays: int | None = None
    step = next(script, None)
    for _ in range(MOST_STEPS):
        match step:
            case None | steps.Finish():
                break
            case steps.Weight(share=share) if share == (1.0 if version == STABLE else 0.0):
                stays = 0
            case steps.Switch(version=onto) if onto != version:
                stays = 0
            case steps.Judge(duration=lasts) if stays is not None:
                stays += lasts
            case steps.Scale(version=fleet, replicas=0) if fleet == version:
                break
            case _:
                pass
        step = _sent(script, Reading(at=0, by=Detector.NOBODY, replicas=(replicas, replicas)))
    script.close()
    return stays


@dataclass(slots=True, kw_only=True)
class _Walk:
    """Where the reading stands."""

    replicas: int
    stable: int
    new: int = 0
    split: Split = field(default_factory=Split)
    by_pod: bool = False
    asks: bool = False
    decision: Decision = Decision.UNFINISHED
    together: Fleets = field(init=False)
    most: Fleets = field(init=False)
    holds: list[Held] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.together = self.most = Fleets(self.stable, self.new)

    def take(self, step: steps.Step) -> None:
        """What a step changes."""
        match step:
            case steps.Scale(version=version, replicas=count) if version in (STABLE, NEW):
                self._fleets(count if version == STABLE else self.stable, count if version == NEW else self.new)
            case steps.Wait(ready=version, least=least) if version is not None:
                self._stands(version, least)
            case steps.Replace(room=room):
                self._waves(0, self.replicas, *room(self.replicas))
            case steps.Divide(share=share, room=room):
                pair = nearest_split(self.replicas, share, room(self.replicas)[0])
                self._waves(pair.stable, pair.canary, *room(self.replicas))
            case steps.Judge(duration=lasts, ask=ask):
                self.asks = self.asks or ask
                self.holds.append(Held(lasts=lasts, share=self._share()))
            case steps.Ask():
                self.asks = True
            case _:
                self._route(step)

    def _route(self, step: steps.Step) -> None:
        match step:
            case steps.Spread():
                self.by_pod = True
            case steps.Weight(share=share):
                self.split = self.split._replace(weight=share)
            case steps.Cohort(share=share):
                self.split = self.split._replace(cohort=share)
            case steps.Mirror(share=share):
                self.split = self.split._replace(mirror=share)
            case steps.Switch(version=version):
                self.split = self.split._replace(weight=1.0 if version == NEW else 0.0)
            case _:
                pass

    def _share(self) -> float:
        return self.new / max(1, self.stable + self.new) if self.by_pod else self.split.share

    def _fleets(self, stable: int, new: int) -> None:
        self.stable, self.new = stable, new
        self.most = max(self.most, Fleets(stable, new), key=lambda each: each.pods)

    def _stands(self, version: int, least: int | None) -> None:
        """The step is over only when these pods are all there."""
        here = Fleets(self.stable, self.new)
        if least is not None:
            here = Fleets(least, self.new) if version == STABLE else Fleets(self.stable, least)
        self.together = max(self.together, here, key=lambda each: each.pods)

    def _waves(self, stable: int, new: int, surge: int, unavailable: int) -> None:
        """Waves move as soon as one pod more fits, or one fewer is allowed."""
        most = max(self.replicas + surge, stable + new)
        self.most = max(self.most, Fleets(most - min(most, new), min(most, new)), key=lambda each: each.pods)
        if not unavailable and new > self.new:
            self.together = max(self.together, Fleets(self.replicas, 1), key=lambda each: each.pods)
        self._fleets(stable, new)
        self._stands(NEW, None)


def _sent(script: Any, reading: Reading) -> Any:
    try:
        return script.send(reading)
    except StopIteration:
        return None
