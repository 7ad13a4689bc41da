"""Always the same value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field

from sim.laws.law import Curve, Form, Law, Write, fixed


class Deterministic(Law):
    """Always the same value; written as the bare quantity, 12s."""

    kind: Literal["deterministic"] = "deterministic"
    value: float = Field(ge=0, allow_inf_nan=False)

    form: ClassVar[Mapping[str, Form]] = {"value": Form.QUANTITY}
    example: ClassVar[dict[str, Any]] = {"kind": "deterministic", "value": "12s"}

    def curve(self) -> Curve:
        """One value."""
        return fixed(self.value)

    def mean(self) -> float:
        """The value itself."""
        return self.value

    def cdf(self, x: float) -> float:
        """A step at the value."""
        return float(x >= self.value)

    def below(self, x: float) -> float:
        """A step just above the value."""
        return float(x > self.value)

    def support(self) -> tuple[float, float]:
        """The value, twice."""
        return self.value, self.value

    def knots(self) -> Sequence[float]:
        """The value."""
        return (self.value,)

    def written(self, write: Write) -> Any:
        """The bare quantity."""
        return write(self.value)
