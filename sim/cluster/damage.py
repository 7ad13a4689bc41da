"""How much of the stored data a bad version has spoilt so far."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from sim.steps import Damage
from sim.versions import NEVER

ENOUGH = 0.999
"""Spoilt so far, the rest makes no difference."""
STEPS = 50
"""Looks at a growing damage while everybody meeting the new version would spoil 63 %."""


@dataclass(frozen=True, slots=True)
class Spoilage:
    """``level`` of the data was spoilt at ``since``; from then on the new version has served this ``share``."""

    level: float = 0.0
    share: float = 0.0
    since: int = 0  # ns

    def at(self, now: int, damage: Damage) -> float:
        """The part spoilt now: what is whole shrinks at the pace of the traffic the new version gets.

        >>> round(Spoilage(share=0.5, since=0).at(20, Damage(rate=1.0, takes=10)), 3)
        0.632
        """
        if self.share == 0.0:
            return 0.0 if now >= self.whole_at(damage) else self.level
        return 1.0 - (1.0 - self.level) * math.exp(-self.share * (now - self.since) / damage.takes)

    def serving(self, share: float, now: int, damage: Damage) -> Spoilage:
        """From now on the new version serves another share."""
        return self if share == self.share else replace(self, level=self.at(now, damage), share=share, since=now)

    def whole_at(self, damage: Damage) -> int:
        """When the data is whole again; NEVER while the new version serves, or without repair, ns."""
        if self.share > 0.0 or damage.repair == NEVER:
            return NEVER
        return self.since + damage.repair

    def look_at(self, now: int, damage: Damage) -> int:
        """When to look again, ns: a growing damage now and then, a resting one when it is repaired."""
        if self.share == 0.0:
            return self.whole_at(damage) if self.level > 0.0 else NEVER
        return NEVER if self.at(now, damage) > ENOUGH else now + max(1, damage.takes // STEPS)
