"""A second fleet beside the first, and one switch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from sim.doors import Kind
from sim.quantities import Duration, Share, default
from sim.steps import Ask, Decision, Finish, Judge, Publish, Scale, Script, SmokeTest, Switch, Wait
from sim.strategies import OnDeadline, on_to_the_fix
from sim.versions import NEW, STABLE


class SmokeTestPlan(BaseModel):
    """A test of the new fleet before the switch, without user traffic: its length and what it finds."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    lasts: Duration = Field(description="how long the test of the new fleet takes")
    catches: Mapping[str, Share] = Field(
        default_factory=dict, description="chance to find each defect, by its name; 0 for those left out"
    )


def _written_none(written: Any) -> Any:
    return None if written == "none" else written


class BlueGreen(Kind):
    """Blue/green: start a full second fleet, switch everybody at once, keep the old fleet for a while."""

    kind: Literal["blue_green"] = "blue_green"
    example: ClassVar[dict[str, Any]] = {
        "kind": "blue_green",
        "keep_old": "15m",
        "smoke_test": {"lasts": "2m", "catches": {"pay-errors": "30%"}},
    }

    keep_old: Duration = default(
        "30s",
        origin="Argo Rollouts' scaleDownDelaySeconds",
        trust="high",
        means="how long the old fleet is kept after the switch (scaleDownDelaySeconds)",
    )
    smoke_test: Annotated[SmokeTestPlan | None, BeforeValidator(_written_none)] = default(
        None, origin="no test unless written", trust="high", means="a test of the new fleet before the switch"
    )
    preview: bool = default(
        True,
        origin="proxies know the new fleet before the switch, by a preview Service",
        trust="medium",
        means="whether proxies know the new fleet before the switch",
    )
    approve: bool = default(
        False,
        origin="Argo Rollouts' autoPromotionEnabled: switched by itself",
        trust="high",
        means="whether the person on call has to let the switch happen (autoPromotionEnabled: false)",
    )
    gate: str | None = Field(
        default=None, description="name of the gate that judges; nobody but the person on call if left out"
    )
    dry: tuple[str, ...] | None = Field(
        default=None, description="names of gates that judge beside it and have no say; none if left out"
    )
    on_deadline: OnDeadline = default(
        "rollback",
        origin="nobody is on the new fleet yet",
        trust="medium",
        means="what happens to a rollout without progress at service.progress_deadline: it stops where it "
        "is, or is rolled back",
    )
    fix: Duration = default(
        "0s",
        origin="no fix is awaited: users are switched back",
        trust="medium",
        means="time until a fix is there that is rolled out instead of the old version; 0s rolls back",
    )

    def rollout(self, replicas: int) -> Script:
        """Second fleet, smoke test, a person's word if one is asked for, switch, watch, then the old fleet goes."""
        if not self.preview:
            yield Publish(version=NEW, published=False)
        yield Scale(version=NEW, replicas=replicas)
        yield Wait(ready=NEW)
        if self.smoke_test:
            yield SmokeTest(duration=self.smoke_test.lasts, catches=self.smoke_test.catches)
        if self.approve:
            yield Ask()
        yield from self._switch(NEW)
        yield Judge(duration=self.keep_old)
        yield Scale(version=STABLE, replicas=0)
        yield Finish(decision=Decision.PROMOTED)

    def rollback(self, replicas: int) -> Script:
        """Switch back at once while the old fleet is there; else start it anew first. Or on to a fix, a third fleet."""
        if self.fix:
            yield from on_to_the_fix(self.fix, replicas, to_users=self._switch(STABLE))
            yield Finish(decision=Decision.ABORTED)
            return
        reading = yield Scale(version=STABLE, replicas=replicas)
        if 2 * reading.available[STABLE] < replicas:
            yield Wait(ready=STABLE)
        yield from self._switch(STABLE)
        yield Scale(version=NEW, replicas=0)
        yield Finish(decision=Decision.ABORTED)

    def _switch(self, version: int) -> Script:
        """By the router; or by one Service's selector, whose new endpoints every proxy has to learn of first."""
        if not self.preview:
            yield Publish(version=version, published=True)
            yield Publish(version=1 - version, published=False)
        yield Switch(version=version, at_once=not self.preview)

    def planned(self, replicas: int) -> int:
        """The smoke test and the time the old fleet is kept, and the wait for a fix."""
        return self.keep_old + (self.smoke_test.lasts if self.smoke_test else 0) + self.fix
