"""The JSON Schema of scenario format 1, for editors: completion, hover texts and red lines while writing.

It accepts every scenario the loader accepts, and refuses most that it refuses; what needs knowledge of two sections at
once (names, sums) only the loader can tell.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue

from sim.scenario.described import described
from sim.scenario.model.written import Written

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_RANGE = "Range"
_NEVER_A_RANGE = ("rollrisk", "name", "question", "extends", "oncall")


class _Generator(GenerateJsonSchema):
    """pydantic's generator, asked for what a person may write."""

    def generate(self, schema: Any, mode: JsonSchemaMode = "validation") -> JsonSchemaValue:
        """The schema of the whole, with ranges allowed wherever a single value is."""
        found: Any = _with_ranges(super().generate(schema, mode=mode))
        found["$schema"], found["title"] = DIALECT, "rollrisk scenario, format 1"
        found["required"] = ["rollrisk"]  # the rest may stand in the file that is extended
        found["$defs"][_RANGE] = _range()
        return found  # type: ignore[no-any-return]


def schema() -> dict[str, Any]:
    """The schema as plain data."""
    return Written.model_json_schema(schema_generator=_Generator)


def schema_text() -> str:
    """The schema as it stands beside the scenarios."""
    return json.dumps(schema(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _range() -> dict[str, Any]:
    corner = {"type": ["string", "number", "object"]}
    corners = {name: described(name, corner, of_range=True) for name in ("low", "likely", "high")}
    return {
        "type": "object",
        "description": "a value one is not sure of: a run uses the likely one, the others are tried too",
        "properties": corners,
        "required": ["low", "likely", "high"],
        "additionalProperties": False,
    }


def _with_ranges(node: Any) -> Any:
    """Allow a range in the place of each property that holds a single value; drop what a shared file may bring."""
    if isinstance(node, list):
        return [_with_ranges(each) for each in node]
    if not isinstance(node, dict):
        return node
    walked = {key: _with_ranges(value) for key, value in node.items()}
    if "origin" in node and node.get("default", "") is None:  # an absence with an origin is written none
        walked["anyOf"] = [{"const": "none"} if form == {"type": "null"} else form for form in walked["anyOf"]]
    for group in ("properties", "patternProperties"):
        if isinstance(walked.get(group), dict):
            walked[group] = {name: described(name, _or_range(name, each)) for name, each in walked[group].items()}
    return walked


def _or_range(name: str, form: dict[str, Any]) -> dict[str, Any]:
    if name in _NEVER_A_RANGE or not _holds_a_figure(form):
        return form
    notes = {key: form[key] for key in ("title", "description", "default", "origin", "trust") if key in form}
    rest = {key: value for key, value in form.items() if key not in notes}
    forms = rest["anyOf"] if set(rest) == {"anyOf"} else [rest]
    return notes | {"anyOf": [*forms, {"$ref": f"#/$defs/{_RANGE}"}]}


def _holds_a_figure(form: dict[str, Any]) -> bool:
    """Whether a number, or text with a unit, may stand here."""
    if "anyOf" in form:
        return any(_holds_a_figure(each) for each in form["anyOf"])
    types = form.get("type", ())
    types = [types] if isinstance(types, str) else types
    return "number" in types or "integer" in types or ("string" in types and ("pattern" in form or "examples" in form))
