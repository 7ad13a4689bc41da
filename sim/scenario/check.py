"""Rules that hold between sections: one function each, all asked, every breach told at its place.

A rule names the sections it reads; it is asked when those were read without fault, so that a mistake in one section
hides nothing of another.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sim import units
from sim.scenario.document import Trail
from sim.scenario.expectations import bound_of
from sim.scenario.model.parts import nearest
from sim.scenario.model.written import Written
from sim.scenario.words import GIVEN, NAME, TAKEN_CASES, TAKEN_STRATEGIES, measures

Breach: TypeAlias = tuple[Trail, str]
Check: TypeAlias = Callable[[Written], Iterator[Breach]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A check and the sections it reads."""

    sections: frozenset[str]
    check: Check


RULES: list[Rule] = []
_NAMED = (
    ("service", "pod"),
    ("dependencies",),
    ("traffic", "streams"),
    ("conditions",),
    ("release", "defects"),
    ("gates",),
    ("strategies",),
)


def breaches(written: Written, sound: frozenset[str]) -> Iterator[Breach]:
    """All breaches of the rules whose sections are sound."""
    for rule in RULES:
        if rule.sections <= sound:
            yield from rule.check(written)


def reads(*sections: str) -> Callable[[Check], Check]:
    """Enrol a rule with the sections it reads."""

    def enrol(check: Check) -> Check:
        RULES.append(Rule(frozenset(sections), check))
        return check

    return enrol


def _unknown(word: str, what: str, known: Sequence[str]) -> str:
    listed = ", ".join(known) if known else "none is written"
    return f"there is no {what} '{word}'; known: {listed}{nearest(word, known)}"


@reads("rollrisk")
def names_are_plain(written: Written) -> Iterator[Breach]:
    """Names stand in commands, files and measures."""
    for trail in _NAMED:
        holder: Any = written
        for step in trail:
            holder = getattr(holder, step, None)
        for name in holder or {}:
            if not NAME.fullmatch(name):
                yield (*trail, name), "a name has letters, figures, '-' and '_', and begins with a letter or figure"


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


@reads("service", "nodes")
def a_pod_fits_on_an_empty_node(written: Written) -> Iterator[Breach]:
    """Otherwise nothing ever runs."""
    service, nodes = written.service, written.nodes
    for resource, show in (("cpu", units.show_cpu), ("memory", units.show_size)):
        needed = pod_request([getattr(each, resource) for each in service.pod.values() if not each.init])
        room = getattr(nodes, resource)
        if needed > room:
            yield ("service", "pod"), f"one pod requests {show(needed)} of {resource}; a node has {show(room)}"
    if service.os != nodes.os:
        yield ("service", "os"), f"the service wants {service.os}, the nodes run {nodes.os}"


def pod_request(requests: Sequence[int]) -> int:
    """What a pod requests of a node: the sum over its containers."""
    return sum(requests)


@reads("service")
def probes_take_time(written: Written) -> Iterator[Breach]:
    """A period of 0 would probe for ever at one instant."""
    if written.service.readiness.every <= 0:
        yield ("service", "readiness", "every"), "must be longer than 0"
    if written.service.progress_deadline <= 0:
        yield ("service", "progress_deadline"), "must be longer than 0"


@reads("telemetry")
def scrapes_take_time(written: Written) -> Iterator[Breach]:
    """A scrape interval of 0 would scrape for ever at one instant."""
    if written.telemetry.scrape <= 0:
        yield ("telemetry", "scrape"), "must be longer than 0"


@reads("traffic")
def someone_asks(written: Written) -> Iterator[Breach]:
    """A scenario without a request answers nothing."""
    traffic = written.traffic
    if not any(share > 0 for _, share in traffic.profile.points):
        yield ("traffic", "profile"), "is 0 % throughout; no request would ever come"
    if not any(stream.peak > 0 for stream in traffic.streams.values()):
        yield ("traffic", "streams"), "every peak is 0; no request would ever come"


@reads("observed")
def a_dashboard_shows_something(written: Written) -> Iterator[Breach]:
    """An empty comparison would pass unseen."""
    seen = written.observed
    if seen and (seen.success, seen.p50, seen.p95, seen.p99) == (None, None, None, None):
        yield ("observed",), "holds no figure to compare with; write success, p50, p95 or p99"


@reads("release")
def bad_releases_have_a_way_to_be_bad(written: Written) -> Iterator[Breach]:
    """The shares of the defects are the shares of the bad releases."""
    release = written.release
    shares = [defect.share for defect in release.defects.values()]
    if release.change_failure_rate > 0 and not shares:
        yield ("release",), "some releases are bad, and no defect says how; write defects: …"
    if shares and not math.isclose(sum(shares), 1.0, abs_tol=1e-6):
        listed = " + ".join(units.write_share(share) for share in shares)
        yield ("release", "defects"), f"the shares sum to {units.show_share(sum(shares))} ({listed}), not to 100 %"
    for name in release.defects:
        if name in TAKEN_CASES:
            yield ("release", "defects", name), f"'{name}' is taken; call the defect otherwise"


@reads("release", "service")
def the_new_version_changes_containers_there_are(written: Written) -> Iterator[Breach]:
    """A change of what is not there would change nothing."""
    for name in written.release.version.containers:
        if name not in written.service.pod:
            known = ["work", *written.service.pod]
            yield ("release", "version", name), _unknown(name, "container", known)


