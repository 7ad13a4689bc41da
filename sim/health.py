"""What each proxy remembers of each pod: failures in a row, whether it is ejected, since when it may be sent to.

Outlier ejection and panic follow Envoy's outlier detection (``source/common/upstream/outlier_detection_impl.cc``): so
many failed attempts in a row take a pod out of the list that balancers see, for a base time that grows with each
ejection, and never more than a share of the list; where fewer than the panic threshold are left, the proxy distrusts
itself and sends to all. Slow start follows Envoy's ``slow_start_config``: a new endpoint is chosen with a weight
that grows from a tenth to one over a window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.jit import rule
from sim.outcomes import Outcome
from sim.versions import NEVER

if TYPE_CHECKING:
    from sim.world import Columns

FORGIVES_EVERY = 10 * 10**9
"""After a return, one earlier ejection is forgiven per such a while: Envoy's ``interval``."""
LONGEST_EJECTION = 300 * 10**9
"""Envoy's ``max_ejection_time``."""
COLDEST = 0.1
"""The weight a new endpoint begins with: Envoy's ``min_weight_percent``."""

PROXY_SHIFT = 32

SUCCEEDED, UNSEEN_ERROR = int(Outcome.SUCCEEDED), int(Outcome.UNSEEN_ERROR)


@rule
def return_address(proxy: int, pod: int) -> int:
    """The name of a pod's return to a proxy, by which coinciding ones are ordered."""
    return (proxy << PROXY_SHIFT) | pod


@rule
def returning_to(address: int) -> int:
    """The proxy of such a name.

    >>> returning_to(return_address(3, 41))
    3
    """
    return address >> PROXY_SHIFT


@rule
def note_health(columns: Columns, proxy: int, pool: int, pod: int, outcome: int, now: int) -> int:
    """An attempt has ended; the instant at which the pod returns when this ejects it, else NEVER."""
    health, settings = columns.health, columns.settings
    if outcome in (SUCCEEDED, UNSEEN_ERROR):
        health.failures[proxy, pod] = 0
        return NEVER
    health.failures[proxy, pod] += 1
    if health.failures[proxy, pod] < settings.eject_after or health.ejected[proxy, pod] == 1:
        return NEVER
    if ejected_in(columns, proxy, pool) >= settings.eject_most * columns.routes.known[proxy, pool]:
        return NEVER
    forgiven = (now - health.returned_at[proxy, pod]) // FORGIVES_EVERY
    health.times[proxy, pod] = max(0, health.times[proxy, pod] - forgiven) + 1
    health.ejected[proxy, pod] = 1
    sort_out_all(columns, proxy)
    return now + min(LONGEST_EJECTION, settings.eject_for * health.times[proxy, pod])  # type: ignore[no-any-return]


@rule
def take_back(columns: Columns, proxy: int, pod: int, now: int) -> None:
    """The ejection is over."""
    health = columns.health
    health.ejected[proxy, pod], health.failures[proxy, pod], health.returned_at[proxy, pod] = 0, 0, now
    sort_out_all(columns, proxy)


@rule
def ejected_in(columns: Columns, proxy: int, pool: int) -> int:
    """How many of the pods a proxy knows in a pool are ejected."""
    routes, count = columns.routes, 0
    for place in range(routes.known[proxy, pool]):
        count += columns.health.ejected[proxy, routes.endpoint[proxy, pool, place]]
    return count


@rule
def sort_out_all(columns: Columns, proxy: int) -> None:
    """Sort out every pool of a proxy."""
    for pool in range(columns.routes.known.shape[1]):
        sort_out(columns, proxy, pool)


@rule
def sort_out(columns: Columns, proxy: int, pool: int) -> None:
    """Put the ejected pods behind those that balancers see, each part ordered by (version, number).

    Below the panic threshold balancers see all of them.
    """
    routes = columns.routes
    known = routes.known[proxy, pool]
    ejected = ejected_in(columns, proxy, pool)
    panic = known - ejected < columns.settings.panic_below * known
    for place in range(1, known):
        pod, hole = routes.endpoint[proxy, pool, place], place
        while hole > 0 and comes_before(columns, proxy, pod, routes.endpoint[proxy, pool, hole - 1], panic):
            routes.endpoint[proxy, pool, hole] = routes.endpoint[proxy, pool, hole - 1]
            hole -= 1
        routes.endpoint[proxy, pool, hole] = pod
    routes.listed[proxy, pool] = known if panic else known - ejected


@rule
def comes_before(columns: Columns, proxy: int, pod: int, other: int, panic: bool) -> bool:
    """The order of a list: the ejected last (unless in panic), then by version and number."""
    pods, ejected = columns.pods, columns.health.ejected
    if not panic and ejected[proxy, pod] != ejected[proxy, other]:
        return ejected[proxy, pod] < ejected[proxy, other]  # type: ignore[no-any-return]
    if pods.version[pod] != pods.version[other]:
        return pods.version[pod] < pods.version[other]  # type: ignore[no-any-return]
    return pods.number[pod] < pods.number[other]  # type: ignore[no-any-return]


@rule
def warmth(columns: Columns, proxy: int, pod: int, now: int) -> float:
    """The weight of a pod that a proxy has known for a while: from ``COLDEST`` to 1 over the slow start's window."""
    age = now - columns.health.listed_at[proxy, pod]
    if age >= columns.settings.slow_start:
        return 1.0
    return max(COLDEST, age / columns.settings.slow_start)  # type: ignore[no-any-return]
