"""From pydantic's errors to problems with a place, what was found, what is allowed and the nearest word."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from sim.errors import Problem
from sim.scenario.document import Document, Trail
from sim.scenario.model.parts import KindOf, WithKind, nearest
from sim.scenario.model.written import Written
from sim.scenario.other_words import answered

_MISSING: dict[Trail, str] = {
    ("oncall",): "is missing: say who is paged and how fast they react, or write 'oncall: none' if nobody is",
    ("rollrisk",): "is missing; begin the file with 'rollrisk: 1'",
    ("service",): "is missing; write what runs, as {replicas: 8, concurrency: 8, pod: …}",
    ("nodes",): "is missing; write on what it runs, as {count: 3, cpu: 4, memory: 16Gi}",
    ("traffic",): "is missing; write who comes, as {streams: {web: {peak: 90/s, work: 20ms}}}",
    ("release",): "is missing; write what is released and how often it is bad, as {change_failure_rate: 8%, …}",
    ("strategies",): "is missing; write what is compared, as {now: {kind: rolling}, next: {kind: blue_green}}",
}


def problems_of(error: ValidationError, document: Document) -> Iterator[Problem]:
    """One problem per fault, at its place, each said once."""
    told: set[tuple[Trail, str]] = set()
    for fault in error.errors(include_url=False):
        if fault["type"] == "too_short" and fault["input"]:
            continue  # short only because its elements have faults, each told by itself
        trail = _trail(fault["loc"], document.data, fault["type"])
        message = _message(dict(fault), trail, document.data)
        if (trail, message) not in told:
            told.add((trail, message))
            yield document.problem(trail, message, of_key=fault["type"] == "extra_forbidden")


def faults_of(error: ValidationError, document: Document) -> Iterator[tuple[Trail, bool]]:
    """Where each fault stands, and whether it is no more than a key too many."""
    for fault in error.errors(include_url=False):
        yield _trail(fault["loc"], document.data, fault["type"]), fault["type"] == "extra_forbidden"


def _trail(loc: tuple[int | str, ...], data: Any, fault: str) -> Trail:
    """The parts of pydantic's location that stand in the document; its own marks (union tags) do not."""
    trail: Trail = ()
    for place, step in enumerate(loc):
        if (isinstance(data, dict) and step in data) or (isinstance(data, list) and step in range(len(data))):
            trail, data = (*trail, step), data[step]  # type: ignore[index]
        elif fault == "missing" and place == len(loc) - 1:
            trail = (*trail, step)
    return trail


def _message(fault: dict[str, Any], trail: Trail, data: Any) -> str:
    kind, found, context = fault["type"], fault["input"], fault.get("ctx", {})
    if kind == "missing":
        return _MISSING.get(trail) or _missing(trail, data)
    if kind == "extra_forbidden":
        return _unknown_key(str(trail[-1]) if trail else "", trail[:-1], data)
    if kind == "value_error":
        return str(context["error"])
    if kind == "literal_error":
        words = str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
        return f"found {shown(found)}; allowed: {', '.join(words)}{nearest(str(found), words)}"
    if kind in _SENTENCES:
        return f"found {shown(found)}; {_SENTENCES[kind].format(**context)}"
    text = str(fault["msg"]).replace("Input should be", "must be").replace("Value should", "must")
    return text if "_" not in kind else f"found {shown(found)}; {text[0].lower()}{text[1:]}"


_SENTENCES = {
    "bool_type": "write true or false",
    "string_type": "write text, in quotes if it looks like a number",
    "int_type": "write a whole number",
    "int_parsing": "write a whole number",
    "float_type": "write a number",
    "dict_type": "write a mapping, as {{name: …}}",
    "model_type": "write a mapping, as {{key: value}}",
    "list_type": "write a list, as [a, b]",
    "tuple_type": "write a list, as [a, b]",
    "too_short": "at least {min_length} needed",
    "greater_than_equal": "must be {ge} or more",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be {le} or less",
    "less_than": "must be less than {lt}",
}


def _missing(trail: Trail, data: Any) -> str:
    example = _example(trail, data)
    return f"is missing; write e.g. {trail[-1]}: {example}" if example else "is missing"


def _example(trail: Trail, data: Any) -> str:
    """How the value of a key is written, where its form has examples of its own."""
    form, here = _form_at(trail[:-1], data)
    models = [form, _model(form.family, here)] if _is_model(form, WithKind) else [form]
    fields = [model.model_fields.get(trail[-1]) for model in models if _is_model(model, BaseModel)]
    return next((example_of(field) for field in fields if field is not None), "")


