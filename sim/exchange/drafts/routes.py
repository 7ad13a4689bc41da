"""What a mesh or a Gateway says of a service: timeouts, retries, ejection, balancing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sim import units
from sim.exchange.argo import strategy_of
from sim.exchange.binding import named, nearest
from sim.exchange.drafts.lines import Missed, Tree, found
from sim.exchange.fields import Field
from sim.exchange.manifests import Manifest
from sim.exchange.workloads import Target

_RETRIED = {
    "5xx": ("error", "503", "connect", "reset"), "gateway-error": ("503", "error"), "connect-failure": ("connect",),
    "refused-stream": ("503",), "unavailable": ("503",), "cancelled": ("reset",), "503": ("503",), "502": ("error",),
    "504": ("timeout",), "500": ("error",), "reset": ("reset",), "retriable-status-codes": ("503",),
    "deadline-exceeded": ("timeout",), "internal": ("error",), "reset-before-request": ("reset",),
}  # fmt: skip
_BALANCERS = {
    "ROUND_ROBIN": "round_robin", "LEAST_CONN": "least_request", "LEAST_REQUEST": "least_request", "RANDOM": "random",
}  # fmt: skip


def routes(target: Target, missed: list[Missed]) -> tuple[Tree, Tree]:
    """What to add to ``service`` and to the stream."""
    service: Tree = {}
    stream: Tree = {}
    for policy in _policies(target):
        service.update(_policy(policy, missed))
    for route in _http_routes(target):
        stream.update({key: part for key, part in _route(route, missed).items() if key not in stream})
    return service, stream


def virtual_services(target: Target) -> Iterator[Manifest]:
    """The VirtualServices that a Rollout names, then those that route to one of the target's Services."""
    _, strategy = strategy_of(target.owner.spec)
    istio = strategy.at("trafficRouting", "istio")
    names = [istio.at("virtualService", "name").text()]
    names += [each["name"].text() for each in istio["virtualServices"].items()]
    told = [named(target.found, target.owner, ("VirtualService",), (name or "").split("/")[-1]) for name in names]
    known = [each for each in told if each is not None]
    yield from known
    services = {each.name for each in target.services}
    for each in target.found.of("VirtualService"):
        if each not in known and services & set(_hosts(each)):
            yield each


def _hosts(virtual_service: Manifest) -> Iterator[str]:
    for http in virtual_service.spec["http"].items():
        for route in http["route"].items():
            yield (route.at("destination", "host").text() or "").split(".")[0]


def _http_routes(target: Target) -> Iterator[Field]:
    """Each place that may say a timeout and retries, of the first route of each object."""
    if target.tool == "Canary":
        yield target.owner.spec["service"]
    for each in virtual_services(target):
        yield each.spec["http"][0]
    services = {each.name for each in target.services}
    fitting = [
        each
        for each in target.found.of("HTTPRoute")
        if services & {ref["name"].text() for rule in each.spec["rules"].items() for ref in rule["backendRefs"].items()}
    ]
    one = nearest(fitting, target.owner)
    if one is not None:
        yield one.spec["rules"][0]


def _policies(target: Target) -> Iterator[Field]:
    """Every traffic policy: of a Canary's Service, of the DestinationRule for one of the target's Services."""
    if target.tool == "Canary":
        yield target.owner.spec.at("service", "trafficPolicy")
    services = {each.name for each in target.services}
    _, strategy = strategy_of(target.owner.spec)
    name = strategy.at("trafficRouting", "istio", "destinationRule", "name").text()
    own = named(target.found, target.owner, ("DestinationRule",), name)
    others = [
        each
        for each in target.found.of("DestinationRule")
        if (each.spec["host"].text() or "").split(".")[0] in services and each.spec["trafficPolicy"].there
    ]
    chosen = own or nearest(others, target.owner)
    if chosen is not None:
        yield chosen.spec["trafficPolicy"]


def _route(route: Field, missed: list[Missed]) -> Tree:
    tree: Tree = {}
    for place in (route["timeout"], route.at("timeouts", "request")):
        lasts = place.duration()
        if lasts:
            tree["timeout"] = found(units.show_duration(lasts), place)
    retries = route["retries"] if route["retries"].there else route["retry"]
    attempts = retries["attempts"].whole()
    if attempts is not None and attempts > 0:
        written: dict[str, object] = {"by": "proxy", "max": min(60, attempts), "on": _words(retries)}
        per_try = (
            retries["perTryTimeout"] if retries["perTryTimeout"].there else route.at("timeouts", "backendRequest")
        ).duration()
        if per_try:
            written["per_try"] = units.show_duration(per_try)
        tree["retries"] = found(written, retries)
    for key, told in (
        ("fault", "faults that are injected are not played"),
        ("mirror", "mirrored requests are not played"),
    ):
        if route[key].there:
            missed.append(Missed(route[key].spot, told, "low"))
    return tree


def _words(retries: Field) -> list[str]:
    """What is tried again, in the scenario's words; where nothing is written what Istio takes."""
    codes = [each.text() or "" for each in retries["codes"].items()]
    written = (retries["retryOn"].text() or ",".join(codes)).replace(" ", "").split(",")
    words = [word for each in written for word in _RETRIED.get(each, ())]
    return list(dict.fromkeys(words)) or ["connect", "503"]


def _policy(policy: Field, missed: list[Missed]) -> Tree:
    tree: Tree = {}
    outliers = _outliers(policy["outlierDetection"])
    if outliers:
        tree["outliers"] = outliers
    simple = policy.at("loadBalancer", "simple")
    if simple.text() in _BALANCERS:
        tree["balancer"] = found(_BALANCERS[simple.text() or ""], simple)
    if policy.at("loadBalancer", "consistentHash").there:
        tree["balancer"] = found("ring_hash", policy.at("loadBalancer", "consistentHash"))
    for key in ("warmupDurationSecs", "warmup"):
        place = policy.at("loadBalancer", key)
        place = place["duration"] if key == "warmup" else place
        if place.duration() and "balancer" in tree:
            tree["slow_start"] = found(units.show_duration(place.duration() or 0), place)
    most = policy.at("connectionPool", "http", "http2MaxRequests")
    if most.whole():
        tree["breaker"] = found(most.whole(), most)
    for place in _limits(policy):
        missed.append(Missed(place.spot, "this limit of the connection pool is not played", "medium"))
    return tree


def _outliers(written: Field) -> Tree:
    tree: Tree = {}
    places: Iterable[Field] = (written["consecutive5xxErrors"], written["consecutiveErrors"])
    for place in places:
        if place.whole():
            tree["after"] = found(place.whole(), place)
    if written["baseEjectionTime"].duration():
        lasts = units.show_duration(written["baseEjectionTime"].duration() or 0)
        tree["eject_for"] = found(lasts, written["baseEjectionTime"])
    if written["maxEjectionPercent"].whole() is not None:
        share = min(100, max(0, written["maxEjectionPercent"].whole() or 0))
        tree["most"] = found(f"{share}%", written["maxEjectionPercent"])
    return tree


def _limits(policy: Field) -> Iterator[Field]:
    pool = policy["connectionPool"]
    for group, key in (
        ("tcp", "maxConnections"), ("http", "http1MaxPendingRequests"), ("http", "maxRequestsPerConnection"),
    ):  # fmt: skip
        if pool.at(group, key).there:
            yield pool.at(group, key)
