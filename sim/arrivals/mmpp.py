"""Traffic with bursts: a Markov-modulated Poisson process of two states.

Source: W. Fischer, K. Meier-Hellstern, "The Markov-modulated Poisson process (MMPP) cookbook", Performance Evaluation
18(2), 1993. Bursts and calms last exponentially long; the mean rate is that of the profile.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from sim.allowed import FACTOR_UP, lasting, sharing
from sim.arrivals import Arrivals, Luck
from sim.laws import Law
from sim.laws.exponential import Exponential
from sim.quantities import Duration, Share


class MarkovModulated(Arrivals):
    """Bursts: for a ``share`` of the time, ``lasts`` at a time, requests come ``factor`` times as fast as in calms."""

    example: ClassVar[dict[str, Any]] = {"kind": "mmpp", "factor": 4, "share": "10%", "lasts": "30s"}
    kind: Literal["mmpp"] = "mmpp"
    factor: Annotated[
        float,
        Field(gt=1, strict=False, description="rate in a burst, in rates of a calm"),
        FACTOR_UP,
    ]
    share: Annotated[
        Share,
        Field(description="of the time that is burst"),
        sharing("0.1%", "99.9%", "bursts and calms must both be met"),
    ]
    lasts: Annotated[
        Duration, Field(description="mean length of a burst"), lasting("100ms", "31d", "each burst is played")
    ]

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
