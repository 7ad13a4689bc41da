"""Values as they were measured."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from sim.laws.law import Curve, Form, Law, curve
from sim.laws.rules import Quantile


class Empirical(Law):
    """One of the given values, each as often as its weight says (else all alike)."""

    kind: Literal["empirical"] = "empirical"
    values: tuple[float, ...] = Field(min_length=1)
    weights: tuple[float, ...] = ()

    form: ClassVar[Mapping[str, Form]] = {"values": Form.QUANTITIES, "weights": Form.NUMBERS}
    example: ClassVar[dict[str, Any]] = {"kind": "empirical", "values": ["80ms", "95ms", "310ms"], "weights": [5, 4, 1]}

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.weights and len(self.weights) != len(self.values):
            raise ValueError(f"{len(self.values)} values but {len(self.weights)} weights; write one weight per value")
        if not all(math.isfinite(number) and number >= 0 for number in (*self.values, *self.weights)):
            raise ValueError("values and weights must be numbers of 0 or more")
        if self.weights and sum(self.weights) <= 0:
            raise ValueError("all weights are 0; write at least one above 0")
        return self

    @cached_property
    def steps(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """The values that can come, rising, and the chance of each or a smaller one; the last is 1."""
        weights = self.weights or (1.0,) * len(self.values)
        pairs = sorted((x, weight) for x, weight in zip(self.values, weights, strict=True) if weight > 0)
        sums = list(accumulate(weight for _, weight in pairs))
        return tuple(x for x, _ in pairs), tuple(total / sums[-1] for total in sums)

    def curve(self) -> Curve:
        """Steps: always one of the values."""
        values, chances = self.steps
        places = [place for edge in zip((0.0, *chances[:-1]), chances, strict=True) for place in edge]
        return curve(Quantile.BROKEN_LINE, len(places), values=[*places, *(x for x in values for _ in range(2))])

    def mean(self) -> float:
        """The weighted mean."""
        weights = self.weights or (1.0,) * len(self.values)
        return math.fsum(x * weight for x, weight in zip(self.values, weights, strict=True)) / math.fsum(weights)

    def cdf(self, x: float) -> float:
        """The share of the weight at or below x."""
        return self._chance(bisect_right(self.steps[0], x))

    def below(self, x: float) -> float:
        """The share of the weight below x."""
        return self._chance(bisect_left(self.steps[0], x))

    def support(self) -> tuple[float, float]:
        """The least and greatest value that can come."""
        return self.steps[0][0], self.steps[0][-1]

    def knots(self) -> Sequence[float]:
        """The values."""
        return self.steps[0]

    def _chance(self, place: int) -> float:
        return self.steps[1][place - 1] if place else 0.0
