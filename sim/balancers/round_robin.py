"""Each listed endpoint in turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from sim.doors import Kind
from sim.jit import rule

if TYPE_CHECKING:
    from sim.world import Columns


@rule
def pick(columns: Columns, proxy: int, pool: int, first: float, second: float, user: int) -> int:
    """The next of the listed pods; each proxy keeps its own turn per pool."""
    routes = columns.routes
    turn = routes.turn[proxy, pool]
    routes.turn[proxy, pool] = turn + 1
    return routes.endpoint[proxy, pool, turn % routes.listed[proxy, pool]]  # type: ignore[no-any-return]


class RoundRobin(Kind):
    """Each listed pod in turn; every proxy keeps its own turn."""

    example: ClassVar[dict[str, Any]] = {"kind": "round_robin"}
    rule: ClassVar[Callable[..., int]] = staticmethod(pick)
    kind: Literal["round_robin"] = "round_robin"
