"""A user's requests stay with one endpoint, as long as it is there.

Highest random weight ("rendezvous") hashing: D. Thaler and C. Ravishankar, "Using name-based mappings to increase hit
rates", IEEE/ACM Transactions on Networking 6(1), 1998. It keeps the promise of a hash ring (when an endpoint goes, its
users move and nobody else's) with even shares and without a ring to build; it looks at every endpoint once.
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
    """The listed pod whose name, hashed together with the user's, gives the greatest number."""
    routes, pods = columns.routes, columns.pods
    best = routes.endpoint[proxy, pool, 0]
    greatest = -1
    for place in range(routes.listed[proxy, pool]):
        pod = routes.endpoint[proxy, pool, place]
        weight = mixed(user, (int(pods.version[pod]) << 24) | int(pods.number[pod]))
        if weight > greatest:
            best, greatest = pod, weight
    return best  # type: ignore[no-any-return]


@rule
def mixed(user: int, pod: int) -> int:
    """Two numbers below 2**31 mixed into 32 bits, by multiplications that stay below 2**63 (T. Mueller's constants).

    >>> mixed(1, 2) == mixed(1, 2), mixed(1, 2) == mixed(2, 1)
    (True, False)
    """
    word = (user * 0x45D9F3B + pod * 0x119DE1F3) & 0xFFFFFFFF
    word = ((word >> 16) ^ word) * 0x45D9F3B & 0xFFFFFFFF
    word = ((word >> 16) ^ word) * 0x45D9F3B & 0xFFFFFFFF
    return (word >> 16) ^ word


class RingHash(Kind):
    """Every user keeps one pod while it is listed (consistent hashing by user)."""

    example: ClassVar[dict[str, Any]] = {"kind": "ring_hash"}
    rule: ClassVar[Callable[..., int]] = staticmethod(pick)
    keeps_users: ClassVar[bool] = True
    kind: Literal["ring_hash"] = "ring_hash"
