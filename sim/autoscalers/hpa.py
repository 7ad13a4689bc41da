"""Kubernetes' horizontal pod autoscaler."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sim.allowed import counting, measuring
from sim.autoscalers import Spent
from sim.doors import Kind
from sim.hpa.calculator import NoMetricError, Tolerances, Wish, for_utilisation
from sim.hpa.limits import DOWN, UP, Policy, Rules, Select
from sim.hpa.pods import Metric, Patience, PodSeen
from sim.hpa.reconcile import Bounds, Memory, Pass, first_sight, reconcile
from sim.quantities import MOST_PODS, Count, Duration, Period, Share, default

Rows = Annotated[Count, Field(ge=1), counting(1, MOST_PODS, "each pod is a row that is played")]


class PolicyWritten(BaseModel):
    """So many pods, or so many percent, in each period."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    pods: Rows | None = Field(
        default=None, description="most pods by which the size may change within per; leave out where percent is given"
    )
    percent: Annotated[Count, Field(ge=1), counting(1, 1_000_000, "more than all pods at once")] | None = Field(
        default=None,
        description="most percent of the size by which it may change within per; leave out where pods is given",
    )
    per: Duration = default(
        "15s",
        origin="Kubernetes: periodSeconds of the default policies",
        trust="high",
        means="the time within which pods or percent may change (periodSeconds)",
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> PolicyWritten:
        if (self.pods is None) == (self.percent is None):
            raise ValueError("write exactly one of pods and percent, as {pods: 4, per: 15s}")
        if not 0 < self.per <= 1800 * 10**9:
            raise ValueError("per must be longer than 0 and at most 30m, as Kubernetes allows")
        return self

    def policy(self) -> Policy:
        """As the arithmetic takes it."""
        return Policy(self.pods or self.percent or 0, self.per, percent=self.percent is not None)


class BehaviourWritten(BaseModel):
    """How the autoscaler goes in one direction; what is left out is Kubernetes' default of that direction."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    window: Duration | None = Field(default=None, description="stabilisation: how long a wish must last")
    select: Literal["max", "min", "disabled"] = default(
        "max",
        origin="Kubernetes: selectPolicy",
        trust="high",
        means="which of several policies counts: max the one that changes most, min the least, disabled "
        "none (selectPolicy)",
    )
    policies: tuple[PolicyWritten, ...] = Field(
        default=(), description="limits on the pace of change; Kubernetes' own for this direction if left out"
    )
    tolerance: Share | None = Field(default=None, description="its own; if left out, that of the autoscaler")

    def rules(self, default_rules: Rules) -> Rules:
        """As the arithmetic takes it."""
        policies = tuple(each.policy() for each in self.policies)
        window = default_rules.window if self.window is None else self.window
        return Rules(policies or default_rules.policies, window, Select(self.select.capitalize()))


class Hpa(Kind):
    """Horizontal pod autoscaler: Kubernetes' own algorithm on the CPU the pods use.

    Usage is counted over all pods of the service, of both versions, and never over the new ones alone. A pod uses
    ``idle`` of its request when it serves nothing and ``full`` when every slot is at work, in between in proportion;
    until it can serve it uses ``starting``. Metrics are as old as the last ``scrape`` and as wide as the time between
    two of them, and the size is looked at ``every`` so often. Without ``up`` and ``down`` the size at most doubles at a
    look and shrinks only to the highest wish of five minutes.
    """

    kind: Literal["hpa"] = "hpa"
    example: ClassVar[dict[str, Any]] = {"kind": "hpa", "min": 4, "max": 12, "cpu": "70%"}

    min: Rows = Field(description="fewest pods the autoscaler keeps (minReplicas)")
    max: Rows = Field(description="most pods the autoscaler may ask for (maxReplicas)")
    cpu: Share = default(
        "80%",
        origin="Kubernetes: CPU utilisation where no metric is given",
        trust="high",
        means="mean CPU use of all pods, as a share of their requests, that it steers towards (averageUtilization)",
    )
    idle: Share = default(
        "5%",
        origin="a process that waits for requests, of its CPU request",
        trust="low",
        means="share of its CPU request a pod uses while it serves nothing",
    )
    full: Annotated[float, Field(gt=0), measuring(0.001, 100, "a pod is throttled long before")] = default(
        1.0,
        origin="with all slots busy a pod uses just what it requests; 2 is twice as much",
        trust="low",
        means="CPU a pod uses with every slot at work, as a multiple of its request",
    )
    starting: Annotated[float, measuring(0, 100, "a pod is throttled long before")] = default(
        1.0,
        origin="starting up a pod uses just what it requests; 2 is twice as much",
        trust="low",
        means="CPU a pod uses until it can serve, as a multiple of its request",
    )
    tolerance: Share = default(
        "10%",
        origin="Kubernetes: horizontal-pod-autoscaler-tolerance",
        trust="high",
        means="how far use may be from the target before the size changes",
    )
    every: Period = default(
        "15s",
        origin="Kubernetes: horizontal-pod-autoscaler-sync-period",
        trust="high",
        means="time between two looks at the size",
    )
    scrape: Period = default(
        "15s",
        origin="metrics-server: metric-resolution",
        trust="medium",
        means="time between two measurements of CPU; a look sees the last one",
    )
    initialisation: Duration = default(
        "5m",
        origin="Kubernetes: cpu-initialization-period",
        trust="high",
        means="how long after its start a pod's CPU is left out unless the pod is ready",
    )
    first_ready: Duration = default(
        "30s",
        origin="Kubernetes: initial-readiness-delay",
        trust="high",
        means="how long after its start a pod that is not ready counts as not yet ready rather than failing",
    )
    up: BehaviourWritten | None = Field(
        default=None,
        description="pace of growth; Kubernetes' own rules if left out: at once, at most four pods or twice the "
        "size in 15s",
    )
    down: BehaviourWritten | None = Field(
        default=None,
        description="pace of shrinking; Kubernetes' own rules if left out: the highest wish of the last five minutes",
    )

    @model_validator(mode="after")
    def _can_work(self) -> Hpa:
        if self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}")
        if self.cpu < 0.01:
            raise ValueError("cpu must be at least 1 %")
        return self

    def bounds(self) -> tuple[int, int]:
        """The smallest and the largest size."""
        return self.min, self.max

    def remembers(self) -> int:
        """The longer of its two windows, ns."""
        rules = self._bounds().rules
        return max(each.window for each in rules) if rules else DOWN.window

    def cpu_used(self, request: int, spent: Spent) -> int:
        """Thousandths of a core times ns, since the process started."""
        serving = spent.alive - spent.starting
        shares = self.starting * spent.starting + self.idle * serving + max(0.0, self.full - self.idle) * spent.busy
        return round(request * shares)

    def first_sight(self, current: int, now: int) -> Memory:
        """The size the service has, so that nothing shrinks at once."""
        return first_sight(current, now)

    def decide(
        self,
        memory: Memory,
        pods: Sequence[PodSeen],
        metrics: Mapping[str, Metric] | None,
        *,
        current: int,
        now: int,
        kubernetes: str = "newest",
    ) -> Pass:
        """One pass of the real algorithm."""
        tolerance = self.tolerance if kubernetes == "1.28" else self._tolerances()

        def wish() -> Wish:
            if metrics is None:
                raise NoMetricError("the metrics are not to be had")
            return for_utilisation(
                pods,
                metrics,
                current=current,
                target=round(100 * self.cpu),
                now=now,
                tolerance=tolerance,
                patience=Patience(self.initialisation, self.first_ready),
            )

        return reconcile(memory, self._bounds(), [wish], current=current, now=now)

    def _tolerances(self) -> Tolerances:
        down, up = (each.tolerance if each is not None else None for each in (self.down, self.up))
        return Tolerances(self.tolerance if down is None else down, self.tolerance if up is None else up)

    def _bounds(self) -> Bounds:
        up, down = self.up, self.down
        return Bounds(self.min, self.max, up.rules(UP) if up else None, down.rules(DOWN) if down else None)
