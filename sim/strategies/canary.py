"""A little traffic first, then more."""

from __future__ import annotations

import itertools
import math
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from sim.doors import Kind
from sim.quantities import Duration, Share, default
from sim.steps import Decision, Finish, Judge, Replace, Scale, Script, Spread, Wait, Weight
from sim.strategies import OnDeadline
from sim.versions import NEW, STABLE


class CanaryStep(BaseModel):
    """A share of the traffic on the new version, held for a while."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    weight: Share
    hold: Duration


class Canary(Kind):
    """Canary: send a growing share of the traffic to the new version, holding and judging at each step."""

    kind: Literal["canary"] = "canary"
    example: ClassVar[dict[str, Any]] = {
        "kind": "canary",
        "steps": [{"weight": "20%", "hold": "10m"}, {"weight": "50%", "hold": "10m"}],
    }

    steps: tuple[CanaryStep, ...] = Field(min_length=1)
    split: Literal["weight", "pods"] = default("weight", origin="a router or mesh splits the traffic", trust="medium")
    then: Literal["promote", "rollback"] = default("promote", origin="a good canary is promoted", trust="high")
    bake: Duration = default("0s", origin="no watch at 100 % unless written", trust="medium")
    gate: str | None = None
    dry: tuple[str, ...] | None = None  # gates that judge beside it and stop nothing
    on_deadline: OnDeadline = default("rollback", origin="few users are on the new version yet", trust="medium")

    @field_validator("steps")
    @classmethod
    def _growing(cls, steps: tuple[CanaryStep, ...]) -> tuple[CanaryStep, ...]:
        weights = [0.0, *(step.weight for step in steps)]
        if any(later <= earlier for earlier, later in itertools.pairwise(weights)):
            raise ValueError("the weights of a canary must be above 0 % and grow from step to step")
        return steps

    def rollout(self, replicas: int) -> Script:
        """Step by step, then everybody (or, with ``then: rollback``, back again)."""
        if self.split == "pods":
            yield Spread()
        for step in self.steps:
            yield from self._shift(step.weight, replicas)
            yield Judge(duration=step.hold)
        if self.then == "rollback":
            yield Finish(decision=Decision.ABORTED)
            return
        if self.split == "pods":
            yield _in_waves(NEW, replicas)
        else:
            yield from self._shift(1.0, replicas)
        yield Judge(duration=self.bake)
        yield Scale(version=STABLE, replicas=0)
        yield Finish(decision=Decision.PROMOTED)

    def rollback(self, replicas: int) -> Script:
        """Split by a router: the weight goes back at once while the stable fleet is there. By pods: in waves."""
        if self.split == "pods":
            yield _in_waves(STABLE, replicas)
        else:
            reading = yield Scale(version=STABLE, replicas=replicas)
            if 2 * reading.available[STABLE] < replicas:
                yield Wait(ready=STABLE)
            yield Weight(share=0.0)
            yield Scale(version=NEW, replicas=0)
        yield Finish(decision=Decision.ABORTED)

    def planned(self, replicas: int) -> int:
        """All holds and the bake."""
        return sum(step.hold for step in self.steps) + self.bake

    def _shift(self, weight: float, replicas: int) -> Script:
        """New pods for a weight, then the traffic: by the router, or by taking as many stable pods away."""
        pods = canary_pods(weight, replicas)
        yield Scale(version=NEW, replicas=pods)
        yield Wait(ready=NEW)
        if self.split == "weight":
            yield Weight(share=weight)
        else:
            yield Scale(version=STABLE, replicas=replicas - pods)


def _in_waves(version: int, replicas: int) -> Replace:
    """The rest of the way pod by pod, a quarter more and a quarter fewer at most, as a Deployment does."""
    return Replace(version=version, surge=math.ceil(replicas / 4), unavailable=replicas // 4)


def canary_pods(weight: float, replicas: int) -> int:
    """Pods that carry a weight: its share of the fleet, rounded up.

    >>> canary_pods(0.2, 10), canary_pods(0.05, 8), canary_pods(1.0, 3)
    (2, 1, 3)
    """
    return math.ceil(weight * replicas - 1e-9)
