"""Retries with exponential backoff and jitter."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from sim.jit import rule
from sim.quantities import Duration, Share, default
from sim.retries import RetryPolicy, RetryWord, bits

if TYPE_CHECKING:
    from sim.world import Columns


@rule
def wait(columns: Columns, stream: int, attempt: int, luck: float) -> int:
    """The first wait, doubled per try up to the cap, of which the jitter's share is drawn."""
    streams = columns.streams
    longest = streams.retry_cap[stream]
    pause = streams.retry_wait[stream]
    for _ in range(attempt):
        if pause >= longest:
            break
        pause = pause * 2
    pause = min(pause, longest)
    drawn = streams.retry_jitter[stream] * luck
    return int(pause * (1.0 - streams.retry_jitter[stream] + drawn) + 0.5)


class Backoff(RetryPolicy):
    """Try again after a wait that doubles up to a cap, part of it drawn at random."""

    example: ClassVar[dict[str, Any]] = {"kind": "backoff", "max": 2, "wait": "50ms", "cap": "1s", "jitter": "50%"}
    rule: ClassVar[Callable[..., int]] = staticmethod(wait)
    kind: Literal["backoff"] = "backoff"
    max: Annotated[int, Field(ge=1, le=60, description="tries after the first")]
    on: tuple[RetryWord, ...] = default(
        ["connect", "503"],
        origin="what is safe to repeat",
        trust="high",
        means="what is tried again: a refused connection, a status, a reset or a timeout",
    )
    wait: Duration = default(
        "25ms",
        origin="Envoy's base interval between retries",
        trust="medium",
        means="wait before the first retry; it doubles each time",
    )
    cap: Duration = default("1s", origin="our choice", trust="low", means="longest wait before a retry")
    jitter: Share = default("50%", origin="our choice", trust="low", means="share of each wait that is left to chance")

    budget: Share | None = Field(
        default=None,
        description="retries that clients earn per request, as a share: when they are used up, nobody tries "
        "again until more are earned; no budget if left out",
    )  # retries earned per request; without it each request has its own tries

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
