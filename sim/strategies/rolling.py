"""Pod by pod: the rolling update of a Kubernetes Deployment."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar, Literal

from sim.doors import Kind
from sim.quantities import Count, CountOrPart, CountOrShare, Duration, default, fenceposts
from sim.steps import FIXED, Decision, Finish, Replace, Script, Spread, Wait
from sim.strategies import OnDeadline
from sim.versions import NEW, STABLE


class Rolling(Kind):
    """Rolling update: replace pods in waves, with so many extra and so few missing; one Service over both versions."""

    kind: Literal["rolling"] = "rolling"
    example: ClassVar[dict[str, Any]] = {"kind": "rolling", "surge": "25%", "unavailable": "25%"}

    surge: CountOrShare = default(
        "25%",
        origin="Kubernetes Deployment",
        trust="high",
        means="pods that may exist beyond the replicas, as a number or percent, rounded up (maxSurge)",
    )
    unavailable: CountOrPart = default(
        "25%",
        origin="Kubernetes Deployment",
        trust="high",
        means="pods that may be missing, as a number or percent, rounded down (maxUnavailable)",
    )
    on_deadline: OnDeadline = default(
        "stop",
        origin="a Kubernetes Deployment never rolls back by itself",
        trust="high",
        means="what happens to a rollout without progress at service.progress_deadline: it stops where it "
        "is, or is rolled back",
    )
    replacement: Literal["started", "complete"] = default(
        "started",
        origin="Kubernetes: a pod that terminates is replaced at once (podReplacementPolicy)",
        trust="high",
        means="when a pod is replaced: as soon as it is told to end, or when it has ended (podReplacementPolicy)",
    )
    history: Count = default(
        10,
        origin="Kubernetes: revisionHistoryLimit; with 0 there is nothing to undo to",
        trust="high",
        means="old versions that are kept to return to (revisionHistoryLimit)",
    )
    fix: Duration = default(
        "0s",
        origin="no fix is awaited: kubectl rollout undo",
        trust="medium",
        means="time until a fix is there that is rolled out instead of the old version; 0s rolls back",
    )

    def rollout(self, replicas: int) -> Script:
        """Over to the new version, wave by wave."""
        yield Spread()
        yield self._replace(NEW)
        yield Finish(decision=Decision.PROMOTED)

    def rollback(self, replicas: int) -> Script:
        """The same waves backwards, as ``kubectl rollout undo`` does; or on, over both others, to a fix.

        Until the fix is there the rollout is paused where it was stopped, and the bad pods go on serving.
        """
        if self.fix:
            yield Wait(duration=self.fix)
        yield self._replace(FIXED if self.fix else STABLE)
        yield Finish(decision=Decision.ABORTED)

    def planned(self, replicas: int) -> int:
        """It never holds on purpose; waiting for a fix is no part of the plan, and takes its time."""
        return self.fix

    def _replace(self, version: int) -> Replace:
        return Replace(
            version=version,
            room=partial(fenceposts, self.surge, self.unavailable),
            after_the_end=self.replacement == "complete",
            history=self.history,
        )
