"""Every value the author did not write: where it stands, what it is, whence it comes and how far to trust it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sim.doors import Kind
from sim.laws import Law
from sim.scenario.document import Trail, show_trail
from sim.scenario.resolved import Default

TRUST = ("low", "medium", "high")
_SILENT = ("kind", "description")


def defaults_used(part: Any, trail: Trail = ()) -> Iterator[Default]:
    """The defaults in a part and all below it."""
    if isinstance(part, Law):
        return
    if isinstance(part, BaseModel):
        for name, field in type(part).model_fields.items():
            here = trail if name == getattr(part, "inlined", None) else (*trail, name)
            yield from _of_field(part, name, field, here)
        yield from defaults_used(part.__pydantic_extra__ or {}, trail)
    elif isinstance(part, Mapping):
        for name, value in part.items():
            yield from defaults_used(value, (*trail, name))
    elif isinstance(part, list | tuple):
        for place, value in enumerate(part):
            yield from defaults_used(value, (*trail, place))


def _of_field(part: BaseModel, name: str, field: FieldInfo, trail: Trail) -> Iterator[Default]:
    value = getattr(part, name)
    if name in part.model_fields_set or (isinstance(value, BaseModel) and not isinstance(value, Kind)):
        yield from defaults_used(value, trail)
        return
    notes = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    if name in _SILENT or (value in (None, {}, (), [], "") and "origin" not in notes):
        return
    yield Default(
        path=show_trail(trail),
        value=_shown(field.default, part, name),
        origin=str(notes.get("origin", "the kind's own")),
        trust=str(notes.get("trust", "medium")),
    )


def _shown(written: Any, part: BaseModel, name: str) -> str:
    """As a person would write it."""
    if written is None:
        return "none"
    if isinstance(written, bool):
        return str(written).lower()
    if isinstance(written, Mapping):
        return "{" + ", ".join(f"{key}: {value}" for key, value in written.items()) + "}"
    if isinstance(written, str):
        return written
    return str(part.model_dump(include={name}).get(name, written))


def least_trusted_first(defaults: Iterator[Default] | list[Default]) -> tuple[Default, ...]:
    """In the order a reader should doubt them."""
    return tuple(sorted(defaults, key=lambda default: TRUST.index(default.trust)))
