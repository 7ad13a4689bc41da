"""What a pencil can tell before anything is simulated: what the fleet carries, where it is tight, who is blind."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from sim import units
from sim.rollout_plan import plan_of
from sim.scenario.blindness import blind_spots
from sim.scenario.demand import dependency_use, fleet_use, highest_rate, requests_played, surge_heights
from sim.scenario.lateness import shown_too_late
from sim.scenario.misread import misread
from sim.scenario.model.service import pod_request
from sim.scenario.model.written import IDLE
from sim.scenario.pods_in_time import too_slow
from sim.scenario.resolved import Container, Scenario
from sim.scenario.side_by_side import shortages
from sim.scenario.strictness import too_strict
from sim.scenario.unplayed import unplayed

TIGHT = 0.8
"""Use above which queues grow fast; a warning, not a law."""
PROFILE = "traffic.profile"
WITHIN_GRACE = 10 * units.SECOND
"""Left between preStop and the end of the grace that is suggested, for requests under way."""
ANY_NUMBER = 10**6
"""Of pods on a node, where they ask for nothing."""
FAR = 1.5
"""A share so many times what was asked for, or as many times less, is another experiment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyUse:
    """Connections the fleet holds of one dependency."""

    name: str
    held: int  # by the stable fleet
    held_at_most: int  # while both fleets stand in full
    limit: int
    use_at_peak: float | None  # share of its slots; None: it takes all calls that come


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetArithmetic:
    """The fleet at its peak; rates in requests per second, uses as shares (1.0 is full)."""

    work: dict[str, float]  # mean seconds of work per request, by stream
    peak_rate: float
    pod_rate: float  # one pod carries so much of this mix
    fleet_rate: float
    use_at_peak: float
    use_with_node_less: float  # at once, before lost pods start elsewhere; inf: no pod is left
    pods_per_node: int  # that fit by their requests
    places: int  # for pods, in the whole cluster
    dependencies: tuple[DependencyUse, ...]
    requests_played: float  # expected in one replication, warm-up apart
    warnings: tuple[str, ...]


def fleet_arithmetic(scenario: Scenario) -> FleetArithmetic:
    """The arithmetic of a scenario; nothing is simulated."""
    service, streams = scenario.service, scenario.traffic.streams
    work = {stream.name: stream.work.mean() / units.SECOND for stream in streams}
    peaks = [(stream, highest_rate(scenario, stream)) for stream in streams]
    asked, whole = sum(rate for _, rate in peaks), fleet_use(scenario, peaks, pods=1)
    pod_rate = asked / whole if whole else math.inf
    lost = math.ceil(service.replicas / scenario.nodes.count)
    fit = pods_that_fit(scenario, service.containers)
    numbers = {
        "work": work,
        "peak_rate": asked,
        "pod_rate": pod_rate,
        "fleet_rate": pod_rate * service.replicas,
        "use_at_peak": fleet_use(scenario, peaks, pods=service.replicas),
        "use_with_node_less": fleet_use(scenario, peaks, pods=service.replicas - lost),
        "pods_per_node": fit,
        "places": fit * max(scenario.nodes.count, scenario.nodes.most),
        "dependencies": _dependencies(scenario),
        "requests_played": requests_played(scenario),
    }
    found = FleetArithmetic(**numbers, warnings=())  # type: ignore[arg-type]
    warnings = (*_warnings(scenario, found), *blind_spots(scenario), *shown_too_late(scenario), *unplayed(scenario))
    return FleetArithmetic(**numbers, warnings=warnings)  # type: ignore[arg-type]


def pods_that_fit(scenario: Scenario, containers: tuple[Container, ...]) -> int:
    """Pods of these containers on one empty node, by their requests."""
    cpu = pod_request([(container.cpu, container.init, container.sidecar) for container in containers])
    memory = pod_request([(container.memory, container.init, container.sidecar) for container in containers])
    by_cpu = scenario.nodes.cpu // cpu if cpu else math.inf
    by_memory = scenario.nodes.memory // memory if memory else math.inf
    most = min(by_cpu, by_memory)
    return int(most) if math.isfinite(most) else ANY_NUMBER


