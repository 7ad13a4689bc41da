"""What the sections share: the base of their models, and the fields that hold a kind or the word ``none``."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    ValidationError,
    WithJsonSchema,
    model_serializer,
    model_validator,
)
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, core_schema

from sim import units
from sim.doors import Kind, kind_named, kinds, word_of


class Part(BaseModel):
    """A section or a part of one: frozen, and refusing keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, strict=True)


def nearest(word: str, words: Sequence[str]) -> str:
    """A suggestion to append to a message, empty where nothing comes near.

    >>> nearest("canry", ["canary", "rolling"])
    "; did you mean 'canary'?"
    """
    found = difflib.get_close_matches(word, words, n=1, cutoff=0.5)
    return f"; did you mean '{found[0]}'?" if found else ""


@dataclass(frozen=True, slots=True)
class KindOf:
    """Marks a field that holds a kind of a family: a bare word, or a mapping with ``kind:``.

    ``implied`` is the kind of a mapping that does not say.
    """

    family: str
    implied: str | None = None

    def read(self, written: Any) -> Any:
        """The kind object; raises ValueError, or pydantic's error with the place inside."""
        if isinstance(written, Kind) and kind_named(self.family, word_of(type(written))) is type(written):
            return written
        kind = self.kind_of(written)
        fields = {} if isinstance(written, str) else {key: value for key, value in written.items() if key != "kind"}
        return kind.model_validate(fields)

    def kind_of(self, written: Any) -> type[BaseModel]:
        """The class of what is written; raises ValueError that lists the words there are."""
        if not isinstance(written, str | Mapping):
            raise ValueError(f"write one of {self.words()}, or a mapping with kind:")
        word = written if isinstance(written, str) else written.get("kind", self.implied)
        if word is None:
            raise ValueError(f"does not say its kind; write kind: and one of {self.words()}")
        found = kind_named(self.family, word) if isinstance(word, str) else None
        if found is None:
            near = nearest(str(word), list(kinds(self.family))) or ";"
            message = f"there is no kind {str(word)[:40]!r}{near} known: {self.words()}"
            if isinstance(written, str):
                raise ValueError(message)
            raise _error_at(("kind",), message, word)
        return found

    def words(self) -> str:
        """The words there are, for a message."""
        return ", ".join(kinds(self.family))

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """A plain reader, and a writer that spells the kind out."""
        write = core_schema.plain_serializer_function_ser_schema(written_kind)
        return core_schema.no_info_plain_validator_function(self.read, serialization=write)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Any of the words, or any of the kinds."""
        described = [_kind_schema(kind, handler, named=word != self.implied) for word, kind in self.members()]
        return {"anyOf": [{"enum": list(kinds(self.family))}, *described]}

    def members(self) -> list[tuple[str, type[BaseModel]]]:
        """All kinds of the family by their word."""
        return list(kinds(self.family).items())


class WithKind(Part):
    """A part that stands in one mapping with the fields of a kind: ``{share: 45%, kind: error_rate, rate: 3%}``.

    The one field named by ``inlined`` holds the kind object.
    """

    inlined: ClassVar[str]
    family: ClassVar[KindOf]

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, written: Any) -> Any:
        """Put what is not ours into the kind's field."""
        if not isinstance(written, Mapping) or cls.inlined in written:
            return written
        own = {key: value for key, value in written.items() if key in cls.model_fields}
        return own | {cls.inlined: {key: value for key, value in written.items() if key not in own}}

    @model_serializer(mode="wrap")
    def _flatten(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        own = dict(handler(self))
        kind: dict[str, Any] = own.pop(self.inlined)
        return own | kind

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """One mapping per kind, with our fields among the kind's."""
        own = handler.resolve_ref_schema(handler(schema))
        fields = {name: field for name, field in own["properties"].items() if name != cls.inlined}
        required = [name for name in own.get("required", []) if name != cls.inlined]
        forms = []
        for _, kind in cls.family.members():
            form = _kind_schema(kind, handler, named=True)
            form = form | {"properties": fields | form["properties"], "required": required + form["required"]}
            forms.append(form)
        return {"anyOf": forms, "title": cls.__name__, "description": cls.__doc__ or ""}


def written_kind(kind: BaseModel) -> dict[str, Any]:
    """A kind as a mapping with its word first; what is absent by a told default is ``none``."""
    absent = {
        name: "none"
        for name, field in type(kind).model_fields.items()
        if getattr(kind, name) is None and field.default is None and isinstance(field.json_schema_extra, dict)
    }
    return {"kind": word_of(type(kind))} | kind.model_dump(exclude_none=True, exclude={"kind"}) | absent


def _kind_schema(kind: type[BaseModel], handler: GetJsonSchemaHandler, *, named: bool) -> dict[str, Any]:
    """A kind's own schema, inline; ``kind`` must be written where it is named."""
    found = dict(handler.resolve_ref_schema(handler(kind.__pydantic_core_schema__)))
    required = [name for name in found.get("required", []) if name != "kind"]
    return found | {"required": [*(["kind"] if named else []), *required], "additionalProperties": False}


def _error_at(loc: tuple[str | int, ...], message: str, found: Any) -> ValidationError:
    """pydantic's error with a place, for use inside a reader."""
    details = InitErrorDetails(type=PydanticCustomError("kind", message), loc=loc, input=found)
    return ValidationError.from_exception_data("kind", [details])


def _duration_or_none(written: Any) -> int:
    return 0 if written == "none" else units.duration(written)


@dataclass(frozen=True, slots=True)
class OrWord:
    """Adds to a field's schema that a word may stand there too."""

    word: str

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Either."""
        return {"anyOf": [{"enum": [self.word]}, dict(handler(schema))]}


DurationOrNone = Annotated[
    int,
    BeforeValidator(_duration_or_none),
    PlainSerializer(lambda value: units.show_duration(value) if value else "none"),
    WithJsonSchema({"type": "string", "examples": ["3s", "none"]}),
]
"""A duration or the word ``none``, kept as 0."""
