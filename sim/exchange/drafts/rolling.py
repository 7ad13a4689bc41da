"""The strategy of a Deployment."""

from __future__ import annotations

from sim.exchange.drafts.lines import Line, Missed, Tree, found, otherwise
from sim.exchange.fields import Field
from sim.exchange.workloads import Target


def deployment_strategy(target: Target, missed: list[Missed]) -> tuple[str, Tree]:
    """A name for it, and the strategy."""
    spec = target.owner.spec
    if spec["paused"].flag():
        missed.append(
            Missed(spec["paused"].spot, "a paused Deployment rolls nothing out until it is resumed", "medium")
        )
    kind = spec.at("strategy", "type")
    if kind.text() == "Recreate":
        return "recreate", {"kind": found("recreate", kind)}
    tree: Tree = {"kind": found("rolling", kind) if kind.there else otherwise("rolling", kind)}
    tree.update(surge_and_unavailable(spec.at("strategy", "rollingUpdate"), "Kubernetes"))
    history = spec["revisionHistoryLimit"]
    if history.whole() is not None:
        tree["history"] = found(max(0, history.whole() or 0), history)
    return "rolling", tree


def surge_and_unavailable(holder: Field, who: str) -> Tree:
    """``surge`` and ``unavailable``, 25 % each where nothing is written."""
    tree: Tree = {}
    for name, key in (("surge", "maxSurge"), ("unavailable", "maxUnavailable")):
        place = holder[key]
        written = place.count_or_percent()
        if isinstance(written, str) and name == "unavailable" and int(written[:-1]) > 100:
            written = "100%"
        tree[name] = otherwise("25%", place, who) if written is None else found(written, place)
    if all(isinstance(each, Line) and each.value in (0, "0%") for each in tree.values()):
        told = "both are 0, which controllers refuse or take for 1; 1 is played"
        tree["unavailable"] = found(1, holder["maxUnavailable"], note=told)
    return tree