def _dependencies(scenario: Scenario) -> tuple[DependencyUse, ...]:
    pods = scenario.service.replicas
    most = max((_most_pods(scenario, each.strategy) for each in scenario.strategies), default=pods)
    peaks = [(stream, highest_rate(scenario, stream)) for stream in scenario.traffic.streams]
    return tuple(
        DependencyUse(
            name=each.name,
            held=each.per_pod * pods,
            held_at_most=each.per_pod * most,
            limit=each.connections,
            use_at_peak=dependency_use(each, peaks),
        )
        for each in scenario.dependencies
    )


def _most_pods(scenario: Scenario, strategy: object) -> int:
    """Pods of both fleets together, at most, that a strategy asks for."""
    return plan_of(strategy, scenario.service.replicas).most.pods


def _warnings(scenario: Scenario, found: FleetArithmetic) -> Iterator[str]:
    if found.use_at_peak >= TIGHT:
        yield f"the fleet is {units.show_share(found.use_at_peak)} busy at peak: queues grow fast above 80 %"
    if found.use_with_node_less > 1.0:
        use = "no pod" if math.isinf(found.use_with_node_less) else f"{found.use_with_node_less:.0%} use"
        yield f"with one node less the fleet cannot carry the peak ({use})"
    if found.places < scenario.service.replicas:
        yield f"only {found.places} of {scenario.service.replicas} pods fit on the nodes: the rest stays Pending"
    else:
        for each in scenario.strategies:
            most = _most_pods(scenario, each.strategy)
            if most > found.places:
                yield f"{each.name} asks for up to {most} pods, {found.places} fit: the rest stays Pending"
    for dependency, asked in zip(scenario.dependencies, found.dependencies, strict=True):
        if asked.held_at_most > asked.limit:
            whose, many = "both fleets together ask", asked.held_at_most
            if asked.held > asked.limit:
                whose, many = "the fleet alone asks", asked.held
            beyond = "crash" if dependency.beyond == "crash" else "are not ready"
            yield f"{asked.name}: {whose} for {many} connections of {asked.limit}: pods beyond it {beyond}"
        if asked.use_at_peak is not None and asked.use_at_peak >= TIGHT:
            yield f"{asked.name} is {_share(asked.use_at_peak)} busy at peak: calls queue, and hold slots of pods"
    yield from _never_ships(scenario)
    yield from misread(scenario)
    yield from _rounded_weights(scenario)
    yield from _surges_too_large(scenario)
    yield from _recordings_too_short(scenario)
    yield from _profile_too_short(scenario)
    yield from _pre_stop_cut_off(scenario)
    yield from _too_late(scenario)
    yield from _watched_too_briefly(scenario)
    for section in IDLE:
        if section in scenario.document:
            yield f"{section}: is kept, and has no effect yet"


def _never_ships(scenario: Scenario) -> Iterator[str]:
    """Strategies that lose good releases: pods that cannot stand beside each other or come too late, a strict gate."""
    for each in scenario.strategies:
        for short in shortages(scenario, each):
            yield f"{each.name} cannot ship: its pods do not fit the {short.limit}: {short.told}"
    yield from too_slow(scenario)
    yield from too_strict(scenario)


def _rounded_weights(scenario: Scenario) -> Iterator[str]:
    """Steps that weigh far from what was asked for, because pods are the weight and there are whole ones only."""
    replicas = scenario.service.replicas
    for each in scenario.strategies:
        if not hasattr(each.strategy, "reached"):
            continue
        for step, share in zip(each.strategy.steps, each.strategy.reached(replicas), strict=True):
            asked = getattr(step, "share", step.weight)
            if not asked / FAR <= share <= asked * FAR:
                weighs = f"new pods get {_share(share)} of the traffic" if share else "no pod is new"
                yield f"{each.name}: {units.show_share(asked)} of {replicas} pods cannot be had: {weighs}"


