"""Traffic with bursts: a Markov-modulated Poisson process of two states.

Source: W. Fischer, K. Meier-Hellstern, "The Markov-modulated Poisson process (MMPP) cookbook", Performance Evaluation
18(2), 1993. Bursts and calms last exponentially long; the mean rate is that of the profile.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from sim.arrivals import Arrivals, Luck
from sim.laws import Law
from sim.laws.exponential import Exponential
from sim.quantities import Duration, Share


class MarkovModulated(Arrivals):
    """Bursts: for a ``share`` of the time, ``lasts`` at a time, requests come ``factor`` times as fast as in calms."""

    example: ClassVar[dict[str, Any]] = {"kind": "mmpp", "factor": 4, "share": "10%", "lasts": "30s"}
    kind: Literal["mmpp"] = "mmpp"
    factor: Annotated[float, Field(gt=1, le=1000, strict=False, description="rate in a burst, in rates of a calm")]
    share: Annotated[Share, Field(ge=0.001, le=0.999, description="of the time that is burst")]
    lasts: Annotated[Duration, Field(ge=10**8, description="mean length of a burst, at least 100ms")]

    def gap(self) -> Law:
        """Exponential gaps, given the state."""
        return Exponential(mean=1.0)

    def steepest(self) -> float:
        """That of a burst."""
        return self.factor / (1.0 - self.share + self.share * self.factor)

    def swings(self, luck: Luck, length: int) -> Sequence[tuple[int, float]]:
        """States in turn, from a first one drawn as often as it prevails."""
        burst = self.steepest()
        is_burst = luck(0) < self.share
        at, path = 0.0, []
        while at < length:
            path.append((round(at), burst if is_burst else burst / self.factor))
            mean = self.lasts if is_burst else self.lasts * (1.0 - self.share) / self.share
            at += -mean * math.log(1.0 - luck(len(path)))
            is_burst = not is_burst
        return path
