"""Rules on what runs today: the service, its nodes, its traffic and how they are seen."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from sim import units
from sim.errors import is_shown
from sim.scenario.mending import NAMED
from sim.scenario.model.service import pod_request
from sim.scenario.model.written import Written
from sim.scenario.rules.rule import Breach, Rule, reads
from sim.scenario.words import LONGEST_NAME, NAME


@reads("rollrisk")
def names_are_plain(written: Written) -> Iterator[Breach]:
    """Names stand in commands, files and measures."""
    for trail in NAMED:
        holder: Any = written
        for step in trail:
            holder = getattr(holder, str(step), None)
        for name in holder or {}:
            if not NAME.fullmatch(name):
                yield (*trail, name), "a name has letters, figures, '-' and '_', and begins with a letter or figure"


@reads("name", "question")
def title_and_question_can_be_shown(written: Written) -> Iterator[Breach]:
    """They stand in terminals, file names and pages, where a control sign could hide or forge what follows."""
    for field, lines in (("name", ""), ("question", "\n")):
        text = getattr(written, field) or ""
        odd = next((sign for sign in text if sign not in lines and not is_shown(sign)), None)
        if odd is not None:
            yield (
                (field,),
                f"holds the control character U+{ord(odd):04X}; write plain text" + ("" if lines else ", one line"),
            )
    if len(written.name or "") > LONGEST_NAME:
        yield ("name",), f"has {len(written.name or ''):,} characters; allowed: up to {LONGEST_NAME}"


@reads("service")
def a_pod_has_a_container_that_serves(written: Written) -> Iterator[Breach]:
    """Init containers end before the pod serves."""
    pod = written.service.pod
    if all(container.init or container.sidecar for container in pod.values()):
        yield ("service", "pod"), "has only init containers and sidecars; one container must serve requests"
    for name, container in pod.items():
        if container.init and container.sidecar:
            yield ("service", "pod", name), "is init and sidecar; write one of them"
        if name == "work":
            yield ("service", "pod", name), "'work' is taken; call the container otherwise"


MOST_AT_ONCE = 500_000


@reads("service", "traffic")
def connections_fit(written: Written) -> Iterator[Breach]:
    """As many long-lived connections are open at the peak as come a second times the seconds they last."""
    service, streams = written.service, written.traffic.streams
    held = {
        name: stream.rate * stream.long_lived.length.mean() / units.SECOND
        for name, stream in streams.items()
        if stream.long_lived is not None
    }
    open_at_once = sum(held.values())
    if service.max_connections is not None and not held:
        found = "no stream has long-lived connections; write long_lived: {length: 20m} in one, or leave this out"
        yield ("service", "max_connections"), found
    elif open_at_once > MOST_AT_ONCE:
        found = f"{open_at_once:,.0f} connections would be open at once; allowed: up to {MOST_AT_ONCE:,}"
        yield (
            ("traffic", "streams", next(iter(held)), "long_lived"),
            f"{found}; play a part of the service: fewer pods and less traffic in the same proportion",
        )
    elif service.max_connections is not None and open_at_once > service.max_connections * service.replicas:
        least = math.ceil(open_at_once / service.replicas)
        found = f"{open_at_once:,.0f} connections are open at the peak (opened per second times how long they last)"
        yield ("service", "max_connections"), f"{found}, so {service.replicas} pods need at least {least:,} each"


@reads("service", "nodes")
def a_pod_fits_on_an_empty_node(written: Written) -> Iterator[Breach]:
    """Otherwise nothing ever runs."""
    service, nodes = written.service, written.nodes
    for resource, show in (("cpu", units.show_cpu), ("memory", units.show_size)):
        needed = pod_request([(getattr(each, resource), each.init, each.sidecar) for each in service.pod.values()])
        room = getattr(nodes, resource)
        if needed > room:
            yield ("service", "pod"), f"one pod requests {show(needed)} of {resource}; a node has {show(room)}"
    if service.os != nodes.os:
        yield ("service", "os"), f"the service wants {service.os}, the nodes run {nodes.os}"


@reads("service")
def restarts_take_time(written: Written) -> Iterator[Breach]:
    """A wait of 0 would start a container for ever at one instant."""
    if written.service.restarts.first <= 0:
        yield ("service", "restarts", "first"), "must be longer than 0"
    if written.service.restarts.longest < written.service.restarts.first:
        yield ("service", "restarts", "longest"), "is shorter than the first wait"
    if written.service.progress_deadline <= 0:
        yield ("service", "progress_deadline"), "must be longer than 0"


@reads("service")
def probes_come_to_an_end(written: Written) -> Iterator[Breach]:
    """The clock counts nanoseconds in 63 bits."""
    for name in ("readiness", "startup", "liveness"):
        probe = getattr(written.service, name)
        for counted in ("failures", "successes"):
            times = getattr(probe, counted, 1)
            if times * getattr(probe, "every", 0) > units.LONGEST:
                yield ("service", name, counted), f"{times} times every {units.show_duration(probe.every)} is for ever"


@reads("service")
def a_balancer_that_keeps_users_starts_no_endpoint_slowly(written: Written) -> Iterator[Breach]:
    """Passed over, a user's pod is chosen again; Envoy knows slow start for round robin and least request only."""
    service = written.service
    if service.slow_start > 0 and getattr(service.balancer, "keeps_users", False):
        yield (
            ("service", "slow_start"),
            f"balancer {service.balancer.kind} keeps each user on one pod and cannot send a new pod fewer requests; "
            "leave slow_start out, or write balancer: round_robin, least_request, two_choices or random",
        )


