"""The herd: what starting processes ask of dependencies, and how long that keeps these from answering others.

A dependency answers in turn. What a process asks for at its start stands in line as one block: whoever calls later
waits until the block is done, which takes calls x work / concurrency, whatever waits behind it.
"""

from __future__ import annotations

from sim.cluster.effects import Effects
from sim.cluster.pod import Pod
from sim.scenario.resolved import Scenario
from sim.steps import Asking, Effect
from sim.world import World

LONGEST_WAIT = 2**60
"""ns; a dependency that is taken for longer is taken for good, and the clock counts 63 bits."""


class StartLoads:
    """Keeps ``taken_until`` of the world's dependencies."""

    def __init__(self, scenario: Scenario, effects: Effects, world: World) -> None:
        self._effects, self._world = effects, world
        self._called = [each for each in scenario.dependencies if each.concurrency is not None]

    def ask(self, pod: Pod, now: int) -> int:
        """The pod's process asks for all it needs to start; ns until it has everything."""
        done = now
        for _, edit in self._effects.on_pods(pod.version, Effect.START_LOAD):
            assert isinstance(edit.value, Asking)
            for place, each in enumerate(self._called):
                if each.name == edit.value.dependency:
                    assert each.concurrency is not None
                    taken = self._world.columns.dependencies.taken_until
                    lasts = round(edit.value.calls * each.work.mean() / each.concurrency)
                    taken[place] = min(LONGEST_WAIT, max(int(taken[place]), now) + lasts)
                    done = max(done, int(taken[place]))
        return done - now
