"""Now this law, now that: a fast path and a slow one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, model_validator

from sim import units
from sim.laws.law import Curve, Form, Law, Write
from sim.laws.table import line_through


class Part(BaseModel):
    """One law of a mixture and how often it applies."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    share: float = Field(gt=0, le=1)
    law: SerializeAsAny[Law]


class Mixture(Law):
    """Several laws, each with its share; the mixed distribution is inverted, so that a larger uniform is never less."""

    kind: Literal["mixture"] = "mixture"
    of: tuple[Part, ...] = Field(min_length=1)

    form: ClassVar[Mapping[str, Form]] = {"of": Form.PARTS}
    example: ClassVar[dict[str, Any]] = {
        "kind": "mixture",
        "of": [{"share": "90%", "law": {"p50": "80ms", "p95": "200ms"}}, {"share": "10%", "law": "2s"}],
    }

    @model_validator(mode="after")
    def _whole(self) -> Self:
        total = sum(part.share for part in self.of)
        if abs(total - 1.0) > 1e-9:
            raise ValueError(f"the shares sum to {units.show_share(total)}; they must sum to 100 %")
        return self

    def curve(self) -> Curve:
        """A line through the nodes of all parts."""
        return line_through(self, self.knots())

    def mean(self) -> float:
        """The parts' means by their shares."""
        return sum(part.share * part.law.mean() for part in self.of)

    def cdf(self, x: float) -> float:
        """The parts' chances by their shares."""
        return sum(part.share * part.law.cdf(x) for part in self.of)

    def below(self, x: float) -> float:
        """The parts' chances by their shares."""
        return sum(part.share * part.law.below(x) for part in self.of)

    def support(self) -> tuple[float, float]:
        """From the least of the parts to the greatest."""
        bounds = [part.law.support() for part in self.of]
        return min(low for low, _ in bounds), max(high for _, high in bounds)

    def knots(self) -> Sequence[float]:
        """Those of all parts."""
        return [x for part in self.of for x in part.law.knots()]

    def written(self, write: Write) -> Any:
        """Each part with its law in the same unit."""
        parts = [{"share": units.write_share(part.share), "law": part.law.written(write)} for part in self.of]
        return {"kind": self.kind, "of": parts}
