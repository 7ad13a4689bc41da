"""The one arrow from what a person writes to the resolved scenario: nothing else makes one."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from pydantic import BaseModel

from sim import units
from sim.metric_faults import Faults
from sim.scenario import resolved
from sim.scenario.defaults import defaults_used, least_trusted_first
from sim.scenario.document import Document, Trail, part, show_trail, with_part
from sim.scenario.expectations import expectation
from sim.scenario.extends import extended
from sim.scenario.guesses import guesses_in, still_there
from sim.scenario.horizon import horizon, indifferent, slo_requests
from sim.scenario.model import release, service, study, traffic
from sim.scenario.model.long_lived import LongLived
from sim.scenario.model.written import FORMAT, Written
from sim.scenario.ranges import Range
from sim.scenario.repeating import idle_repeats
from sim.scenario.resolved import Default, Ranged, Scenario
from sim.scenario.validate import validated
from sim.scenario.weather import surges_of

LEVEL = ((0, 1.0),)
"""The profile of a stream whose own arrivals decide how often requests come."""


def resolve(document: Document) -> Scenario:
    """The scenario of a document, every field explicit; raises ScenarioError with all problems at once."""
    document = extended(document)
    written, ranges = validated(document)
    idle = idle_repeats(written)
    defaults = [each for each in defaults_used(written) if each.path not in map(show_trail, idle)]
    complete, computed = _completed(written, document.file)
    told = {each.path for each in computed}
    whole = _document(complete, ranges, idle)
    conditions = tuple(resolved.Condition(name=name, **_fields(each)) for name, each in complete.conditions.items())
    return Scenario(
        name=str(complete.name),
        question=complete.question,
        service=_service(complete.service),
        nodes=resolved.Nodes(**_fields(complete.nodes)),
        dependencies=tuple(
            resolved.Dependency(name=name, **_fields(each)) for name, each in complete.dependencies.items()
        ),
        traffic=_traffic(complete.traffic, complete.slo, conditions),
        observed=_observed(complete.observed),
        conditions=conditions,
        release=_release(complete),
        oncall=resolved.OnCall(**_fields(complete.oncall)) if complete.oncall else None,
        scraping=_scraping(complete.telemetry),
        gates=dict(complete.gates),
        strategies=tuple(_strategy(name, each) for name, each in complete.strategies.items()),
        prices=resolved.Prices(**_fields(complete.prices)) if complete.prices else None,
        slo=_slo(complete.slo, assumed=written.slo.requests is None),
        study=resolved.Study(**_fields(complete.study)),
        expect=tuple(expectation(each) for each in complete.expect),
        ranges=tuple(Ranged(path=show_trail(each.trail), **_texts(each)) for each in ranges),
        defaults=least_trusted_first([*computed, *(each for each in defaults if each.path not in told)]),
        document=whole,
        guesses=guesses_in(whole),
        readings={show_trail(trail): words for trail, words in document.readings.items()},
    )


def _scraping(part: traffic.Telemetry) -> resolved.Scraping:
    stale, noise = part.stale, part.noise
    faults = Faults(
        missing=part.missing,
        stale_every=stale.every if stale else 0,
        stale_lasts=stale.lasts if stale else 0,
        **(_fields(noise) if noise else {}),
    )
    return resolved.Scraping(every=part.scrape, delay=part.delay, faults=faults)


def _fields(part: BaseModel) -> dict[str, Any]:
    """A part's fields as they are, none turned into plain data."""
    return {name: getattr(part, name) for name in type(part).model_fields}


def _texts(ranged: Range) -> dict[str, str]:
    return {corner: str(getattr(ranged, corner)) for corner in ("low", "likely", "high")}


def _completed(written: Written, file: str) -> tuple[Written, list[Default]]:
    """The scenario with what is computed put in, and what was."""
    computed: list[Default] = []

    def note(path: str, value: str, origin: str, trust: str) -> None:
        computed.append(Default(path=path, value=value, origin=origin, trust=trust))

    wanted: dict[str, Any] = {}
    if written.study.horizon is None:
        wanted["horizon"], words = horizon(written)
        note("study.horizon", units.show_duration(wanted["horizon"]), words, "medium")
    requests = written.slo.requests
    if requests is None:
        requests = slo_requests(written)
        origin = "assumed: the profile's mean rate over the SLO's window"
        note("slo.requests", units.show_count(requests), origin, "low")
    if written.study.indifferent is None:
        wanted["indifferent"] = indifferent(written, requests)
        note("study.indifferent", f"{wanted['indifferent']:g}", "computed: 0.05 % of the SLO's budget", "medium")
    if written.study.half_width is not None and "precision" not in written.study.model_fields_set:
        wanted["precision"] = None
    back = written.service.autoscaler.remembers() if written.service.autoscaler.kind != "none" else 0
    if back > written.study.warm_up:
        wanted["warm_up"] = back
        note("study.warm_up", units.show_duration(back), "computed: so far back the autoscaler looks", "high")
    nodes = written.nodes
    if nodes.kubernetes == "1.28" and "detection" not in nodes.model_fields_set:
        nodes = nodes.model_copy(update={"detection": 40 * units.SECOND})
        note("nodes.detection", "40s", "Kubernetes 1.28: node-monitor-grace-period", "high")
    name = written.name or PurePath(file).stem
    update = {
        "nodes": nodes,
        "name": name,
        "study": written.study.model_copy(update=wanted),
        "slo": written.slo.model_copy(update={"requests": requests}),
    }
    return written.model_copy(update=update), computed