def example_of(field: FieldInfo) -> str:
    """How the value of a field is written; empty where a person must look further, as for lists and mappings."""
    written: Any = typing.Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
    schema = TypeAdapter(written).json_schema()
    return next(_examples_in(schema, schema.get("$defs", {})), "")


def _examples_in(schema: Mapping[str, Any], named: Mapping[str, Any]) -> Iterator[str]:
    """Those of a form, of the form it names, and of the forms between which it leaves the choice."""
    yield from map(str, schema.get("examples", ()))
    if "$ref" in schema:
        yield from _examples_in(named[schema["$ref"].rpartition("/")[2]], named)
    for each in schema.get("anyOf", ()):
        yield from _examples_in(each, named)


def _unknown_key(word: str, parent: Trail, data: Any) -> str:
    allowed = allowed_keys(parent, data)
    theirs = answered(word, parent, _value(data, (*parent, word)), allowed)
    if theirs:
        return f"unknown key; {word} {theirs}"
    if not allowed:
        return "unknown key"
    near = nearest(word, allowed).removeprefix("; ")
    return f"unknown key{', ' + near if near else ';'} allowed: {', '.join(allowed)}"


def _value(data: Any, trail: Trail) -> Any:
    """What stands at the end of a trail; None where nothing does."""
    try:
        for step in trail:
            data = data[step]
    except (LookupError, TypeError):
        return None
    return data


def shown(found: Any) -> str:
    """What was found, in short."""
    if isinstance(found, Mapping):
        return "a mapping" if found else "an empty mapping"
    if isinstance(found, list | tuple):
        return "a list" if found else "an empty list"
    if found is None or isinstance(found, bool):
        return {None: "nothing", True: "true", False: "false"}[found]
    text = str(found)
    return f"'{text if len(text) <= 40 else text[:37] + '...'}'"


def allowed_keys(trail: Trail, data: Any) -> list[str]:
    """The keys a mapping at the end of a trail may have; empty where any key may stand."""
    form, data = _form_at(trail, data)
    if not _is_model(form, BaseModel):
        return []
    own = [name for name in form.model_fields if name not in ("kind", getattr(form, "inlined", ""))]
    if issubclass(form, WithKind):
        return [*own, "kind", *_keys_of_kind(form.family, data)]
    return own


def _form_at(trail: Trail, data: Any) -> tuple[Any, Any]:
    """The model of what stands at the end of a trail, and what stands there."""
    form: Any = Written
    for step in trail:
        form = _inside(form, step, data)
        try:
            data = data[step]
        except (LookupError, TypeError):
            data = None
    return _model(form, data), data


def _is_model(form: Any, base: type) -> bool:
    return isinstance(form, type) and issubclass(form, base)


def _keys_of_kind(family: KindOf, data: Any) -> list[str]:
    kind = _model(family, data)
    return [name for name in kind.model_fields if name != "kind"] if kind else []


def _inside(form: Any, step: str | int, data: Any) -> Any:
    """The form of what stands under one key of a form."""
    if isinstance(form, KindOf) and isinstance(step, int):
        return form  # a list of such kinds
    model = _model(form, data)
    if isinstance(model, type) and issubclass(model, BaseModel):
        field = model.model_fields.get(str(step))
        if field is None and issubclass(model, WithKind):
            kind = _model(model.family, data)
            field = kind.model_fields.get(str(step)) if kind else None
        if field is None:
            return model.__annotations__.get("__pydantic_extra__") and _extra(model)
        marks = [mark for mark in field.metadata if isinstance(mark, KindOf)]
        return marks[0] if marks else field.annotation
    arguments = [each for each in typing.get_args(_bare(form)) if each is not Ellipsis]
    return arguments[-1] if arguments else None


def _extra(model: type[BaseModel]) -> Any:
    """The form of keys a model does not name."""
    annotation = typing.get_type_hints(model).get("__pydantic_extra__")
    return typing.get_args(annotation)[-1] if annotation else None


def _model(form: Any, data: Any) -> Any:
    """The model class a form stands for, looking through ``| None`` and at the kind that is written."""
    form = _bare(form)
    if isinstance(form, KindOf):
        try:
            return form.kind_of(data)
        except ValueError:
            return None
    if isinstance(form, types.UnionType) or typing.get_origin(form) is typing.Union:
        return next((each for each in typing.get_args(form) if each is not type(None)), None)
    return form


def _bare(form: Any) -> Any:
    """A form without its annotations, but a kind's mark."""
    if typing.get_origin(form) is typing.Annotated:
        first, *marks = typing.get_args(form)
        return next((mark for mark in marks if isinstance(mark, KindOf)), first)
    return form


def unknown_section(name: str, document: Document) -> Problem:
    """A top-level key that does not exist."""
    return document.problem((name,), _unknown_key(name, (), document.data), of_key=True)
