"""How fast each pod works: its machine may be slow, and it may have begun to serve only lately."""

from __future__ import annotations

from sim.clock import Clock
from sim.cluster.effects import Effects
from sim.cluster.pod import Phase, Pod
from sim.steps import Effect, Warming
from sim.versions import NEVER
from sim.world import Rank, World

STEPS = 20
"""In so many steps a warming pod comes to its normal speed."""


class Speeds:
    """Keeps each pod's ``speed`` in the world: the factor on its service times.

    Pods that have served since before the play began are warm.
    """

    def __init__(self, *, effects: Effects, world: World, clock: Clock) -> None:
        self._effects, self._world, self._clock, self._begun = effects, world, clock, int(clock.now)

    def look(self, pod: Pod) -> None:
        """The pod has begun to serve, or its machine has changed: write its speed, and look again while it warms."""
        if pod.phase is not Phase.SERVING or pod.node is None:
            return
        factor, again = pod.node.slowness, NEVER
        if pod.serving_since > self._begun:
            for _, edit in self._effects.on_pods(pod.version, Effect.COLD):
                assert isinstance(edit.value, Warming)
                warmth, next_step = warming(edit.value, int(self._clock.now) - pod.serving_since)
                factor, again = factor * warmth, min(again, next_step)
        self._world.columns.pods.speed[pod.place] = factor
        if again < NEVER:
            due = self._clock.at(pod.serving_since + again, Rank.CONTAINER, pod.address)
            due.callbacks.append(lambda _: self.look(pod))


def warming(cold: Warming, age: int) -> tuple[float, int]:
    """The factor on work of a pod that has served so long (ns), and the age of its next step; NEVER when it is warm.

    >>> warming(Warming(factor=3.0, lasts=20), 0), warming(Warming(factor=3.0, lasts=20), 10)
    ((3.0, 1), (2.0, 11))
    >>> warming(Warming(factor=3.0, lasts=20), 20) == (1.0, NEVER)
    True
    """
    if age >= cold.lasts:
        return 1.0, NEVER
    step = age * STEPS // cold.lasts
    return cold.factor + (1.0 - cold.factor) * step / STEPS, -(-(step + 1) * cold.lasts // STEPS)
