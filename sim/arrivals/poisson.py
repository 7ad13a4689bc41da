"""Independent arrivals."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from sim.arrivals import Arrivals
from sim.laws import Law
from sim.laws.exponential import Exponential


class Poisson(Arrivals):
    """Independent requests: a Poisson process that follows the profile."""

    example: ClassVar[dict[str, Any]] = {"kind": "poisson"}
    kind: Literal["poisson"] = "poisson"

    def gap(self) -> Law:
        """Exponential gaps."""
        return Exponential(mean=1.0)
