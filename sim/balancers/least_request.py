"""The least busy of all listed endpoints."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from sim.doors import Kind
from sim.jit import rule

if TYPE_CHECKING:
    from sim.world import Columns


@rule
def pick(columns: Columns, proxy: int, pool: int, first: float, second: float, user: int) -> int:
    """The listed pod with the fewest attempts in it; the search starts at a drawn place, so ties are fair."""
    routes, pods = columns.routes, columns.pods
    listed = routes.listed[proxy, pool]
    start = int(first * listed)
    best = routes.endpoint[proxy, pool, start]
    least = pods.in_flight[best] + pods.queued[best]
    for step in range(1, listed):
        place = start + step if start + step < listed else start + step - listed  # a division would cost more
        pod = routes.endpoint[proxy, pool, place]
        load = pods.in_flight[pod] + pods.queued[pod]
        if load < least:
            best, least = pod, load
    return best  # type: ignore[no-any-return]


class LeastRequest(Kind):
    """The listed pod with the fewest requests in it, among all of them."""

    example: ClassVar[dict[str, Any]] = {"kind": "least_request"}
    rule: ClassVar[Callable[..., int]] = staticmethod(pick)
    kind: Literal["least_request"] = "least_request"
