"""What happened to the cluster and to the rollout, in order: for ``trace``, for the report, and for the measures.

Events are for reading. Milestones and step functions are what measures are made of, so that no number is ever parsed
from a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sim.steps import Decision, Detector, Verdict
from sim.versions import NEVER


class Milestone(StrEnum):
    """The moments a rollout is measured by; each is noted once, the first time."""

    STARTED = "started"
    DETECTED = "detected"
    ROLLBACK = "rollback started"
    MITIGATED = "mitigated"  # no bad endpoint in any proxy's view and no bad request in flight
    RESTORED = "restored"  # full capacity of a good version is ready
    DECIDED = "decided"


class Gauge(StrEnum):
    """Step functions of time kept for the report and for peaks."""

    PODS = "pods"
    PODS_STABLE = "pods stable"
    PODS_NEW = "pods new"
    READY_STABLE = "ready stable"
    READY_NEW = "ready new"
    LISTED_STABLE = "listed stable"  # endpoints in the first proxy's view
    LISTED_NEW = "listed new"
    NEW_SHARE = "new share"
    NODES = "nodes"
    CONNECTIONS = "connections"
    BLACKOUT = "blackout"  # 1 while a pool that should serve has no endpoint in some proxy's view


class Hindrance(StrEnum):
    """What keeps a pod that is wanted from coming up."""

    QUOTA = "quota"
    NODES = "nodes"
    CONNECTIONS = "connections"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the story: when, what kind, who, what, with figures."""

    at: int
    kind: str  # "pod", "endpoint", "step", "verdict", "page", "defect", "node", "weather" …
    who: str
    what: str
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class Journal:
    """The story of one replication."""

    events: list[Event] = field(default_factory=list)
    milestones: dict[Milestone, int] = field(default_factory=dict)
    gauges: dict[Gauge, list[tuple[int, float]]] = field(default_factory=dict)
    verdicts: list[tuple[int, str, Verdict]] = field(default_factory=list)
    decision: Decision = Decision.UNFINISHED
    detected_by: Detector = Detector.NOBODY  # who or what noticed first
    stopped_by: Detector = Detector.NOBODY  # who or what had the release taken back
    pages: int = 0
    woke: int = NEVER  # when the release's defect began to act, ns
    hindered: dict[Hindrance, tuple[int, str]] = field(default_factory=dict)  # the latest of each: when, and how

    def hinder(self, at: int, by: Hindrance, how: str) -> None:
        """Note that a pod which is wanted cannot come up."""
        self.hindered[by] = (at, how)

    def tell(self, at: int, kind: str, who: str, what: str, **figures: float) -> None:
        """Add an event."""
        self.events.append(Event(at=at, kind=kind, who=who, what=what, figures=figures))

    def reach(self, milestone: Milestone, at: int) -> None:
        """Note a milestone, the first time only."""
        self.milestones.setdefault(milestone, at)

    def wake(self, at: int) -> None:
        """Note that the release's defect acts from now on; the earliest moment counts."""
        self.woke = min(self.woke, at)

    def gauge(self, gauge: Gauge, at: int, value: float) -> None:
        """Note that a step function takes a value from now on; repeats are dropped, the last of an instant wins."""
        points = self.gauges.setdefault(gauge, [])
        if points and points[-1][0] == at:
            points[-1] = (at, value)
        elif not points or points[-1][1] != value:
            points.append((at, value))
