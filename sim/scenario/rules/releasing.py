"""Rules on what is released and how: the new version, its defects, strategies, gates and who is on call."""

from __future__ import annotations

import math
from collections.abc import Iterator

from sim import units
from sim.scenario.model.service import pod_request
from sim.scenario.model.written import Written
from sim.scenario.rules.rule import Breach, Rule, failures_in, reads, unknown
from sim.scenario.words import TAKEN_CASES, TAKEN_STRATEGIES


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
            yield ("release", "version", name), unknown(name, "container", known)


@reads("release", "service", "nodes")
def the_new_pod_fits_on_an_empty_node(written: Written) -> Iterator[Breach]:
    """Otherwise the release can only be stuck, which is for a defect to say."""
    for resource, show in (("cpu", units.show_cpu), ("memory", units.show_size)):
        changed = written.release.version.containers
        requests = []
        for name, container in written.service.pod.items():
            change = getattr(changed.get(name), resource, None)
            request = getattr(container, resource) if change is None else change
            requests.append((request, container.init, container.sidecar))
        needed, room = pod_request(requests), getattr(written.nodes, resource)
        if changed and needed > room:
            yield ("release", "version"), f"one new pod requests {show(needed)} of {resource}; a node has {show(room)}"


@reads("release", "conditions", "traffic")
def failures_name_streams_there_are(written: Written) -> Iterator[Breach]:
    """A stream misspelt would hurt nobody."""
    known = list(written.traffic.streams)
    for trail, failure in failures_in(written):
        for place, stream in enumerate(getattr(failure, "streams", ())):
            if stream not in known:
                yield (*trail, "streams", place), unknown(stream, "stream", known)


@reads("oncall")
def the_page_has_a_level(written: Written) -> Iterator[Breach]:
    """A level of 0 would page on a good day."""
    if written.oncall and not 0.0 < written.oncall.notices_at < 1.0:
        yield ("oncall", "notices_at"), "must be above 0 % and below 100 %"


@reads("strategies", "gates")
def strategies_name_gates_there_are(written: Written) -> Iterator[Breach]:
    """A gate misspelt would let everything pass."""
    for name, strategy in written.strategies.items():
        gate = getattr(strategy, "gate", None)
        if gate not in (None, "none") and gate not in written.gates:
            yield ("strategies", name, "gate"), unknown(gate, "gate", list(written.gates))
        for place, dry in enumerate(getattr(strategy, "dry", None) or ()):
            if dry not in written.gates:
                yield ("strategies", name, "dry", place), unknown(dry, "gate", list(written.gates))
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
                yield trail, unknown(defect, "defect", list(written.release.defects))


RULES: tuple[Rule, ...] = (
    bad_releases_have_a_way_to_be_bad,
    the_new_version_changes_containers_there_are,
    the_new_pod_fits_on_an_empty_node,
    failures_name_streams_there_are,
    the_page_has_a_level,
    strategies_name_gates_there_are,
    a_rolling_update_may_move,
    smoke_tests_catch_defects_there_are,
)
