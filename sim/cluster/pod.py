"""What is known of one pod, beside its row in the world: the columns of the pod's life."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from simpy.events import Process

from sim.cluster.backoff import NOTHING_KNOWN, BackOff
from sim.cluster.endpoint_conditions import NOTHING, Conditions
from sim.cluster.grace import Kill
from sim.cluster.nodes import Node
from sim.cluster.probing import Purpose, Reported
from sim.steps import FIXED
from sim.versions import NEVER

REVISIONS = ("stable", "new", "fixed")
"""What the journal calls them."""
FIRST_FIXED = 1 << 30
"""The first creation number of its pods, which stand among the stable version's after all others."""


class Phase(StrEnum):
    """Where a pod stands in its life; the words ``trace`` shows."""

    PENDING = "pending"  # no node has room
    PULLING = "pulling images"
    INITIALISING = "initialising"  # init containers, then sidecars
    STARTING = "starting"  # the app's process runs and cannot serve yet
    LOADING = "asks a dependency for what it needs to start"
    CONNECTING = "waits for connections"  # to a dependency, which has too few left
    SERVING = "serving"
    BACKING_OFF = "backing off"  # crashed, waiting for its restart
    LOST = "lost with its machine"  # which has gone, and nobody has told the pod to go
    TERMINATING = "terminating"
    GONE = "gone"


NOT_RUNNING = (Phase.PENDING, Phase.PULLING, Phase.INITIALISING)
"""The phases that a pod's status calls Pending."""


class News(StrEnum):
    """Why a pod's process is woken before its time."""

    DELETED = "deleted"
    CRASHED = "crashed"
    DRAINED = "drained"
    UNHEALTHY = "unhealthy"  # a liveness or startup probe has given up on it
    NODE_LOST = "node lost"
    NODE_BACK = "node back"


STOPS = (News.CRASHED, News.UNHEALTHY)
"""What ends a container and not its pod."""


@dataclass(slots=True)
class Watched:
    """One probe's columns of one container: what is reported, and up to when probes have been counted (ns)."""

    reported: Reported
    origin: int  # of the probe's grid
    counted_until: int
    passing: bool = False  # what probes see since then
    due: int = NEVER  # when the verdict will turn


@dataclass(slots=True, eq=False, kw_only=True)
class Pod:
    """One pod. Times are ns; NEVER stands for "not due"."""

    place: int  # row in the world's columns
    version: int
    number: int  # creation number in its version
    created_at: int
    phase: Phase = Phase.PENDING
    node: Node | None = None
    life: Process = field(init=False, repr=False)
    incarnation: int = 0  # how often the app's process has been started anew
    running: bool = False  # the app's process exists
    signalled: bool = False  # SIGTERM has been sent
    ready: bool = False
    announced: Conditions = NOTHING  # what the endpoints were last told
    announcements: int = 0
    started_at: int = NEVER  # of the app's process: the origin of the probe's grid
    serving_since: int = NEVER
    ready_since: int = NEVER
    ready_changed_at: int = NEVER  # when readiness last turned; NEVER while it never has
    deleted_at: int = NEVER
    probes: dict[Purpose, Watched] = field(default_factory=dict)  # of the container that runs
    killed_for: Kill = Kill.OTHER  # why its container is being stopped
    crash_due: int = NEVER
    crash_reason: str = ""
    back_off: BackOff = NOTHING_KNOWN  # of its container's restarts
    pull_back_off: BackOff = NOTHING_KNOWN

    @property
    def address(self) -> int:
        """Whose luck the pod draws, alike under every strategy: its version and creation number."""
        return self.version << 40 | self.number

    @property
    def revision(self) -> int:
        """Whose ReplicaSet it belongs to: STABLE, NEW or FIXED."""
        return FIXED if self.number >= FIRST_FIXED else self.version

    @property
    def name(self) -> str:
        """As the journal calls it."""
        return f"{REVISIONS[self.revision]}/{self.number % FIRST_FIXED}"

    @property
    def deleted(self) -> bool:
        """Whether the pod has been told to go."""
        return self.deleted_at != NEVER
