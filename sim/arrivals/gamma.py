"""Bursty or orderly arrivals: gaps with a gamma law."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from sim.allowed import measuring
from sim.arrivals import Arrivals
from sim.laws import Law
from sim.laws.gamma import Gamma as GammaLaw


class Gamma(Arrivals):
    """Bursty requests: gaps vary by ``cv`` times their mean; 1 is Poisson, above 1 bursts, below 1 is more even."""

    example: ClassVar[dict[str, Any]] = {"kind": "gamma", "cv": 2}
    kind: Literal["gamma"] = "gamma"
    cv: Annotated[
        float,
        Field(strict=False, description="standard deviation of the gaps, in means"),
        measuring(0.05, 10, "below it requests come like clockwork: write constant; above it nearly all come at once"),
    ]

    def gap(self) -> Law:
        """Gamma gaps of mean 1."""
        return GammaLaw(mean=1.0, cv=self.cv)