def _recordings_too_short(scenario: Scenario) -> Iterator[str]:
    """Streams that fall silent before the release has been watched to its end."""
    study = scenario.study
    for stream in scenario.traffic.streams:
        instants = stream.arrivals.instants()
        end = instants[-1] - study.warm_up if instants else study.horizon
        if end < study.horizon:
            when = "before the release" if end < 0 else f"{units.show_duration(end, units.SECOND)} after the release"
            rest = f"no request comes in the rest of {units.show_duration(study.horizon)}"
            yield f"{stream.name}: its recording ends {when}: {rest}"


def _profile_too_short(scenario: Scenario) -> Iterator[str]:
    """A file of counts that ends before the release has been watched: what follows is no recording any more."""
    study, points = scenario.study, scenario.traffic.profile
    end = points[-1][0]
    if PROFILE in scenario.readings and end < study.horizon:
        lasts, share = units.show_duration(end, units.SECOND), units.show_share(points[-1][1])
        brief = end < study.warm_up
        than = f" and is shorter than the warm-up of {units.show_duration(study.warm_up)}" if brief else ""
        yield (
            f"the profile ends {lasts} after the release{than}: traffic then stays at {share} of its peak for the "
            f"rest of {units.show_duration(study.horizon)}; give a longer file, or set study.horizon"
        )


def _pre_stop_cut_off(scenario: Scenario) -> Iterator[str]:
    """A preStop that takes the whole grace leaves nothing for the requests under way (the kubelet's killContainer)."""
    shutdown = scenario.service.shutdown
    if shutdown.pre_stop > 0 and shutdown.pre_stop >= shutdown.grace:
        pre_stop, grace = units.show_duration(shutdown.pre_stop), units.show_duration(shutdown.grace)
        wanted = units.show_duration(shutdown.pre_stop + WITHIN_GRACE)
        meets = "is cut off by" if shutdown.pre_stop > shutdown.grace else "takes all of"
        yield (
            f"the preStop of {pre_stop} {meets} the grace of {grace}: after SIGTERM Kubernetes leaves 2s and kills "
            "what still runs; let preStop end earlier, or raise terminationGracePeriodSeconds, here "
            f"service.shutdown.grace: {wanted}"
        )


def _too_late(scenario: Scenario) -> Iterator[str]:
    """Weather that would come when nobody looks any more."""
    for condition in scenario.conditions:
        if condition.at >= scenario.study.horizon:
            watched = units.show_duration(scenario.study.horizon)
            late = f"{units.show_duration(condition.at)} after the release, and {watched} are watched"
            yield f"{condition.name}: would strike {late}: it never comes"


def _watched_too_briefly(scenario: Scenario) -> Iterator[str]:
    """Strategies that still hold when nobody looks any more."""
    horizon = scenario.study.horizon
    for each in scenario.strategies:
        planned = getattr(each.strategy, "planned", None)
        held = planned(scenario.service.replicas) if planned else 0
        if held >= horizon:
            holds, watched = units.show_duration(held), units.show_duration(horizon)
            yield f"{each.name}: holds for {holds}, and {watched} are watched: not even a good release is seen to end"


def _surges_too_large(scenario: Scenario) -> Iterator[str]:
    """Surges under which the fleet, as large as today, or what it calls is busier than it should be."""
    for height in surge_heights(scenario):
        uses = [("the fleet", height.fleet), *height.dependencies]
        tight = [f"{what} is {_share(use)} busy" for what, use in uses if use >= TIGHT]
        if tight:
            yield f"{height.surge}: at its height {units.show_count(height.rate)} rps come, and {', '.join(tight)}"


def _share(use: float) -> str:
    return f"{use:.0%}".replace("%", " %")
