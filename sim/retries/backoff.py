"""Retries with exponential backoff and jitter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, field_validator

from sim.allowed import counting
from sim.jit import rule
from sim.quantities import Duration, Share, Trust, default
from sim.retries import RetryPolicy, RetryWord, bits

if TYPE_CHECKING:
    from sim.world import Columns


@rule
def wait(columns: Columns, policy: int, attempt: int, luck: float) -> int:
    """The first wait, doubled per try up to the cap, of which the jitter's share is drawn."""
    retries = columns.retries
    longest = retries.cap[policy]
    pause = retries.first_wait[policy]
    for _ in range(attempt):
        if pause >= longest:
            break
        pause = pause * 2
    pause = min(pause, longest)
    drawn = retries.jitter[policy] * luck
    return int(pause * (1.0 - retries.jitter[policy] + drawn) + 0.5)


def by_who(client: str, proxy: str, *, origin: str, trust: Trust, means: str) -> Any:
    """A default that is one thing for a client and another for a proxy."""

    def found(fields: Mapping[str, Any]) -> str:
        return proxy if fields.get("by") == "proxy" else client

    return Field(default_factory=found, description=means, json_schema_extra={"origin": origin, "trust": trust})


class Backoff(RetryPolicy):
    """Try again after a wait that doubles up to a cap, part of it drawn at random.

    ``by`` says who: the client, or a proxy on its way (a mesh's sidecar, an ingress). ``retries`` may be a list of
    both; then they multiply: two tries more of each are up to nine attempts. A client waits the stream's ``timeout``
    for each of its tries; with ``per_try`` it waits so long for each, and ``timeout`` is for all of them together. A
    proxy's tries all happen while its client waits for one.
    """

    example: ClassVar[dict[str, Any]] = {"kind": "backoff", "max": 2, "wait": "50ms", "cap": "1s", "jitter": "50%"}
    rule: ClassVar[Callable[..., int]] = staticmethod(wait)
    kind: Literal["backoff"] = "backoff"
    by: Literal["client", "proxy"] = default(
        "client", origin="the calling program's library", trust="medium", means="who tries again"
    )
    max: Annotated[int, Field(description="tries after the first"), counting(1, 60, "every try is played")]
    on: tuple[RetryWord, ...] = default(
        ["connect", "503"],
        origin="what is safe to repeat",
        trust="high",
        means="what is tried again: a refused connection, a status, a reset, a timeout or an error",
    )
    per_try: Duration | None = Field(
        default=None, description="longest wait for one try; if left out, only the stream's timeout ends it"
    )
    wait: Duration = by_who(
        "25ms",
        "0ms",
        origin="a client's: Envoy's base interval; a proxy goes to the next pod at once",
        trust="medium",
        means="wait before the first retry; it doubles each time",
    )
    cap: Duration = default("1s", origin="our choice", trust="low", means="longest wait before a retry")
    jitter: Share = default("50%", origin="our choice", trust="low", means="share of each wait that is left to chance")
    budget: Share | None = Field(
        default=None,
        description="retries that are earned per request, as a share: when they are used up, nobody tries "
        "again until more are earned; no budget if left out",
    )
    work: Literal["fresh", "same"] = default(
        "fresh",
        origin="how long a try takes has little to do with the one before",
        trust="low",
        means="whether the time a try needs is drawn anew (fresh), or what was slow is slow again (same)",
    )
    version: Literal["anew", "same"] = by_who(
        "anew",
        "same",
        origin="a client's try is routed by weight again, a proxy's stays with the version",
        trust="low",
        means="whether a try is routed to a version again or goes to that of the try before",
    )
    pod: Literal["any", "another"] = by_who(
        "any",
        "another",
        origin="a proxy goes to another pod where there is one, as Istio and nginx do",
        trust="low",
        means="whether a try may meet the pod of the try before or goes to another, where there is one",
    )

    @field_validator("per_try")
    @classmethod
    def _takes_time(cls, per_try: int | None) -> int | None:
        if per_try == 0:
            raise ValueError("must be longer than 0")
        return per_try

    def is_proxy(self) -> bool:
        """Whether a proxy tries again."""
        return self.by == "proxy"

    def wait_per_try(self) -> int:
        """ns for one try; 0: no limit of its own."""
        return self.per_try or 0

    def draws_work_anew(self) -> bool:
        """Whether the time that a try needs is drawn anew."""
        return self.work == "fresh"

    def keeps_version(self) -> bool:
        """Whether a try stays with the version of the one before."""
        return self.version == "same"

    def goes_elsewhere(self) -> bool:
        """Whether a try goes to another pod where there is one."""
        return self.pod == "another"

    def tries(self) -> int:
        """Tries after the first."""
        return self.max

    def outcomes(self) -> int:
        """One bit per outcome that is tried again."""
        return bits(self.on)

    def budget_per_request(self) -> float:
        """Retries that each request earns for the stream, 0 for no limit."""
        return self.budget or 0.0

    def waits(self) -> tuple[int, int, float]:
        """First wait, longest wait, drawn share."""
        return self.wait, self.cap, self.jitter
