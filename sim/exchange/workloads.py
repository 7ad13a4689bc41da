"""What is rolled out: Deployments, Argo Rollouts, Flagger Canaries, and all that is bound to each of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sim.exchange.binding import named, selecting
from sim.exchange.fields import Field
from sim.exchange.manifests import Found, Manifest
from sim.exchange.pods import Pod

ARGO, FLAGGER, APPS = "argoproj.io", "flagger.app", "apps"
SCALED_LATER = ("StatefulSet", "DaemonSet", "CloneSet")


@dataclass(frozen=True)
class Target:
    """One thing that is rolled out, and what belongs to it.

    ``owner`` says how it is rolled out: a Deployment itself, a Rollout, a Canary. ``workload`` has the pod template and
    the replicas; None where the Deployment it names is not among the manifests.
    """

    owner: Manifest
    workload: Manifest | None
    services: tuple[Manifest, ...]
    autoscaler: Manifest | None
    budget: Manifest | None
    quota: Manifest | None
    found: Found
    remembered: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """What was worked out of it already, by whoever works it out."""

    @property
    def tool(self) -> str:
        """``Deployment``, ``Rollout`` or ``Canary``."""
        return self.owner.kind

    @property
    def name(self) -> str:
        """As the owner is called."""
        return self.owner.name

    @property
    def pod(self) -> Pod:
        """Its pod template, or an empty one."""
        holder = self.workload or self.owner
        return Pod(holder.spec["template"])

    @property
    def replicas(self) -> tuple[int, Field]:
        """Pods it runs, and where that stands. Where nothing is written 1, or what the autoscaler keeps at least.

        A number outside what the autoscaler allows is pulled inside, as the autoscaler would.
        """
        place = self.owner.spec["replicas"]
        if not place.there and self.workload is not None and self.workload is not self.owner:
            place = self.workload.spec["replicas"]
        written = place.whole()
        if self.autoscaler is None:
            return (1 if written is None else max(0, written)), place
        least, most = scaled_between(self.autoscaler)
        if written is None or not least <= written <= most:
            at = "minReplicas" if written is None or written < least else "maxReplicas"
            return min(max(written or 1, least), max(least, most)), self.autoscaler.spec[at]
        return written, place

    @property
    def ports(self) -> tuple[str, ...]:
        """What its Services send to: numbers and names."""
        found = [
            (port["targetPort"] if port["targetPort"].there else port["port"]).text() or ""
            for service in self.services
            for port in service.spec["ports"].items()
        ]
        return tuple(dict.fromkeys(found))

    def belonging(self) -> tuple[Manifest, ...]:
        """All objects that say something of it, each once; analyses and meshes are found where they are read."""
        own = (self.owner, self.workload, *self.services, self.autoscaler, self.budget, self.quota)
        return tuple({id(each): each for each in own if each is not None}.values())


def scaled_between(autoscaler: Manifest) -> tuple[int, int]:
    """The fewest and the most pods of an autoscaler; Kubernetes keeps 1 where nothing is written."""
    least = autoscaler.spec["minReplicas"].whole()
    most = autoscaler.spec["maxReplicas"].whole()
    least = 1 if least is None else max(1, least)
    return least, max(least, most or least)


def targets(found: Found) -> Iterator[Target]:
    """Every target, in the order of the files; Deployments that a Rollout or a Canary rolls out are not told twice."""
    owners = found.of("Rollout", group=ARGO) + found.of("Canary", group=FLAGGER)
    owned = {id(one) for each in owners if (one := _workload_of(found, each)) is not None}
    plain = [
        each for each in found.of("Deployment") if each.group in (APPS, "extensions", "") and id(each) not in owned
    ]
    order = {id(each): number for number, each in enumerate(found.manifests)}
    for owner in sorted([*owners, *plain], key=lambda each: order[id(each)]):
        yield target(found, owner)


def target(found: Found, owner: Manifest) -> Target:
    """What belongs to one owner."""
    workload = _workload_of(found, owner)
    holder = workload or owner
    labels = Pod(holder.spec["template"]).labels
    budgets = selecting(found, owner, labels, ("PodDisruptionBudget",)) if labels else ()
    return Target(
        owner=owner,
        workload=workload,
        services=_services(found, owner, labels),
        autoscaler=_autoscaler(found, owner, holder),
        budget=budgets[0] if budgets else None,
        quota=_quota(found, owner),
        found=found,
    )


def _workload_of(found: Found, owner: Manifest) -> Manifest | None:
    """Who has the pod template of a Rollout or a Canary."""
    if owner.kind == "Deployment":
        return owner
    reference = owner.spec["workloadRef"] if owner.kind == "Rollout" else owner.spec["targetRef"]
    if not reference.there:
        return owner if owner.kind == "Rollout" else None
    return named(found, owner, (reference["kind"].text() or "Deployment",), reference["name"].text())


def _services(found: Found, owner: Manifest, labels: dict[str, str]) -> tuple[Manifest, ...]:
    """Those that a Rollout names first, then those that select its pods."""
    strategy = owner.spec["strategy"]
    names = [
        strategy.at(way, key).text()
        for way, key in (
            ("canary", "stableService"), ("canary", "canaryService"),
            ("blueGreen", "activeService"), ("blueGreen", "previewService"),
        )
    ]  # fmt: skip
    told = [each for name in names if (each := named(found, owner, ("Service",), name)) is not None]
    chosen = [*told, *(selecting(found, owner, labels, ("Service",)) if labels else ())]
    return tuple({id(each): each for each in chosen}.values())


def _autoscaler(found: Found, owner: Manifest, holder: Manifest) -> Manifest | None:
    """The autoscaler whose scaleTargetRef names the owner or its workload, or that a Canary names itself."""
    own = owner.spec["autoscalerRef"]
    if own["kind"].text() == "HorizontalPodAutoscaler":
        told = named(found, owner, ("HorizontalPodAutoscaler",), own["name"].text())
        if told is not None:
            return told
    pairs = ((owner.kind, owner.name), (holder.kind, holder.name))
    fitting = [each for each in found.of("HorizontalPodAutoscaler") if _scales(each) in pairs]
    near = [named(found, owner, ("HorizontalPodAutoscaler",), each.name) for each in fitting]
    return next((each for each in near if each is not None), None)


def _scales(autoscaler: Manifest) -> tuple[str | None, str | None]:
    reference = autoscaler.spec["scaleTargetRef"]
    return reference["kind"].text(), reference["name"].text()


def _quota(found: Found, owner: Manifest) -> Manifest | None:
    """The quota of its namespace; one that names no namespace counts where the owner names none either."""
    fitting = [each for each in found.of("ResourceQuota") if each.namespace == owner.namespace]
    return fitting[0] if fitting else None
