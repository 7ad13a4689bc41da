"""A law kept between 0 and 1, for shares: a lognormal with a p95 of 40 % must not send 130 % of requests astray."""

from __future__ import annotations

from typing import Any

from pydantic import SerializeAsAny

from sim.laws.law import Curve, Law, Write, curve_of
from sim.laws.rules import CLIPPED


class Clipped(Law):
    """What the law gives, but 0 where it is below and 1 where it is above; made by ``ShareLaw``, never written."""

    law: SerializeAsAny[Law]

    def curve(self) -> Curve:
        """The law's own curve, marked as clipped."""
        inner = curve_of(self.law)
        return inner._replace(rule=(inner.rule[0] + CLIPPED,))

    def mean(self) -> float:
        """The law's own up to 1."""
        return self.law.mean_up_to(1.0)

    def cdf(self, x: float) -> float:
        """All that would be above 1 is at 1."""
        return 1.0 if x >= 1.0 else self.law.cdf(x) if x >= 0.0 else 0.0

    def below(self, x: float) -> float:
        """Nothing is below 0."""
        return 1.0 if x > 1.0 else self.law.below(x) if x > 0.0 else 0.0

    def support(self) -> tuple[float, float]:
        """Within 0 and 1."""
        low, high = self.law.support()
        return min(1.0, max(0.0, low)), min(1.0, max(0.0, high))

    def note(self) -> str:
        """The law's own."""
        return self.law.note()

    def written(self, write: Write) -> Any:
        """As the law itself."""
        return self.law.written(write)