def _service(written: service.Service) -> resolved.Service:
    fields = _fields(written)
    pod, system = fields.pop("pod"), fields.pop("os")
    fields |= _fields(fields.pop("disruption")) | {"quota": resolved.Quota(**_fields(written.quota))}
    fields["readiness"] = resolved.Probe(**_fields(written.readiness))
    for health in ("startup", "liveness"):
        fields[health] = _health(getattr(written, health))
    fields["outliers"] = resolved.Outliers(**_fields(written.outliers)) if written.outliers else None
    fields["restarts"] = resolved.Restarts(**_fields(written.restarts))
    fields["shutdown"] = resolved.Shutdown(**_fields(written.shutdown))
    containers = tuple(resolved.Container(name=name, **_fields(each)) for name, each in pod.items())
    return resolved.Service(containers=containers, node_selector_os=system, **fields)


def _health(written: service.Health | str) -> resolved.Probe | None:
    if isinstance(written, str):
        return None
    return resolved.Probe(**_fields(written) | {"successes": 1, "grace": written.grace or None})


def _traffic(written: traffic.Traffic, slo: study.SLO, conditions: tuple[resolved.Condition, ...]) -> resolved.Traffic:
    streams = tuple(
        resolved.Stream(
            name=name,
            objective=slo.latency.get(name, 0),
            profile=None if each.peak is not None else LEVEL,
            **_fields(each) | {"peak": each.rate, "long_lived": _long_lived(each.long_lived)},
        )
        for name, each in written.streams.items()
    )
    users = written.users
    return resolved.Traffic(
        users=users.count,
        user_skew=users.skew,
        sticky=users.sticky,
        profile=written.profile.points,
        streams=streams,
        on_client_gone=written.on_client_gone,
        connections=resolved.Connections(**_fields(written.connections)) if written.connections else None,
        surges=tuple(surges_of(conditions, streams, written.profile.points)),
    )


def _long_lived(written: LongLived | None) -> resolved.LongLived | None:
    if written is None:
        return None
    return resolved.LongLived(length=written.length, **_fields(written.reconnect))


def _observed(written: traffic.Observed | None) -> resolved.Observed | None:
    if written is None:
        return None
    return resolved.Observed(**_fields(written) | {"at": written.at or 0.0})


def _release(written: Written) -> resolved.Release:
    source = written.release
    containers = []
    for name, container in written.service.pod.items():
        changed = source.version.containers.get(name, release.ContainerChange())
        changes = {field: value for field, value in _fields(changed).items() if value is not None}
        containers.append(resolved.Container(name=name, **_fields(container) | changes))
    return resolved.Release(
        baseline_errors=source.baseline_errors,
        baseline_repeats=source.baseline_repeats,
        containers=tuple(containers),
        service_factor=source.version.work,
        calls=dict(source.version.calls),
        change_failure_rate=source.change_failure_rate,
        errors=source.version.baseline_errors,
        defects=tuple(resolved.Defect(name=name, **_fields(each)) for name, each in source.defects.items()),
        effects=tuple(resolved.Planned(name=name, **_fields(each)) for name, each in source.effects.items()),
    )


def _strategy(name: str, kind: Any) -> resolved.Strategy:
    gate = getattr(kind, "gate", None)
    dry = getattr(kind, "dry", None) or ()
    return resolved.Strategy(name=name, strategy=kind, gate=None if gate == "none" else gate, dry=tuple(dry))


def _slo(written: study.SLO, *, assumed: bool) -> resolved.SLO:
    return resolved.SLO(**_fields(written) | {"latency": dict(written.latency)}, requests_assumed=assumed)


def _document(complete: Written, ranges: list[Range], idle: tuple[Trail, ...]) -> dict[str, Any]:
    """The resolved scenario as plain data that is itself a scenario, without what changes nothing."""
    dumped: dict[str, Any] = complete.model_dump(mode="json", exclude_none=True) | {"rollrisk": FORMAT}
    if complete.oncall is None:
        dumped["oncall"] = "none"
    data: Any = {name: dumped[name] for name in Written.model_fields if name in dumped}
    for trail in idle:
        holder = part(data, trail[:-1])
        data = with_part(data, trail[:-1], {name: value for name, value in holder.items() if name != trail[-1]})
    for ranged in ranges:
        data = with_part(data, ranged.trail, {"low": ranged.low, "likely": ranged.likely, "high": ranged.high})
    return still_there(data)