@reads("nodes")
def a_pool_that_grows_has_room_to_grow(written: Written) -> Iterator[Breach]:
    """A most below the count would be a pool that shrinks."""
    nodes = written.nodes
    if nodes.most and nodes.most < nodes.count:
        yield ("nodes", "most"), f"is below the {nodes.count} nodes there are; 0 means that the pool does not grow"


@reads("service")
def the_size_lies_within_the_autoscalers_bounds(written: Written) -> Iterator[Breach]:
    """Otherwise it would be changed at once, release or not."""
    service = written.service
    if service.autoscaler.kind != "none":
        fewest, most = service.autoscaler.bounds()
        if not fewest <= service.replicas <= most:
            what = f"{service.replicas} is outside the autoscaler's bounds, {fewest} to {most}"
            yield ("service", "replicas"), what


@reads("service", "study")
def the_warm_up_is_as_long_as_an_autoscaler_remembers(written: Written) -> Iterator[Breach]:
    """A shorter one would let it shrink the service late, for want of a past."""
    scaler, study = written.service.autoscaler, written.study
    if scaler.kind != "none" and "warm_up" in study.model_fields_set and study.warm_up < scaler.remembers():
        least = units.show_duration(scaler.remembers())
        yield ("study", "warm_up"), f"must be at least {least}, so far back the autoscaler looks; or leave it out"


@reads("traffic")
def someone_asks(written: Written) -> Iterator[Breach]:
    """A scenario without a request answers nothing."""
    traffic = written.traffic
    follow = all(stream.peak is not None for stream in traffic.streams.values())
    if follow and not any(share > 0 for _, share in traffic.profile.points):
        yield ("traffic", "profile"), "is 0 % throughout; no request would ever come"
    if not any(stream.rate > 0 for stream in traffic.streams.values()):
        yield ("traffic", "streams"), "every peak is 0; no request would ever come"


@reads("observed")
def a_dashboard_shows_something(written: Written) -> Iterator[Breach]:
    """An empty comparison would pass unseen."""
    seen = written.observed
    if seen and (seen.success, seen.p50, seen.p95, seen.p99) == (None, None, None, None):
        yield ("observed",), "holds no figure to compare with; write success, p50, p95 or p99"


RULES: tuple[Rule, ...] = (
    names_are_plain,
    title_and_question_can_be_shown,
    a_pod_has_a_container_that_serves,
    connections_fit,
    a_pod_fits_on_an_empty_node,
    restarts_take_time,
    probes_come_to_an_end,
    a_balancer_that_keeps_users_starts_no_endpoint_slowly,
    a_pool_that_grows_has_room_to_grow,
    the_size_lies_within_the_autoscalers_bounds,
    the_warm_up_is_as_long_as_an_autoscaler_remembers,
    someone_asks,
    a_dashboard_shows_something,
)
