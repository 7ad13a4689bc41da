"""What an editor may accept where a law is written, as JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.doors import kinds
from sim.laws.law import Form, Law

_NUMBER = {"type": ["number", "string"]}
_PERCENTILE_KEY = r"^p[0-9]{1,2}(\.[0-9]+)?$"


def law_schema(quantity: Mapping[str, Any], mixtures: bool = True) -> dict[str, Any]:
    """Every form of a law whose quantities look so; a mixture's parts hold any law but a mixture."""
    bare = {"anyOf": [dict(quantity), {"type": "number"}]}
    laws = [_kind_schema(word, kind, quantity) for word, kind in kinds("laws").items() if mixtures or word != "mixture"]
    return {"anyOf": [bare, _percentiles(quantity), *laws]}


def _percentiles(quantity: Mapping[str, Any]) -> dict[str, Any]:
    """A lognormal without its kind's word."""
    return {
        "type": "object",
        "properties": {"mean": dict(quantity)},
        "patternProperties": {_PERCENTILE_KEY: dict(quantity)},
        "additionalProperties": False,
        "minProperties": 2,
        "maxProperties": 2,
    }


def _kind_schema(word: str, kind: type[Law], quantity: Mapping[str, Any]) -> dict[str, Any]:
    """One kind with all its fields."""
    fields = {key: _field(form, quantity) for key, form in kind.form.items() if form is not Form.PERCENTILES}
    needed = [field.alias or name for name, field in kind.model_fields.items() if field.is_required()]
    schema: dict[str, Any] = {
        "type": "object",
        "description": (kind.__doc__ or "").splitlines()[0],
        "properties": {"kind": {"const": word}, **fields},
        "required": ["kind", *needed],
        "additionalProperties": False,
    }
    if Form.PERCENTILES in kind.form.values():
        schema["patternProperties"] = {_PERCENTILE_KEY: dict(quantity)}
    return schema


def _field(form: Form, quantity: Mapping[str, Any]) -> dict[str, Any]:
    match form:
        case Form.QUANTITY:
            return dict(quantity)
        case Form.QUANTITIES:
            return {"type": "array", "items": dict(quantity), "minItems": 1}
        case Form.NUMBERS:
            return {"type": "array", "items": dict(_NUMBER)}
        case Form.PARTS:
            return {"type": "array", "minItems": 1, "items": _part(quantity)}
        case _:
            return dict(_NUMBER)


def _part(quantity: Mapping[str, Any]) -> dict[str, Any]:
    properties = {"share": dict(_NUMBER), "law": law_schema(quantity, mixtures=False)}
    return {"type": "object", "properties": properties, "required": ["share", "law"], "additionalProperties": False}
