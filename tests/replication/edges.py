"""Scenarios at the edges of the schema: every field that has a range, at its least, its most, or where it was."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st

from sim.doors import kinds, word_of
from sim.errors import ScenarioError
from sim.scenario import from_data
from sim.scenario.document import Trail, with_part
from sim.scenario.resolved import Scenario
from sim.scenario.schema import schema

BASE: dict[str, Any] = {
    "rollrisk": 1,
    "service": {
        "replicas": 3,
        "concurrency": 2,
        "outliers": {},
        "breaker": 50,
        "readiness": {},
        "liveness": {},
        "pod": {"app": {"start": "2s", "cpu": "100m", "memory": "64Mi"}},
    },
    "nodes": {"count": 3, "cpu": 8, "memory": "16Gi", "zones": 2},
    "dependencies": {"db": {"connections": 100, "per_pod": 5, "concurrency": 20, "work": "5ms"}},
    "traffic": {
        "users": {"count": 50},
        "streams": {
            "web": {"peak": "2/s", "work": {"p50": "20ms", "p95": "60ms"}, "timeout": "1s", "calls": {"db": 1}},
        },
    },
    "release": {"baseline_errors": "1%", "change_failure_rate": "20%"},
    "oncall": {"notices_at": "5%", "reacts": "2m"},
    "study": {"horizon": "10m", "user_cutoff": "2m"},
}
LAWS: dict[str, tuple[Any, ...]] = {
    "DurationLaw": (
        "0s",
        "1ns",
        "3650d",
        {"p50": "1ms", "p95": "3650d"},
        {"kind": "weibull", "shape": 0.05, "mean": "1s"},
    ),
    "ShareLaw": ("0%", "100%", {"p50": "0.0001%", "p95": "100%"}),
    "NumberLaw": (0, 1000, {"p50": 0.001, "p95": 1000}),
}
_ALLOWED = re.compile(r"Allowed: (\S+?),?( cores)? to (\S+?)( cores)?[ ,]")
WHOLE = schema()


def examples(family: str) -> list[dict[str, Any]]:
    """One of each kind, written as its own example."""
    return [{"kind": word_of(kind), **getattr(kind, "example", {})} for kind in kinds(family).values()]


@st.composite
def usual(draw: st.DrawFn) -> dict[str, Any]:
    """A scenario of kinds that are drawn, each with its usual figures."""
    data: dict[str, Any] = {**BASE}
    failures = examples("failures")
    gate, strategy = draw(st.sampled_from(examples("gates"))), draw(st.sampled_from(examples("strategies")))
    data["gates"] = {"ours": gate}
    data["strategies"] = {
        "now": {**strategy, "gate": "ours"}
        if "gate" in kinds("strategies")[strategy["kind"]].model_fields
        else strategy
    }
    release = {**BASE["release"], "defects": {"pay-errors": {"share": "100%", **draw(st.sampled_from(failures))}}}
    data["release"] = release
    if draw(st.booleans()):
        data["conditions"] = {"weather": {"at": "1m", **draw(st.sampled_from(failures))}}
    service = {**BASE["service"], "balancer": draw(st.sampled_from(sorted(kinds("balancers"))))}
    service["autoscaler"] = draw(st.sampled_from(["none", {"kind": "hpa", "min": 2, "max": 6, "cpu": "70%"}]))
    data["service"] = service
    web = {
        **BASE["traffic"]["streams"]["web"],
        "retries": draw(st.sampled_from(["none", {"max": 2, "on": ["error", "connect"]}])),
    }
    arrivals = draw(st.sampled_from([each for each in examples("arrivals") if each["kind"] != "replay"]))
    if arrivals["kind"] == "closed":
        del web["peak"]
        arrivals = {"kind": "closed", "users": 10, "think": "5s"}
    data["traffic"] = {**BASE["traffic"], "streams": {"web": {**web, "arrivals": arrivals}}}
    if draw(st.booleans()):
        data["traffic"]["connections"] = {"idle": "30s"}
    return data


def fields(form: Any, data: Any, trail: Trail = ()) -> Iterator[tuple[Trail, tuple[Any, ...]]]:
    """Every field with a range of the forms that data have, whether it is written or not, with its edges."""
    for each in forms(form, data):
        for name, inner in each.get("properties", {}).items():
            here = (*trail, name)
            edges = edges_of(inner)
            if edges:
                yield here, edges
            elif isinstance(data, dict) and isinstance(data.get(name), dict | list):
                yield from fields(inner, data[name], here)
        if isinstance(each.get("additionalProperties"), dict) and isinstance(data, dict):
            for name in data.keys() - each.get("properties", {}).keys():
                yield from fields(each["additionalProperties"], data[name], (*trail, name))
        if isinstance(data, list) and "items" in each:
            for place, value in enumerate(data):
                yield from fields(each["items"], value, (*trail, place))


def forms(form: dict[str, Any], data: Any) -> Iterator[dict[str, Any]]:
    """The forms among a choice that may be meant by data."""
    if "$ref" in form:
        yield from forms(WHOLE["$defs"][form["$ref"].rpartition("/")[2]], data)
        return
    for each in form.get("anyOf", ()):
        yield from forms(each, data)
    if "anyOf" not in form:
        kind = form.get("properties", {}).get("kind", {}).get("const")
        if not isinstance(data, dict) or kind is None or data.get("kind", kind) == kind:
            yield form


def edges_of(form: dict[str, Any]) -> tuple[Any, ...]:
    """What stands at the ends of a field's range, as a person writes it; nothing of one that has none."""
    for law, edges in LAWS.items():
        if f"/{law}'" in str(form):
            return edges
    found = _ALLOWED.search(form.get("description", ""))
    return tuple(_written(each) for each in (found[1], found[3])) if found else ()


def _written(edge: str) -> Any:
    plain = edge.replace(",", "")
    try:
        return int(plain) if plain.isdecimal() else float(plain)
    except ValueError:
        return edge


@st.composite
def edged(draw: st.DrawFn) -> dict[str, Any]:
    """A scenario with one to four fields at an edge."""
    data: Any = draw(usual())
    try:
        there = sorted(fields(WHOLE, dict(from_data(data).document)), key=str)
    except ScenarioError:
        reject()  # these kinds do not go together
    for trail, edges in draw(st.lists(st.sampled_from(there), min_size=1, max_size=4, unique_by=lambda each: each[0])):
        data = placed(data, trail, draw(st.sampled_from(edges)))
    return dict(data)


def placed(data: Any, trail: Trail, value: Any) -> Any:
    """Plain data with a value at the end of a trail, what leads there made where it is missing."""
    if len(trail) == 1:
        return with_part(data, trail, value)
    inner = data[trail[0]] if isinstance(data, list) else data.get(trail[0], {})
    if isinstance(inner, str):  # the bare word of a kind
        inner = {"kind": inner}
    return with_part(data, trail[:1], placed(inner, trail[1:], value))


def is_light(scenario: Scenario, most: float) -> bool:
    """Whether it is played in a test: so many requests, and no more events of the cluster than come in a minute."""
    from sim.study.pace import cost_of
    from sim.study.room import memory_of, room_for

    return room_for(scenario, 1).requests <= most and cost_of(scenario).release < 5 and memory_of(scenario) < 1e9
