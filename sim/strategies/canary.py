"""A little traffic first, then more."""

from __future__ import annotations

import itertools
import math
from functools import partial
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from sim.doors import Kind
from sim.quantities import CountOrShare, Duration, Share, default, fenceposts
from sim.steps import (
    FIXED,
    Cohort,
    Decision,
    Finish,
    Judge,
    Mirror,
    Replace,
    Scale,
    Script,
    Split,
    Spread,
    Wait,
    Weight,
)
from sim.strategies import OnDeadline, on_to_the_fix
from sim.versions import NEW, STABLE


class CanaryStep(BaseModel):
    """A share of the traffic on the new version, held for a while; users with a header, and copies of requests, too."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    weight: Share = Field(description="share of the traffic on the new version")
    hold: Duration = Field(description="how long this weight is kept and watched")
    cohort: Share = Field(default=0.0, description="of users, whose requests carry a header that routes them there")
    mirror: Share = Field(default=0.0, description="of the stable version's requests, copied; answers are dropped")
    approve: bool = Field(default=False, description="after the hold the person on call has to let the rollout go on")

    @property
    def share(self) -> float:
        """The share of all requests that new pods meet, copies among them."""
        return Split(weight=self.weight, cohort=self.cohort, mirror=self.mirror).share


class Canary(Kind):
    """Canary: send a growing share of the traffic to the new version, holding and judging at each step."""

    kind: Literal["canary"] = "canary"
    example: ClassVar[dict[str, Any]] = {
        "kind": "canary",
        "steps": [{"weight": "20%", "hold": "10m"}, {"weight": "50%", "hold": "10m"}],
    }

    steps: tuple[CanaryStep, ...] = Field(min_length=1, description="weights and holds, one after another")
    split: Literal["weight", "pods"] = default(
        "weight",
        origin="a router or mesh splits the traffic",
        trust="medium",
        means="how the traffic is split: by a router's weights, or by the number of pods",
    )
    then: Literal["promote", "rollback"] = default(
        "promote", origin="a good canary is promoted", trust="high", means="what follows the last step"
    )
    guard: bool = default(
        False,
        origin="weights change at once; Argo Rollouts waits for the stable fleet since 1.9",
        trust="medium",
        means="whether a weight waits until the stable fleet is whole",
    )
    bake: Duration = default(
        "0s",
        origin="no watch at 100 % unless written",
        trust="medium",
        means="how long the gate goes on watching at 100 %",
    )
    gate: str | None = Field(
        default=None, description="name of the gate that judges; nobody but the person on call if left out"
    )
    dry: tuple[str, ...] | None = Field(
        default=None, description="names of gates that judge beside it and have no say; none if left out"
    )
    on_deadline: OnDeadline = default(
        "rollback",
        origin="few users are on the new version yet",
        trust="medium",
        means="what happens to a rollout without progress at service.progress_deadline: it stops where it "
        "is, or is rolled back",
    )
    fix: Duration = default(
        "0s",
        origin="no fix is awaited: a bad canary is taken back",
        trust="medium",
        means="time until a fix is there that is rolled out instead of the old version; 0s rolls back",
    )

    @field_validator("steps")
    @classmethod
    def _growing(cls, steps: tuple[CanaryStep, ...]) -> tuple[CanaryStep, ...]:
        weights = [0.0, *(step.weight for step in steps)]
        dark = [step.weight == 0.0 and step.share > 0.0 for step in steps]
        if any(
            later < earlier or (later == earlier and not without)
            for (earlier, later), without in zip(itertools.pairwise(weights), dark, strict=True)
        ):
            raise ValueError(
                "the weights of a canary must be above 0 % and grow from step to step; 0 % only with a cohort or mirror"
            )
        return steps

    @model_validator(mode="after")
    def _has_a_router(self) -> Canary:
        if self.split == "pods" and any(step.cohort or step.mirror for step in self.steps):
            raise ValueError("a cohort or a mirror needs a router; write split: weight")
        if self.split == "pods" and self.guard:
            raise ValueError("a guard holds a router's weights back; write split: weight, or leave guard out")
        return self

    @model_validator(mode="after")
    def _is_taken_back_or_mended(self) -> Canary:
        if self.fix and self.then == "rollback":
            raise ValueError("then: rollback takes a good canary back too, which needs no fix; write only one of both")
        return self

    def rollout(self, replicas: int) -> Script:
        """Step by step, then everybody (or, with ``then: rollback``, back again)."""
        if self.split == "pods":
            yield Spread()
        before = CanaryStep(weight=0.0, hold=0)
        for step in self.steps:
            yield from self._shift(step, before, replicas)
            yield Judge(duration=step.hold, ask=step.approve)
            before = step
        if self.then == "rollback":
            yield Finish(decision=Decision.ABORTED)
            return
        if self.split == "pods":
            yield _in_waves(NEW)
        else:
            yield from self._shift(CanaryStep(weight=1.0, hold=0), before, replicas)
        if self.bake:
            yield Judge(duration=self.bake)
        yield Scale(version=STABLE, replicas=0)
        yield Finish(decision=Decision.PROMOTED)

    def rollback(self, replicas: int) -> Script:
        """Split by a router: the weight goes back at once while the stable fleet is there. By pods: in waves.

        With a ``guard`` it goes back only when every stable pod is available: one that is not, for whatever reason,
        keeps users on the new version. With a ``fix`` the canary stands where it was stopped until the fix is there,
        and then makes room for that.
        """
        if self.split == "pods":
            if self.fix:
                yield Wait(duration=self.fix)
            yield _in_waves(FIXED if self.fix else STABLE)
        elif self.fix:
            yield from on_to_the_fix(self.fix, replicas, to_users=self._off_the_new_version())
        else:
            reading = yield Scale(version=STABLE, replicas=replicas)
            if self.guard:
                yield Wait(ready=STABLE, least=stable_pods(0.0, replicas))
            elif 2 * reading.available[STABLE] < replicas:
                yield Wait(ready=STABLE)
            yield from self._off_the_new_version()
            yield Scale(version=NEW, replicas=0)
        yield Finish(decision=Decision.ABORTED)

    def planned(self, replicas: int) -> int:
        """All holds and the bake, and the wait for a fix."""
        return sum(step.hold for step in self.steps) + self.bake + self.fix

    def reached(self, replicas: int) -> tuple[float, ...]:
        """The share of the traffic that new pods meet at each step in truth; by pods, as many as a weight takes."""
        if self.split == "weight":
            return tuple(step.share for step in self.steps)
        return tuple(canary_pods(step.share, replicas) / max(1, replicas) for step in self.steps)

    def _off_the_new_version(self) -> Script:
        yield Weight(share=0.0)
        if any(step.cohort for step in self.steps):
            yield Cohort(share=0.0)
        if any(step.mirror for step in self.steps):
            yield Mirror(share=0.0)

    def _shift(self, step: CanaryStep, before: CanaryStep, replicas: int) -> Script:
        """New pods for a step, then the traffic: by the router, or by taking as many stable pods away."""
        pods = canary_pods(step.share, replicas)
        yield Scale(version=NEW, replicas=pods)
        yield Wait(ready=NEW)
        if self.split == "pods":
            yield Scale(version=STABLE, replicas=replicas - pods)
            return
        if step.mirror != before.mirror:
            yield Mirror(share=step.mirror)
        if step.cohort != before.cohort:
            yield Cohort(share=step.cohort)
        if step.weight != before.weight:
            if self.guard:
                yield Wait(ready=STABLE, least=stable_pods(step.weight, replicas))
            yield Weight(share=step.weight)


def _in_waves(version: int) -> Replace:
    """The rest of the way pod by pod, a quarter more and a quarter fewer at most, as a Deployment does."""
    quarter = CountOrShare(share=0.25)
    return Replace(version=version, room=partial(fenceposts, quarter, quarter))


def canary_pods(weight: float, replicas: int) -> int:
    """Pods that carry a weight: its share of the fleet, rounded up.

    >>> canary_pods(0.2, 10), canary_pods(0.05, 8), canary_pods(1.0, 3)
    (2, 1, 3)
    """
    return math.ceil(weight * replicas - 1e-9)


def stable_pods(weight: float, replicas: int) -> int:
    """Available stable pods without which a guarded router leaves a weight of the new version as it is.

    Those of the rest of the traffic, rounded down (Argo Rollouts, ``checkReplicasAvailable``).

    >>> stable_pods(0.0, 10), stable_pods(0.25, 10), stable_pods(1.0, 3)
    (10, 7, 0)
    """
    return math.floor((1.0 - weight) * replicas + 1e-9)
