"""The words between a strategy, the controller that performs it, and those who judge it.

A strategy yields steps and is sent a :class:`Reading` after each; it never imports SimPy. What a step does to pods
and routes is written once, in ``sim/cluster/performer.py``. A failure yields :class:`Edit`, a gate answers
:class:`Verdict`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, TypeAlias

from sim.versions import NEVER, NEW

FIXED = 2
"""The revision after the stable and the new one: a build that mends the new version, and answers as the stable one."""


class Decision(StrEnum):
    """What became of a rollout."""

    PROMOTED = "promoted"
    ABORTED = "aborted"
    STUCK = "stuck"  # a deadline passed and the strategy does nothing about it
    UNFINISHED = "unfinished"  # still under way at the horizon


class Detector(StrEnum):
    """Who or what noticed."""

    GATE = "gate"
    ON_CALL = "on-call"
    SMOKE_TEST = "smoke-test"
    DEADLINE = "deadline"
    NOBODY = "nobody"


class Split(NamedTuple):
    """How a router parts the traffic, as shares: of requests, of users with a header, of the rest that is copied."""

    weight: float = 0.0
    cohort: float = 0.0
    mirror: float = 0.0

    @property
    def answered(self) -> float:
        """The share of all requests that the new version answers: its weight, and the cohort among the others.

        >>> Split(weight=0.5, cohort=0.5, mirror=1.0).answered
        0.75
        """
        return self.weight + self.cohort * (1.0 - self.weight)

    @property
    def share(self) -> float:
        """The share of all requests that new pods meet, copies among them.

        >>> Split(mirror=0.5).share, Split(weight=0.5, cohort=0.5).share
        (0.5, 0.75)
        """
        return min(1.0, self.answered + self.mirror * (1.0 - self.answered))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Bring a version's fleet to so many pods; does not wait for them."""

    version: int
    replicas: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Replace:
    """Roll the fleet over to a version pod by pod, as a Kubernetes Deployment does; done when all are available.

    The version may be FIXED, which takes the place of both others (a rollover).
    ``room`` says how many pods more and how many fewer there may be of a service of a size, which may change meanwhile.
    ``after_the_end``: pods that terminate count as long as they are there, so that no more exist than the surge allows.
    ``history``: empty ReplicaSets kept when it is done (None: all).
    """

    version: int
    room: Callable[[int], tuple[int, int]] = field(compare=False)
    after_the_end: bool = False
    history: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Divide:
    """Bring the pods of both versions as near to a share as whole pods allow; done when all new ones are available.

    As a canary of Argo Rollouts without a router does. ``room`` says, of a service of a size, how many pods more and
    how many fewer there may be meanwhile.
    """

    share: float
    room: Callable[[int], tuple[int, int]] = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """The router sends this share of requests (or of sticky users) to the new version."""

    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Users whose requests carry a header, this share of them all, are on the new version whatever the weight."""

    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """The router copies this share of the stable version's requests to the new one and drops the answers."""

    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """One Service over the pods of both versions: the share follows the number of endpoints."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """Put a version's pods (or those of FIXED) behind a Service that proxies know, or take them away from there."""

    version: int
    published: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """Everything to one version, at once; ``at_once``: even where proxies do not know its pods yet."""

    version: int
    at_once: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Until a version's fleet is fully available, or wholly gone, or for a while.

    Exactly one of ``ready``, ``gone`` (versions) and ``duration`` (ns) is given. Waiting for readiness ends at the
    progress deadline with ``Reading.passed`` false; with ``least`` so many available pods are enough.
    """

    ready: int | None = None
    least: int | None = None
    gone: int | None = None
    duration: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Hold for a while, with the strategy's gate judging; ends early with ``Reading.passed`` false when it fails.

    Without a duration it holds only where the gate insists on a while. ``ask``: then a person has to let the rollout go
    on; the gate goes on judging until that has happened. ``whole_seconds``: a tool that keeps times in whole seconds
    counts from the full second before, where no gate judges.
    """

    duration: int
    ask: bool = False
    whole_seconds: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Until a person has let the rollout go on, nobody judging."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmokeTest:
    """Try the new version without user traffic; ``catches`` is the chance to find each defect, by name."""

    duration: int
    catches: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """The rollout is over."""

    decision: Decision


