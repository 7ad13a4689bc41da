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

    lasts: Duration
    catches: Mapping[str, Share] = Field(default_factory=dict)  # chance to find each defect, by its name


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

    keep_old: Duration = default("30s", origin="Argo Rollouts' scaleDownDelaySeconds", trust="high")
    smoke_test: Annotated[SmokeTestPlan | None, BeforeValidator(_written_none)] = default(
        None, origin="no test unless written", trust="high"
    )
    preview: bool = default(
        True, origin="proxies know the new fleet before the switch, by a preview Service", trust="medium"
    )
    approve: bool = default(False, origin="Argo Rollouts' autoPromotionEnabled: switched by itself", trust="high")
    gate: str | None = None
    dry: tuple[str, ...] | None = None  # gates that judge beside it and stop nothing
    on_deadline: OnDeadline = default("rollback", origin="nobody is on the new fleet yet", trust="medium")
    fix: Duration = default("0s", origin="no fix is awaited: users are switched back", trust="medium")

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
