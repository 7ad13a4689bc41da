"""The field ``retries`` of a stream: one who tries again, or a list of the client and the proxy."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter, ValidationError
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, core_schema

from sim.scenario.model.parts import KindOf, written_kind


@dataclass(frozen=True, slots=True)
class Retriers(KindOf):
    """A retry kind, or a list of a client's and a proxy's: ``[{by: client, max: 2}, {by: proxy, max: 1}]``."""

    family: str = "retries"
    implied: str | None = "backoff"

    def read(self, written: Any) -> Any:
        """The kind object, or a tuple of two; raises ValueError, or pydantic's error with the place inside."""
        if not isinstance(written, list | tuple):
            return KindOf.read(self, written)
        if not written:
            raise ValueError("is an empty list; write none, or who tries again as {by: client, max: 2}")
        found = _list().validate_python(list(written))
        for place, each in enumerate(found):
            if each.tries() == 0:
                raise _fault(place, "tries nothing again; leave it out of the list", written[place])
            if each.is_proxy() in [other.is_proxy() for other in found[:place]]:
                who = "proxy" if each.is_proxy() else "client"
                raise _fault(place, f"is a second {who}; allowed: one by: client and one by: proxy", written[place])
        return tuple(found)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """A plain reader, and a writer that spells the kinds out."""
        write = core_schema.plain_serializer_function_ser_schema(_written)
        return core_schema.no_info_plain_validator_function(self.read, serialization=write)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Any of the words or kinds, or a list of one or two."""
        one = KindOf.__get_pydantic_json_schema__(self, schema, handler)
        return {"anyOf": [*one["anyOf"], {"type": "array", "items": one, "minItems": 1, "maxItems": 2}]}


@functools.cache
def _list() -> TypeAdapter[list[Any]]:
    return TypeAdapter(list[Annotated[Any, KindOf("retries", implied="backoff")]])


def _written(retries: Any) -> Any:
    return [written_kind(each) for each in retries] if isinstance(retries, tuple) else written_kind(retries)


def _fault(place: int, message: str, found: Any) -> ValidationError:
    details = InitErrorDetails(type=PydanticCustomError("kind", message), loc=(place,), input=found)
    return ValidationError.from_exception_data("retries", [details])
