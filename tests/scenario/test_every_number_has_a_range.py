"""Every number of a scenario has a range with a reason, in the schema that editors show, and is held to it."""

from collections.abc import Iterator
from typing import Any

import pytest
from test_refusals import GOOD

from sim.errors import ScenarioError
from sim.scenario import from_text
from sim.scenario.schema import schema


def holds_a_number(form: dict[str, Any]) -> bool:
    """A number, or text that is a number with a unit."""
    if "anyOf" in form:
        return any(holds_a_number(each) for each in form["anyOf"])
    types = form.get("type", ())
    types = [types] if isinstance(types, str) else types
    return "number" in types or "integer" in types or ("string" in types and "pattern" in form)


def numbers(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The place of every property that holds a number, and its description."""
    if isinstance(node, list):
        for each in node:
            yield from numbers(each, path)
    elif isinstance(node, dict):
        for group in ("properties", "patternProperties"):
            for name, form in node.get(group, {}).items():
                if isinstance(form, dict) and holds_a_number(form):
                    yield f"{path}.{name}", form.get("description", "")
        for key, value in node.items():
            yield from numbers(value, f"{path}.{key}")


def test_the_schema_says_of_every_number_how_far_it_may_go_and_why() -> None:
    whole = schema()
    del whole["$defs"]["Range"]  # its three values are held to the range of the field
    del whole["properties"]["rollrisk"]  # the one word 1
    found = dict(numbers(whole))
    assert len(found) > 300
    silent = [path for path, told in found.items() if "Allowed: " not in told or " to " not in told or "(" not in told]
    assert silent == []


@pytest.mark.parametrize(
    ("good", "bad", "told"),
    [
        ("nodes:", "study: {window: 1us}\nnodes:", "study.window: 1us is not allowed; allowed: 100ms to 31d"),
        ("nodes:", "study: {warm_up: 3650d}\nnodes:", "study.warm_up: 3650d is not allowed; allowed: 0s to 31d"),
        ("nodes:", "study: {window: 100ms, horizon: 31d}\nnodes:", "windows of streams would be counted; allowed: up"),
        ("concurrency: 4", "concurrency: 1000000000000000", "allowed: 1 to 1,000,000"),
        ("concurrency: 4", "concurrency: 4\n  proxies: 1001", "allowed: 1 to 1,000"),
        ("memory: 16Gi}", "memory: 16Gi, pull: 0B/s}", "nodes.pull: 0B/s is not allowed; allowed: 1kB/s to 1TB/s"),
        ("kind: latency, factor: 3", "kind: latency, factor: 1000000", "allowed: 0 to 1,000"),
        ("kind: latency, factor: 3", "kind: latency, factor: {p50: 2, p95: 1e7}", "allowed: 0 to 1,000"),
        ("kind: latency, factor: 3", "kind: gray_node, factor: 1e6", "allowed: 0.001 to 1,000"),
        ("peak: 10/s", "peak: 1000G/s", "allowed: 0/s to 10M/s"),
        ("{kind: threshold, success: 99%}", "{kind: kayenta, passing: .inf}", "allowed: 0 to 100"),
        ("{kind: threshold, success: 99%}", "{kind: bayes, prior_errors: .nan}", "must be more than 0"),
        ("blue-green: blue_green", "r: {kind: rolling, surge: 5000000%}", "allowed: 0 to 50,000, or 0% to 10,000%"),
    ],
)
def test_what_lies_beyond_is_refused_with_what_is_allowed(good: str, bad: str, told: str) -> None:
    assert good in GOOD
    with pytest.raises(ScenarioError) as refused:
        from_text(GOOD.replace(good, bad, 1), "bad.yaml")
    assert told in str(refused.value)
    assert all(problem.line for problem in refused.value.problems), "with its line"
