"""The less busy of two endpoints drawn at random.

Source: M. Mitzenmacher, "The power of two choices in randomized load balancing", IEEE TPDS 12(10), 2001.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from sim.doors import Kind
from sim.jit import rule

if TYPE_CHECKING:
    from sim.world import Columns


@rule
def pick(columns: Columns, proxy: int, pool: int, first: float, second: float, user: int) -> int:
    """Two different listed pods are drawn; the one with fewer attempts wins, the first on a tie."""
    routes, pods = columns.routes, columns.pods
    listed = routes.listed[proxy, pool]
    place = int(first * listed)
    one = routes.endpoint[proxy, pool, place]
    if listed == 1:
        return one  # type: ignore[no-any-return]
    other_place = int(second * (listed - 1))
    if other_place >= place:
        other_place += 1
    other = routes.endpoint[proxy, pool, other_place]
    if pods.in_flight[other] + pods.queued[other] < pods.in_flight[one] + pods.queued[one]:
        return other  # type: ignore[no-any-return]
    return one  # type: ignore[no-any-return]


class TwoChoices(Kind):
    """The less busy of two listed pods drawn at random (power of two choices)."""

    example: ClassVar[dict[str, Any]] = {"kind": "two_choices"}
    rule: ClassVar[Callable[..., int]] = staticmethod(pick)
    kind: Literal["two_choices"] = "two_choices"
