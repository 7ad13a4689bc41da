"""The old fleet goes, then the new one comes: Kubernetes' Recreate."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from sim.doors import Kind
from sim.quantities import default
from sim.steps import Decision, Finish, Scale, Script, Spread, Wait
from sim.strategies import OnDeadline
from sim.versions import NEW, STABLE


class Recreate(Kind):
    """Recreate: stop every old pod, wait until all are gone, then start the new fleet; down in between."""

    kind: Literal["recreate"] = "recreate"
    example: ClassVar[dict[str, Any]] = {"kind": "recreate", "on_deadline": "stop"}

    on_deadline: OnDeadline = default(
        "stop",
        origin="a Kubernetes Deployment never rolls back by itself",
        trust="high",
        means="what happens to a rollout without progress at service.progress_deadline: it stops where it "
        "is, or is rolled back",
    )

    def rollout(self, replicas: int) -> Script:
        """From the stable fleet to the new one, never both."""
        yield Spread()
        yield from _replace_all(STABLE, NEW, replicas)
        yield Finish(decision=Decision.PROMOTED)

    def rollback(self, replicas: int) -> Script:
        """The same way back, as long and as dark."""
        yield from _replace_all(NEW, STABLE, replicas)
        yield Finish(decision=Decision.ABORTED)

    def planned(self, replicas: int) -> int:
        """It never holds on purpose."""
        return 0


def _replace_all(old: int, new: int, replicas: int) -> Script:
    yield Scale(version=old, replicas=0)
    yield Wait(gone=old)
    yield Scale(version=new, replicas=replicas)
    yield Wait(ready=new)
