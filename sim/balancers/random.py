"""Every listed endpoint alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from sim.doors import Kind
from sim.jit import rule

if TYPE_CHECKING:
    from sim.world import Columns


@rule
def pick(columns: Columns, proxy: int, pool: int, first: float, second: float, user: int) -> int:
    """Any of the listed pods, with equal chance."""
    routes = columns.routes
    return routes.endpoint[proxy, pool, int(first * routes.listed[proxy, pool])]  # type: ignore[no-any-return]


class Random(Kind):
    """Any listed pod, with equal chance."""

    example: ClassVar[dict[str, Any]] = {"kind": "random"}
    rule: ClassVar[Callable[..., int]] = staticmethod(pick)
    kind: Literal["random"] = "random"
