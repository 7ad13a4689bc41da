"""A pod takes its machine down."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from sim.failures import Failure, Luck, Serving, span
from sim.laws import DurationLaw
from sim.quantities import Duration, default
from sim.steps import Edit, Effect, Panic


class KernelPanic(Failure):
    """Kernel panic: after a while of serving a pod crashes the kernel, and every pod of its machine goes with it.

    ``every`` is the law of the time from serving to the panic, drawn anew by each pod and each start of it; the machine
    is silent until it has started anew.
    """

    kind: Literal["kernel_panic"] = "kernel_panic"
    example: ClassVar[dict[str, Any]] = {"kind": "kernel_panic", "every": {"kind": "exponential", "mean": "30m"}}

    every: DurationLaw = Field(
        description="time a pod serves until it crashes the kernel of its node, drawn anew at each start"
    )
    reboot: Duration = default(
        "2m",
        origin="a virtual machine that starts anew, and its kubelet",
        trust="low",
        means="time until the node is back",
    )
    after: Duration = default(
        "0s",
        origin="from the start",
        trust="medium",
        means="how long after the start of the new version, or of the condition, it begins",
    )
    lasts: Duration | None = Field(
        default=None, description="how long it goes on; to the end of the release if left out"
    )

    def edits(self, luck: Luck) -> tuple[Edit, ...]:
        """Each pod draws its own time."""
        start, end = span(self.after, self.lasts)
        panic = Panic(after=self.every, reboot=self.reboot)
        return (Edit(effect=Effect.KERNEL_PANIC, value=panic, start=start, end=end),)

    def shows(self, share: float, serving: Serving) -> int:
        """When this share of the pods has died once."""
        return max(self.after, serving.since) + max(0, round(self.every.quantile(share)))
