"""Whoever writes a scenario in an editor is told what every key means."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim.scenario.schema import schema


def properties(node: Any, path: str = "") -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every property of a schema, however deep: where, its name, its form."""
    if isinstance(node, list):
        for each in node:
            yield from properties(each, path)
    if not isinstance(node, dict):
        return
    here = f"{path}/{node['title']}" if isinstance(node.get("title"), str) else path
    for key, value in node.items():
        if key in ("properties", "patternProperties") and isinstance(value, dict):
            for name, form in value.items():
                if isinstance(form, dict):
                    yield here, name, form
                    yield from properties(form, f"{here}.{name}")
        else:
            yield from properties(value, here if key != "$defs" else "")


EVERY = list(properties(schema()))


def faults(found: Iterator[tuple[str, str, dict[str, Any]]] | list[tuple[str, str, dict[str, Any]]]) -> list[str]:
    """Properties that say nothing, or no more than their name."""
    return sorted({f"{path}: {name}" for path, name, form in found if not _says_something(name, form)})


def _says_something(name: str, form: dict[str, Any]) -> bool:
    said = str(form.get("description", "")).partition(". Default:")[0]
    bare = said.lower().replace("the ", "").strip(" .")
    return len(said.split()) >= 2 and bare not in (name.lower(), name.lower().replace("_", " "))


def test_every_property_says_what_it_means() -> None:
    assert len(EVERY) > 800
    assert faults(EVERY) == []


def test_one_that_says_nothing_or_only_its_name_is_found() -> None:
    bare = {"properties": {"queue": {"type": "integer"}, "grace_time": {"description": "the grace time"}}}
    assert faults(list(properties(bare))) == [": grace_time", ": queue"]


def test_every_default_with_an_origin_is_told_with_both() -> None:
    said = {f"{path.rsplit('/', 1)[-1]}.{name}": str(form.get("description")) for path, name, form in EVERY}
    assert said["Shutdown.grace"].endswith("Default: 30s (Kubernetes: terminationGracePeriodSeconds; trust: high)")
    assert sum(". Default: " in each for each in said.values()) > 150


def test_no_note_of_ours_is_left_in_the_schema() -> None:
    assert not [name for _, name, form in EVERY if {"origin", "trust"} & set(form)]
