"""Times to failure with a hazard that rises or falls."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from sim.laws.law import Curve, Form, Law, curve
from sim.laws.rules import Quantile


class Weibull(Law):
    """Weibull by shape and scale or mean; a shape above 1 ages, below 1 has early failures."""

    kind: Literal["weibull"] = "weibull"
    shape: float = Field(ge=0.05, le=1e6, allow_inf_nan=False)
    scale: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    average: float | None = Field(default=None, alias="mean", gt=0, allow_inf_nan=False)

    form: ClassVar[Mapping[str, Form]] = {"scale": Form.QUANTITY, "mean": Form.QUANTITY, "shape": Form.NUMBER}
    example: ClassVar[dict[str, Any]] = {"kind": "weibull", "scale": "40m", "shape": 1.5}

    @model_validator(mode="after")
    def _one_size(self) -> Self:
        if (self.scale is None) == (self.average is None):
            raise ValueError("a weibull law needs shape and one of scale and mean, as {shape: 1.5, mean: 40m}")
        return self

    def curve(self) -> Curve:
        """The scale times a power of an exponential value."""
        return curve(Quantile.WEIBULL, self._scale(), 1.0 / self.shape)

    def mean(self) -> float:
        """As given, else the scale times gamma(1 + 1/shape)."""
        return self.average if self.average is not None else self._scale() * math.gamma(1.0 + 1.0 / self.shape)

    def cdf(self, x: float) -> float:
        """One minus the exponential of minus a power of x."""
        return -math.expm1(-math.pow(max(x, 0.0) / self._scale(), self.shape))

    def _scale(self) -> float:
        if self.scale is not None:
            return self.scale
        assert self.average is not None
        return self.average / math.gamma(1.0 + 1.0 / self.shape)
