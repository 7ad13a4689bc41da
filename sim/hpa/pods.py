"""Which pods an autoscaler counts: ready, not ready, without a metric, or not at all (``groupPods``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

SECOND = 10**9
LONG_AGO = -(2**62)
"""The time stamp of a metric that has none."""


class PodPhase(StrEnum):
    """A pod's phase, as its status says."""

    PENDING = "Pending"
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


class PodSeen(NamedTuple):
    """A pod as the autoscaler reads it; times ns, None where the status does not say."""

    name: str
    request: int | None = None  # of the resource in question; None: some container requests none
    phase: PodPhase = PodPhase.RUNNING
    deleted: bool = False
    ready: bool | None = True
    started_at: int | None = LONG_AGO
    ready_changed_at: int | None = LONG_AGO  # when readiness last changed


class Metric(NamedTuple):
    """What a pod used, over the window that ended at a moment."""

    value: int
    at: int = LONG_AGO
    window: int = 60 * SECOND


class Patience(NamedTuple):
    """How long a pod's CPU is distrusted after its start, ns."""

    cpu_initialisation: int = 300 * SECOND
    initial_readiness: int = 30 * SECOND


class Groups(NamedTuple):
    """The pods by what they count for; names in the order given."""

    ready: tuple[str, ...]
    unready: tuple[str, ...]
    missing: tuple[str, ...]
    ignored: tuple[str, ...]


def group_pods(
    pods: Sequence[PodSeen], metrics: Mapping[str, Metric], *, now: int, is_cpu: bool, patience: Patience
) -> Groups:
    """Sort pods by what they count for.

    >>> group_pods([PodSeen("a"), PodSeen("b"), PodSeen("c", deleted=True)], {"a": Metric(5)},
    ...            now=0, is_cpu=True, patience=Patience())
    Groups(ready=('a',), unready=(), missing=('b',), ignored=('c',))
    """
    found: dict[str, list[str]] = {"ready": [], "unready": [], "missing": [], "ignored": []}
    for pod in pods:
        found[_group(pod, metrics.get(pod.name), now, is_cpu, patience)].append(pod.name)
    return Groups(**{group: tuple(names) for group, names in found.items()})


def _group(pod: PodSeen, metric: Metric | None, now: int, is_cpu: bool, patience: Patience) -> str:
    if pod.deleted or pod.phase is PodPhase.FAILED:
        return "ignored"
    if pod.phase is PodPhase.PENDING:
        return "unready"
    if metric is None:
        return "missing"
    return "unready" if is_cpu and _still_comes_up(pod, metric, now, patience) else "ready"


def _still_comes_up(pod: PodSeen, metric: Metric, now: int, patience: Patience) -> bool:
    """Whether the pod's CPU says nothing yet.

    Young: while unready, and until one whole window lies after the last change of readiness. Later: only if it has
    never become ready, that is, unready since its first moments.
    """
    if pod.ready is None or pod.started_at is None:
        return True
    changed = LONG_AGO if pod.ready_changed_at is None else pod.ready_changed_at
    if pod.started_at + patience.cpu_initialisation > now:
        return not pod.ready or metric.at < changed + metric.window
    return not pod.ready and pod.started_at + patience.initial_readiness > changed
