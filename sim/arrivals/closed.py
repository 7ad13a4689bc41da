"""A closed loop: each user waits for the answer and thinks before the next request."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, field_validator

from sim.allowed import counting
from sim.arrivals import Arrivals
from sim.laws import DurationLaw, Law
from sim.quantities import Count

LEAST_THINKING = 10**6


class Closed(Arrivals):
    """So many ``users`` who ask, wait for the outcome, ``think``, and ask again; a slow service slows them."""

    example: ClassVar[dict[str, Any]] = {"kind": "closed", "users": 200, "think": {"p50": "3s", "p95": "10s"}}
    kind: Literal["closed"] = "closed"
    users: Annotated[Count, Field(description="who ask in turn"), counting(1, 200_000, "each of them is played")]
    think: DurationLaw = Field(description="from an outcome to the user's next request")

    @field_validator("think")
    @classmethod
    def _takes_time(cls, think: Law) -> Law:
        if think.mean() < LEAST_THINKING:
            raise ValueError("must be at least 1ms on average, or a user who is rejected asks without end")
        return think

    def gap(self) -> Law:
        """The time a user thinks, ns."""
        think: Law = self.think
        return think

    def population(self) -> int:
        """All of them."""
        return self.users

    def grown(self, factor: float) -> Self:
        """With so many times its users, one at least.

        >>> Closed.model_validate(Closed.example).grown(1.5).users
        300
        """
        return self.model_copy(update={"users": max(1, round(self.users * factor))})

    def rate(self, work: float) -> float | None:
        """As if nobody ever waited: users over think time and work."""
        return self.users * 1e9 / max(1.0, self.think.mean() + work)