@reads("release", "service", "nodes")
def the_new_pod_fits_on_an_empty_node(written: Written) -> Iterator[Breach]:
    """Otherwise the release can only be stuck, which is for a defect to say."""
    for resource, show in (("cpu", units.show_cpu), ("memory", units.show_size)):
        changed = written.release.version.containers
        requests = []
        for name, container in written.service.pod.items():
            change = getattr(changed.get(name), resource, None)
            requests += [] if container.init else [getattr(container, resource) if change is None else change]
        needed, room = pod_request(requests), getattr(written.nodes, resource)
        if changed and needed > room:
            yield ("release", "version"), f"one new pod requests {show(needed)} of {resource}; a node has {show(room)}"


@reads("release", "conditions", "traffic")
def failures_name_streams_there_are(written: Written) -> Iterator[Breach]:
    """A stream misspelt would hurt nobody."""
    known = list(written.traffic.streams)
    for section, parts in (("release", written.release.defects), ("", written.conditions)):
        top: Trail = ("release", "defects") if section else ("conditions",)
        for name, part in parts.items():
            for place, stream in enumerate(getattr(part.failure, "streams", ())):
                if stream not in known:
                    yield (*top, name, "streams", place), _unknown(stream, "stream", known)


@reads("slo", "traffic")
def objectives_name_streams_there_are(written: Written) -> Iterator[Breach]:
    """An objective for no stream would never be missed."""
    for stream, objective in written.slo.latency.items():
        if stream not in written.traffic.streams:
            yield ("slo", "latency", stream), _unknown(stream, "stream", list(written.traffic.streams))
        if objective <= 0:
            yield ("slo", "latency", stream), "must be longer than 0"


@reads("slo")
def the_promise_leaves_a_budget(written: Written) -> Iterator[Breach]:
    """100 % leaves nothing to burn."""
    if not 0.0 < written.slo.success < 1.0:
        yield ("slo", "success"), "must be above 0 % and below 100 %: a promise of 100 % has no error budget"
    if written.slo.window <= 0:
        yield ("slo", "window"), "must be longer than 0"
    if written.slo.requests is not None and written.slo.requests <= 0:
        yield ("slo", "requests"), "must be more than 0"


@reads("oncall")
def the_page_has_a_level(written: Written) -> Iterator[Breach]:
    """A level of 0 would page on a good day."""
    if written.oncall and not 0.0 < written.oncall.notices_at < 1.0:
        yield ("oncall", "notices_at"), "must be above 0 % and below 100 %"
    if written.oncall and written.oncall.window <= 0:
        yield ("oncall", "window"), "must be longer than 0"


@reads("strategies", "gates")
def strategies_name_gates_there_are(written: Written) -> Iterator[Breach]:
    """A gate misspelt would let everything pass."""
    for name, strategy in written.strategies.items():
        gate = getattr(strategy, "gate", None)
        if gate not in (None, "none") and gate not in written.gates:
            yield ("strategies", name, "gate"), _unknown(gate, "gate", list(written.gates))
        if name in TAKEN_STRATEGIES:
            yield ("strategies", name), f"'{name}' is taken; call the strategy otherwise"


@reads("strategies")
def a_rolling_update_may_move(written: Written) -> Iterator[Breach]:
    """Kubernetes refuses a Deployment with neither an extra nor a missing pod."""
    for name, strategy in written.strategies.items():
        surge, unavailable = getattr(strategy, "surge", None), getattr(strategy, "unavailable", None)
        if surge and unavailable and not any((each.count or each.share) for each in (surge, unavailable)):
            yield ("strategies", name), "surge and unavailable are both 0; no pod could ever be replaced"


@reads("strategies", "release")
def smoke_tests_catch_defects_there_are(written: Written) -> Iterator[Breach]:
    """A defect misspelt would never be caught."""
    for name, strategy in written.strategies.items():
        for defect in getattr(getattr(strategy, "smoke_test", None), "catches", {}):
            if defect not in written.release.defects:
                trail = ("strategies", name, "smoke_test", "catches", defect)
                yield trail, _unknown(defect, "defect", list(written.release.defects))


@reads("study", "traffic")
def a_study_can_be_played(written: Written) -> Iterator[Breach]:
    """Times, shares and counts that make sense together."""
    study = written.study
    for name in ("horizon", "window", "precision", "half_width"):
        value = getattr(study, name)
        if value is not None and value <= 0:
            yield ("study", name), "must be more than 0"
    if study.horizon and study.horizon < study.window:
        yield ("study", "horizon"), f"is shorter than one window of {units.show_duration(study.window)}"
    if not 0.5 <= study.confidence < 1.0:
        yield ("study", "confidence"), "must be at least 50 % and below 100 %"
    if study.pilot > study.cap:
        yield ("study", "cap"), f"is below the pilot of {study.pilot} replications"
    known = measures(list(written.traffic.streams))
    if study.decide_by not in known:
        yield ("study", "decide_by"), _unknown(study.decide_by, "measure", known)


@reads("expect", "traffic", "strategies", "release")
def expectations_name_what_there_is(written: Written) -> Iterator[Breach]:
    """A criterion on nothing would never fail."""
    known = measures(list(written.traffic.streams))
    cases = [*GIVEN, *written.release.defects]
    for place, line in enumerate(written.expect):
        if line.measure not in known:
            yield ("expect", place, "measure"), _unknown(line.measure, "measure", known)
        if line.strategy not in ("any", *written.strategies):
            yield ("expect", place, "strategy"), _unknown(line.strategy, "strategy", ["any", *written.strategies])
        for key in ("given", "during"):
            word = getattr(line, key)
            if word is not None and word not in cases:
                yield ("expect", place, key), _unknown(word, "case", cases)
        for statistic, bound in line.bounds().items():
            try:
                bound_of(bound)
            except ValueError as error:
                yield ("expect", place, statistic), str(error)
