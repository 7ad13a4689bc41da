"""What every part of the reference engine looks at: the columns as they are, and the instant."""

from __future__ import annotations

from sim.clock import Clock
from sim.world import Columns, World


class Part:
    """A part of the engine, on the engine's world and clock."""

    def __init__(self, world: World, clock: Clock) -> None:
        self.world, self.clock = world, clock

    @property
    def columns(self) -> Columns:
        """The columns as they are now; the cluster may have made room for more pods."""
        return self.world.columns

    @property
    def now(self) -> int:
        """The instant played last."""
        return int(self.clock.now)
