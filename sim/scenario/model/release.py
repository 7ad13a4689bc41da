"""``release``, ``conditions`` and ``oncall``: what changes, what goes wrong, who notices."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field

from sim.allowed import FACTOR, counting
from sim.laws import DurationLaw
from sim.quantities import Amount, Count, Cpu, Duration, Period, Share, Size, default
from sim.scenario.model.parts import KindOf, Part, WithKind

FAILURES = KindOf("failures")


class ContainerChange(Part):
    """What the new version changes of one container; what is left out stays as it is."""

    image: Size | None = Field(default=None, description="size of the new version's image; as today if left out")
    cpu: Cpu | None = Field(default=None, description="CPU the new version requests; as today if left out")
    memory: Size | None = Field(default=None, description="memory the new version requests; as today if left out")
    shared: Size | None = Field(
        default=None,
        description="part of the new image that nodes have already, in layers of the old one; as today if left out",
    )
    start: DurationLaw | None = Field(
        default=None, description="time the new version needs from process start to able to serve; as today if left out"
    )


class Version(Part):
    """What the new version changes on purpose: containers by name, and the work per request."""

    model_config = ConfigDict(frozen=True, extra="allow", validate_default=True, strict=True)
    __pydantic_extra__: dict[str, ContainerChange]

    work: Annotated[Amount, Field(gt=0), FACTOR] = default(
        1,
        origin="the new version needs as long per request as the old one",
        trust="medium",
        means="time per request of the new version, as a multiple of today's",
    )

    baseline_errors: Share | None = Field(
        default=None,
        description="share of requests the new version answers badly when nothing is wrong with it; below "
        "release.baseline_errors it is better than today; default: as today",
    )
    calls: dict[str, Annotated[int, counting(0, 200, "each call is played")]] = Field(
        default_factory=dict, description="calls per request to the dependency, by stream, where they change"
    )

    @property
    def containers(self) -> dict[str, ContainerChange]:
        """The changed containers by name."""
        return self.__pydantic_extra__ or {}


When = Literal["start", "before the switch", "first pod", "each pod", "promotion", "rollback"]
AT = (
    "moment of the release from which its times count: 'start', 'before the switch' (just before the first users are "
    "sent to the new version), 'first pod' (the process of the first new pod starts), 'each pod', 'promotion' (the "
    "rollout has ended well) or 'rollback'; default start"
)


class Defect(WithKind):
    """A way for a release to be bad."""

    inlined: ClassVar[str] = "failure"
    family: ClassVar[KindOf] = FAILURES

    share: Share = Field(description="share of the bad releases that are bad in this way")
    at: When = Field(default="start", description=AT)
    on: Literal["new", "both"] = Field(
        default="new", description="'new': the new version's pods; 'both': those of the old one too; default new"
    )
    failure: Annotated[Any, FAILURES]


class Planned(WithKind):
    """What every release does by being one, good or bad: a migration's lock, an emptied cache, a config push."""

    inlined: ClassVar[str] = "failure"
    family: ClassVar[KindOf] = FAILURES

    at: When = Field(default="start", description=AT)
    on: Literal["new", "both"] = Field(
        default="both", description="'both': pods of both versions; 'new': those of the new one; default both"
    )
    failure: Annotated[Any, FAILURES]


class Condition(WithKind):
    """What happens anyway, release or not."""

    inlined: ClassVar[str] = "failure"
    family: ClassVar[KindOf] = FAILURES

    at: Duration = Field(description="when, counted from the release")
    chance: Share = default(
        "100%",
        origin="it happens in every replication",
        trust="medium",
        means="share of replications in which it happens",
    )
    failure: Annotated[Any, FAILURES]


class Release(Part):
    """What the release brings."""

    baseline_errors: Share = Field(description="share of requests the version now running answers badly")
    baseline_repeats: Share = default(
        "0%",
        origin="today's errors are bad luck of each try: a retry seldom meets them again",
        trust="low",
        means="share of today's errors that the same request gets again when it is tried again; counts only where "
        "errors are retried",
    )
    version: Version = Field(default=Version(), description="in what the new version differs from today's, bad or not")
    change_failure_rate: Share = Field(description="share of releases that are bad")
    defects: dict[str, Defect] = Field(default_factory=dict, description="ways to be bad; shares together 100 %")
    effects: dict[str, Planned] = Field(
        default_factory=dict,
        description="what every release does to everybody, good or bad, by name; nothing if left out",
    )


class OnCall(Part):
    """The backstop under every strategy: a person who is paged and aborts."""

    notices_at: Share = Field(description="error ratio that pages")
    reacts: DurationLaw = Field(description="from the page to the abort")
    window: Period = default(
        "1m", origin="the alert looks at one minute", trust="low", means="how far back the alert looks"
    )
    per: Literal["service", "stream"] = default(
        "service",
        origin="the whole service's series",
        trust="medium",
        means="whose series is judged: the new version's alone, the whole service's, or each stream's",
    )
    min_requests: Annotated[Count, Field(ge=1), counting(1, 1_000_000_000, "no window has more requests")] = default(
        50,
        origin="fewer say little about a ratio",
        trust="low",
        means="fewest requests in the window on which the alert judges",
    )
    clears_after: Duration = default(
        "2m",
        origin="an alert quiet for so long has resolved: who reacts then stands down",
        trust="low",
        means="how long the alert must be quiet until it has resolved",
    )
