"""Argo Rollouts: what a strategy's steps hold for how long, and which analyses run when.

Sources: argo-rollouts v1.10, ``pkg/apis/rollouts/v1alpha1/types.go``, ``utils/defaults``, ``rollout/canary.go``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sim.exchange.fields import Field

SCALE_DOWN_DELAY = 30 * 10**9
"""Of blue/green and of a canary with a router."""


@dataclass(frozen=True, slots=True)
class Hold:
    """One weight and all that happens until the next: how long it is held, whether a person is waited for.

    ``weight`` is a share, ``lasts`` ns of pauses; ``scale`` is the share of the replicas, or the number of pods, that
    setCanaryScale keeps, None where pods follow the weight; ``fields`` are the steps it is made of.
    """

    weight: float
    field: Field
    lasts: int = 0
    endless: bool = False
    analyses: tuple[Field, ...] = ()
    scale: int | float | None = None
    header: bool = False
    mirror: float = 0.0
    fields: tuple[Field, ...] = ()


def strategy_of(spec: Field) -> tuple[str, Field]:
    """``canary`` or ``blueGreen``, and where it stands; canary where both or none are written."""
    strategy = spec["strategy"]
    if strategy["blueGreen"].there and not strategy["canary"].there:
        return "blueGreen", strategy["blueGreen"]
    return "canary", strategy["canary"]


def router(canary: Field) -> str:
    """The router that splits the traffic; empty where pods are the weight."""
    written = [each for each in canary["trafficRouting"].names() if each not in ("managedRoutes", "maxTrafficWeight")]
    return written[0] if written else ""


def holds(canary: Field) -> Iterator[Hold]:
    """The holds of a canary's steps, the one before the first weight among them."""
    most = canary.at("trafficRouting", "maxTrafficWeight").whole() or 100
    now = Hold(weight=0.0, field=canary["steps"])
    for step in canary["steps"].items():
        if step["setWeight"].there:
            if now.fields:
                yield now
            weight = min(1.0, max(0.0, (step["setWeight"].number() or 0.0) / most))
            now = replace(
                now, weight=weight, field=step["setWeight"], lasts=0, endless=False, analyses=(), fields=(step,)
            )
        else:
            now = _added(now, step)
    if now.fields:
        yield now


def _added(now: Hold, step: Field) -> Hold:
    now = replace(now, fields=(*now.fields, step))
    pause, mirror = step["pause"], step["setMirrorRoute"]
    if pause.there:
        lasts = pause["duration"].duration()
        endless = lasts is None and not pause["duration"].there
        now = replace(now, endless=now.endless or endless, lasts=now.lasts + (lasts or 0))
    elif step["analysis"].there:
        now = replace(now, analyses=(*now.analyses, step["analysis"]))
    elif step["setCanaryScale"].there:
        now = replace(now, scale=_scale(step["setCanaryScale"]))
    elif step["setHeaderRoute"].there:
        now = replace(now, header=step.at("setHeaderRoute", "match").there)
    elif mirror.there:
        share = (mirror["percentage"].number() or 100.0) / 100 if mirror["match"].there else 0.0
        now = replace(now, mirror=min(1.0, share))
    return now


def _scale(written: Field) -> int | float | None:
    if written["matchTrafficWeight"].flag():
        return None
    replicas, weight = written["replicas"].whole(), written["weight"].number()
    if replicas is not None:
        return replicas
    return None if weight is None else weight / 100


def analyses(way: str, strategy: Field) -> list[tuple[str, Field]]:
    """Every analysis of a strategy, and when: ``background``, ``step``, ``before`` or ``after`` the switch."""
    if way == "blueGreen":
        pairs = [("before", strategy["prePromotionAnalysis"]), ("after", strategy["postPromotionAnalysis"])]
        return [(when, field) for when, field in pairs if field.there]
    found = [("background", strategy["analysis"])] if strategy["analysis"].there else []
    return found + [("step", each) for hold in holds(strategy) for each in hold.analyses]
