"""Sums of short waits: from nearly constant to very uneven, by one number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from sim.laws.law import Form
from sim.laws.table import Tabled
from sim.laws.tails import lower_tails


class Gamma(Tabled):
    """Gamma by mean and cv (standard deviation over mean) or shape; cv 1 is exponential."""

    kind: Literal["gamma"] = "gamma"
    average: float = Field(alias="mean", gt=0, allow_inf_nan=False)
    cv: float | None = Field(default=None, gt=0.001, le=10, allow_inf_nan=False)
    shape: float | None = Field(default=None, ge=0.01, lt=1e6, allow_inf_nan=False)

    form: ClassVar[Mapping[str, Form]] = {"mean": Form.QUANTITY, "cv": Form.NUMBER, "shape": Form.NUMBER}
    example: ClassVar[dict[str, Any]] = {"kind": "gamma", "mean": "100ms", "cv": 0.5}

    @model_validator(mode="after")
    def _one_shape(self) -> Self:
        if (self.cv is None) == (self.shape is None):
            raise ValueError("a gamma law needs mean and one of cv and shape, as {mean: 100ms, cv: 0.5}")
        return self

    def points(self, cells: int) -> tuple[Sequence[float], Sequence[float]]:
        """By the inverse of the incomplete gamma function, from either side."""
        import numpy as np
        from scipy.special import gammainccinv, gammaincinv

        shape, tails = self._shape(), np.array(lower_tails(cells))
        scale = self.average / shape
        return (scale * gammaincinv(shape, tails)).tolist(), (scale * gammainccinv(shape, tails)).tolist()

    def mean(self) -> float:
        """As given."""
        return self.average

    def cdf(self, x: float) -> float:
        """The incomplete gamma function."""
        from scipy.special import gammainc

        shape = self._shape()
        return float(gammainc(shape, max(x, 0.0) * shape / self.average))

    def _shape(self) -> float:
        if self.shape is not None:
            return self.shape
        assert self.cv is not None
        return 1.0 / self.cv**2
