"""No retries."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from sim.jit import rule
from sim.retries import RetryPolicy

if TYPE_CHECKING:
    from sim.world import Columns


@rule
def wait(columns: Columns, policy: int, attempt: int, luck: float) -> int:
    """Never asked, since no try is left after the first."""
    return 0


class NoRetries(RetryPolicy):
    """The first answer is the last."""

    example: ClassVar[dict[str, Any]] = {"kind": "none"}
    rule: ClassVar[Callable[..., int]] = staticmethod(wait)
    kind: Literal["none"] = "none"
