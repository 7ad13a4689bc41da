"""Evenly spaced arrivals."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from sim.arrivals import Arrivals
from sim.laws import Law
from sim.laws.deterministic import Deterministic


class Constant(Arrivals):
    """Requests as evenly spaced as the profile allows: a load generator, not users."""

    example: ClassVar[dict[str, Any]] = {"kind": "constant"}
    kind: Literal["constant"] = "constant"

    def gap(self) -> Law:
        """Gaps of exactly 1."""
        return Deterministic(value=1.0)
