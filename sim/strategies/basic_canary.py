"""A canary without a router: pods are the weight, as in Argo Rollouts' basic canary."""

from __future__ import annotations

import itertools
from functools import partial
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from sim.doors import Kind
from sim.quantities import CountOrPart, CountOrShare, Duration, Share, default, fenceposts
from sim.replica_split import nearest_split
from sim.steps import Decision, Divide, Finish, Judge, Script, Spread
from sim.strategies import OnDeadline


class PodStep(BaseModel):
    """A share of the traffic that new pods shall have by their number, held for a while."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    weight: Share = Field(description="share of the traffic on the new version")
    hold: Duration = Field(description="how long this weight is kept and watched")
    approve: bool = Field(default=False, description="after the hold the person on call has to let the rollout go on")


class BasicCanary(Kind):
    """Basic canary of Argo Rollouts: no router, one Service over both versions, so many pods of each as weigh right.

    Pods come as near to a weight as whole ones allow: 10 % of 3 pods are 1 of 4. Fleets move towards it as far as
    ``surge`` and ``unavailable`` allow, and back to the stable version in the same way, which takes its time.
    """

    kind: Literal["basic_canary"] = "basic_canary"
    example: ClassVar[dict[str, Any]] = {
        "kind": "basic_canary",
        "steps": [{"weight": "20%", "hold": "10m"}, {"weight": "50%", "hold": "10m"}],
    }

    steps: tuple[PodStep, ...] = Field(min_length=1, description="weights and holds, one after another")
    surge: CountOrShare = default(
        "25%",
        origin="Argo Rollouts' maxSurge",
        trust="high",
        means="pods that may exist beyond the replicas, as a number or percent, rounded up (maxSurge)",
    )
    unavailable: CountOrPart = default(
        "25%",
        origin="Argo Rollouts' maxUnavailable",
        trust="high",
        means="pods that may be missing, as a number or percent, rounded down (maxUnavailable)",
    )
    gate: str | None = Field(
        default=None, description="name of the gate that judges; nobody but the person on call if left out"
    )
    dry: tuple[str, ...] | None = Field(
        default=None, description="names of gates that judge beside it and have no say; none if left out"
    )
    on_deadline: OnDeadline = default(
        "stop",
        origin="Argo Rollouts: progressDeadlineAbort is off",
        trust="high",
        means="what happens to a rollout without progress at service.progress_deadline: it stops where it "
        "is, or is rolled back",
    )

    @field_validator("steps")
    @classmethod
    def _growing(cls, steps: tuple[PodStep, ...]) -> tuple[PodStep, ...]:
        weights = [0.0, *(step.weight for step in steps)]
        if any(later <= earlier for earlier, later in itertools.pairwise(weights)):
            raise ValueError("the weights of a basic canary must be above 0 % and grow from step to step")
        return steps

    def rollout(self, replicas: int) -> Script:
        """Weight by weight, then every pod."""
        yield Spread()
        for step in self.steps:
            yield self._divide(step.weight)
            yield Judge(duration=step.hold, ask=step.approve, whole_seconds=True)
        yield self._divide(1.0)
        yield Finish(decision=Decision.PROMOTED)

    def rollback(self, replicas: int) -> Script:
        """Back to stable pods within the same bounds; the new ones go as stable ones come."""
        yield self._divide(0.0)
        yield Finish(decision=Decision.ABORTED)

    def planned(self, replicas: int) -> int:
        """All holds."""
        return sum(step.hold for step in self.steps)

    def reached(self, replicas: int) -> tuple[float, ...]:
        """The share of the traffic that each step has in truth, in pods of so large a service."""
        surge, _ = fenceposts(self.surge, self.unavailable, replicas)
        pairs = [nearest_split(replicas, step.weight, surge) for step in self.steps]
        return tuple(each.canary / max(1, sum(each)) for each in pairs)

    def _divide(self, share: float) -> Divide:
        return Divide(share=share, room=partial(fenceposts, self.surge, self.unavailable))