Step: TypeAlias = (
    Scale
    | Replace
    | Divide
    | Weight
    | Cohort
    | Mirror
    | Spread
    | Publish
    | Switch
    | Wait
    | Judge
    | Ask
    | SmokeTest
    | Finish
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a strategy is told after a step: the time, whether the step ended well, and the fleets."""

    at: int
    passed: bool = True
    by: Detector = Detector.NOBODY  # who found fault when not passed
    replicas: tuple[int, int] = (0, 0)  # asked for, stable and new
    available: tuple[int, int] = (0, 0)


Script: TypeAlias = Generator[Step, Reading, None]


class Answer(StrEnum):
    """What a gate says."""

    PASS = "pass"
    FAIL = "fail"
    WAIT = "wait"  # not enough to judge
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A gate's answer with the figures it rests on."""

    answer: Answer
    reason: str
    figures: Mapping[str, float] = field(default_factory=dict)


class Effect(StrEnum):
    """The columns a failure can change. Chances and factors of several edits are folded from the base value."""

    ERROR = "error"  # chance of a bad answer that telemetry sees
    UNSEEN_ERROR = "unseen error"  # chance of a bad answer that it does not see
    SERVICE_FACTOR = "service factor"  # multiplies the service time
    CRASH_AFTER = "crash after"  # ns of serving after which a pod's process dies (index of a law)
    START_CRASH = "start crash"  # ns after its start at which the process exits, every time
    NEVER_READY = "never ready"  # readiness never passes
    MEMORY_LEAK = "memory leak"  # ns of serving after which the pod is OOM-killed (index of a law)
    CROWD_ERROR = "errors under load"  # chance of a seen bad answer added when the pod's queue is full
    POISON = "poison request"  # chance that a request brings its pod's process down
    REQUEST_LEAK = "leak per request"  # share of the pod's free memory that a request leaves taken
    CALLS = "more calls"  # calls to the dependency added per request
    MORE_CONNECTIONS = "more connections"  # that a pod's process opens to a dependency (a Holding)
    PULL_FAILURE = "pull failure"  # images that a node lacks cannot be pulled
    COLD = "cold"  # a pod's work takes longer at first (a Warming)
    LOCK = "lock"  # work begins when it is released, at the end of the edit
    START_LOAD = "start-up load"  # what a starting process asks of a dependency (an Asking)
    SESSION = "sessions of the other version"  # chance of a bad answer after an answer of the other version (a Session)
    STATE_DAMAGE = "state damage"  # chance of a bad answer once all state is damaged, and how fast (a Damage)
    KERNEL_PANIC = "kernel panic"  # ns of serving after which a pod takes its machine down (a Panic)
    NODE_DOWN = "node down"  # a machine is gone (a Place)
    ZONE_DOWN = "zone down"  # all machines of a zone are gone (a Place)
    NODE_SLOW = "node slow"  # a machine is merely slow (a Place with a factor)
    NODE_DRAIN = "node drain"  # a machine is emptied for maintenance (a Place)
    METRICS_OUT = "metrics out"  # nobody can see anything
    SURGE = "surge"  # more requests come; changes no column, for they are a stream of their own


ON_MACHINES = frozenset({Effect.NODE_DOWN, Effect.ZONE_DOWN, Effect.NODE_SLOW, Effect.NODE_DRAIN})
"""Effects that strike machines and no version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which machine or zone is meant: its number, or a uniform that picks one; and how much slower it makes work."""

    number: int | None = None
    luck: float = 0.0
    factor: float = 1.0

    def among(self, count: int) -> int:
        """The number meant where there are so many; a number beyond them means the last.

        >>> Place(luck=0.5).among(3), Place(number=7).among(3)
        (1, 2)
        """
        meant = int(self.luck * count) if self.number is None else self.number
        return min(meant, count - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """So many connections more to a dependency, or to every one of which pods hold any."""

    extra: int
    dependency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """So many calls to a dependency."""

    dependency: str
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Warming:
    """Work takes ``factor`` times as long when a pod begins to serve, and falls to normal in ``lasts`` ns."""

    factor: float
    lasts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Panic:
    """A law of ns from serving to the kernel's panic, and ns until the machine has started anew."""

    after: Any
    reboot: int

    def quantile(self, luck: float) -> float:
        """ns from serving to the panic."""
        return float(self.after.quantile(luck))


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """State that the new version spoils as it serves, for both versions and beyond a rollback.

    Serving everybody for ``takes`` ns spoils 63 % of what is left whole; where all is spoilt answers are bad at
    ``rate``, of which telemetry sees ``visible``. ``repair`` ns after the new version has gone it is whole again.
    """

    rate: float
    takes: int
    visible: float = 1.0
    repair: int = NEVER
    repeats: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Sessions that one version cannot take over from the other.

    Of the requests whose session had its last answer from the other version, ``pause`` ns ago, a share of ``rate``
    fails; telemetry sees ``visible`` of these.
    """

    rate: float
    visible: float = 1.0
    pause: int = 0
    repeats: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A timed change of what a version does.

    ``value`` is a chance, a factor or a law object, by the effect. ``streams`` empty means all streams. ``cohort`` is
    the share of users it hurts; of an edit on pods, the share of pods. ``mixed`` edits are in force only while pods of
    both versions serve. ``aged`` is how much longer (ns) a pod's first process counts as having served, of an edit that
    lets processes die of their age. ``repeats`` is the share of its bad answers that every try of the same request
    meets.
    """

    effect: Effect
    value: object
    version: int = NEW
    streams: tuple[str, ...] = ()
    cohort: float = 1.0
    start: int = 0
    end: int = NEVER
    mixed: bool = False
    aged: int = 0
    repeats: float = 1.0
