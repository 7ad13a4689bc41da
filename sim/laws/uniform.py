"""Every value between two bounds alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from sim.laws.law import Curve, Form, Law, curve
from sim.laws.rules import Quantile


class Uniform(Law):
    """Any value between low and high alike."""

    kind: Literal["uniform"] = "uniform"
    low: float = Field(ge=0, allow_inf_nan=False)
    high: float = Field(ge=0, allow_inf_nan=False)

    form: ClassVar[Mapping[str, Form]] = {"low": Form.QUANTITY, "high": Form.QUANTITY}
    example: ClassVar[dict[str, Any]] = {"kind": "uniform", "low": "5s", "high": "15s"}

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low > self.high:
            raise ValueError("low is greater than high; swap them")
        return self

    def curve(self) -> Curve:
        """A straight line."""
        return curve(Quantile.UNIFORM, self.low, self.high)

    def mean(self) -> float:
        """The middle."""
        return (self.low + self.high) / 2

    def cdf(self, x: float) -> float:
        """Rises evenly from low to high."""
        if x < self.low or x >= self.high:
            return float(x >= self.high)
        return (x - self.low) / (self.high - self.low)

    def below(self, x: float) -> float:
        """As ``cdf``, but for bounds that coincide."""
        return float(x > self.low) if self.deterministic else self.cdf(x)

    def support(self) -> tuple[float, float]:
        """The bounds."""
        return self.low, self.high

    def knots(self) -> Sequence[float]:
        """The bounds."""
        return self.low, self.high
