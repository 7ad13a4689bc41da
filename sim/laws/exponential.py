"""The law without memory."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from sim.laws.law import Curve, Form, Law, curve
from sim.laws.rules import Quantile


class Exponential(Law):
    """Exponential by its mean: how long has passed says nothing of how long it will take."""

    kind: Literal["exponential"] = "exponential"
    average: float = Field(alias="mean", gt=0, allow_inf_nan=False)

    form: ClassVar[Mapping[str, Form]] = {"mean": Form.QUANTITY}
    example: ClassVar[dict[str, Any]] = {"kind": "exponential", "mean": "100ms"}

    def curve(self) -> Curve:
        """Minus the mean times the logarithm of the upper tail."""
        return curve(Quantile.EXPONENTIAL, self.average)

    def mean(self) -> float:
        """As given."""
        return self.average

    def cdf(self, x: float) -> float:
        """One minus the exponential of minus x over the mean."""
        return -math.expm1(-max(x, 0.0) / self.average)
