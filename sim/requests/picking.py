"""Where an attempt goes: the connection its user holds, or a version, a breaker's leave, and a pod of that version."""

from __future__ import annotations

from sim.draws import Purpose, block, uniform
from sim.health import warmth
from sim.jit import rule
from sim.requests.choices import PICK
from sim.requests.luck import entity
from sim.versions import NEW, STABLE
from sim.world import Columns, Pool, Routing

USER, WARM_UP, ANOTHER_POD = int(Purpose.USER), int(Purpose.WARM_UP), int(Purpose.ANOTHER_POD)
POOL_STABLE, POOL_NEW, POOL_ALL = int(Pool.STABLE), int(Pool.NEW), int(Pool.ALL)
BY_POD = int(Routing.BY_POD)
WARM_TRIES = 16
"""How often a proxy passes over endpoints that are still warming up."""
OTHER_PICKS = 5
"""How often a pod is picked anew that must not be the last one: Istio's ``host_selection_retry_max_attempts``."""


@rule
def proxy_of(columns: Columns, number: int) -> int:
    """The proxy that a request goes through."""
    proxies = columns.settings.proxies
    return 0 if proxies == 1 else number % proxies  # a division costs as much as a heap's step


@rule
def pool_of(columns: Columns, proxy: int, user: int, luck: float) -> int:
    """The set of endpoints an attempt is sent to.

    A user of the cohort is on the new version. Any other user (or attempt, without stickiness) is iff its uniform is
    below the weight, so the sets of a growing weight are nested.
    """
    routes, settings = columns.routes, columns.settings
    if routes.mode[0] == BY_POD:
        return POOL_ALL
    cohort = routes.cohort_share[proxy]
    if settings.sticky == 1 or cohort > 0.0:
        words = block(settings.key_low, settings.key_high, USER, user, 0)
        if uniform(words[2]) < cohort:
            return POOL_NEW
        if settings.sticky == 1:
            luck = uniform(words[0])
    return POOL_NEW if luck < routes.new_share[proxy] else POOL_STABLE


@rule
def pool_of_pod(columns: Columns, pod: int) -> int:
    """The set of endpoints a pod stands in, as requests are routed now."""
    if columns.routes.mode[0] == BY_POD:
        return POOL_ALL
    return POOL_NEW if columns.pods.version[pod] == NEW else POOL_STABLE


@rule
def version_of_pool(pool: int) -> int:
    """The version an empty pool stands for; 2 (none) for the pool of all pods."""
    if pool == POOL_ALL:
        return 2
    return NEW if pool == POOL_NEW else STABLE


@rule
def is_mirrored(columns: Columns, proxy: int, user: int, version_luck: float, luck: float) -> bool:
    """Whether a request for the stable version is copied to the new one."""
    share = columns.routes.mirror_share[proxy]
    return share > 0.0 and luck < share and pool_of(columns, proxy, user, version_luck) == POOL_STABLE


@rule
def is_broken(columns: Columns, proxy: int, pool: int) -> bool:
    """Whether the proxy's circuit breaker is open: so many attempts are outstanding that it makes no more."""
    limit = columns.settings.breaker
    return limit > 0 and columns.routes.outstanding[proxy, pool] >= limit


@rule
def count_outstanding(columns: Columns, proxy: int, pool: int, change: int) -> None:
    """An attempt is under way (+1) or has ended for its proxy (-1)."""
    if columns.settings.breaker > 0:
        columns.routes.outstanding[proxy, pool] += change


@rule
def pick(
    columns: Columns,
    proxy: int,
    pool: int,
    stream: int,
    number: int,
    nth: int,
    user: int,
    first: float,
    second: float,
    now: int,
) -> int:
    """The pod that the balancer chooses; one that is still warming up is passed over as its weight says."""
    settings, tries = columns.settings, 0
    while True:
        pod = PICK(settings.balancer, columns, proxy, pool, first, second, user)
        if settings.slow_start == 0 or tries == WARM_TRIES:
            return int(pod)
        share = warmth(columns, proxy, pod, now)
        if share >= 1.0:
            return int(pod)
        words = block(settings.key_low, settings.key_high, WARM_UP, entity(stream, number), (nth << 8) | tries)
        if uniform(words[0]) < share:
            return int(pod)
        first, second = uniform(words[1]), uniform(words[2])
        tries += 1


@rule
def pick_another(
    columns: Columns,
    proxy: int,
    pool: int,
    stream: int,
    number: int,
    nth: int,
    user: int,
    first: float,
    second: float,
    now: int,
    avoided: int,
) -> int:
    """The pod that the balancer chooses, and not the avoided one if the proxy knows another; -1 avoids none.

    A balancer that insists on the avoided pod (a user's own, the least busy) is overruled by the next on the list.
    """
    settings, routes, picks = columns.settings, columns.routes, 0
    while True:
        pod = pick(columns, proxy, pool, stream, number, nth, user, first, second, now)
        if pod != avoided or routes.listed[proxy, pool] == 1:
            return pod
        if picks == OTHER_PICKS:
            return next_listed(columns, proxy, pool, pod)
        words = block(settings.key_low, settings.key_high, ANOTHER_POD, entity(stream, number), (nth << 8) | picks)
        first, second = uniform(words[0]), uniform(words[1])
        picks += 1


@rule
def next_listed(columns: Columns, proxy: int, pool: int, pod: int) -> int:
    """The pod behind this one on the proxy's list, the first behind the last."""
    routes = columns.routes
    listed = routes.listed[proxy, pool]
    for place in range(listed - 1):
        if routes.endpoint[proxy, pool, place] == pod:
            return routes.endpoint[proxy, pool, place + 1]  # type: ignore[no-any-return]
    return routes.endpoint[proxy, pool, 0]  # type: ignore[no-any-return]
