"""How a person writes a law, and the field types that read it.

``12s`` is a constant, ``{p50: 12s, p95: 30s}`` a lognormal by two percentiles, ``{mean: 100ms, p95: 400ms}`` one by
mean and percentile; every other law names its kind, as ``{kind: exponential, mean: 100ms}``. Quantities are in the unit
of the field. Faults are ValueErrors at the place of the field they concern, in a sentence for the author.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
from pydantic_core import CoreSchema, InitErrorDetails, core_schema
from typing_extensions import TypeAliasType

from sim import units
from sim.allowed import ALLOWED, MUCH_MORE, measuring
from sim.doors import kind_named, kinds
from sim.laws.law import Form, Law
from sim.laws.schema import law_schema

_PERCENTILE = re.compile(r"p([0-9]{1,2}(?:\.[0-9]{1,9})?)")


@dataclass(frozen=True, slots=True)
class Unit:
    """What a field's numbers count, how they are read and how they are written."""

    read: Callable[[Any], float]
    write: Callable[[float], Any]
    example: str  # two percentiles, as an author would write them
    schema: Mapping[str, Any]
    share: bool = False  # values are kept between 0 and 1

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Reads any human form; writes it back."""
        write = core_schema.plain_serializer_function_ser_schema(lambda law: law.written(self.write))
        return core_schema.no_info_plain_validator_function(self.law, serialization=write)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """What an editor may accept."""
        return law_schema(self.schema)

    def law(self, written: Any) -> Law:
        """The law a person wrote; raises ValueError."""
        from sim.laws.clipped import Clipped

        law = read_law(written, self)
        return Clipped(law=law) if self.share and law.support()[1] > 1.0 else law


def read_law(written: Any, unit: Unit) -> Law:
    """The law written in a unit, not clipped; raises ValueError, a pydantic one where a place within is at fault."""
    from sim.laws.deterministic import Deterministic

    if isinstance(written, Law):
        return written
    if not isinstance(written, Mapping):
        return Deterministic(value=unit.read(written))
    kind = _kind_of(written, unit)
    fields: dict[str, Any] = {}
    faults: list[InitErrorDetails] = []
    for key, item in written.items():
        if key != "kind":
            _read_field(kind, str(key), item, unit, fields, faults)
    if faults:
        raise ValidationError.from_exception_data("law", faults)
    return kind(**fields)


def _kind_of(written: Mapping[Any, Any], unit: Unit) -> type[Law]:
    """The kind named, else a lognormal by its percentiles."""
    if "kind" not in written and not any(_PERCENTILE.fullmatch(str(key)) for key in written):
        found, words = ", ".join(str(key) for key in written) or "an empty mapping", " | ".join(kinds("laws"))
        raise ValueError(f"{found} does not say which law; write e.g. {unit.example}, or kind: {words}")
    word = str(written.get("kind", "lognormal"))
    law = kind_named("laws", word)
    if law is None:
        family = kinds("laws")
        near = _nearest(word, list(family))
        fault = _fault(f"there is no law '{word}'{near}; the laws are {', '.join(family)}", word, "kind")
        raise ValidationError.from_exception_data("law", [fault])
    return law


def _read_field(
    kind: type[Law], key: str, item: Any, unit: Unit, fields: dict[str, Any], faults: list[InitErrorDetails]
) -> None:
    """Read one field into ``fields``, or note its fault."""
    percentile = _PERCENTILE.fullmatch(key) if Form.PERCENTILES in kind.form.values() else None
    form = Form.QUANTITY if percentile else kind.form.get(key)
    if form is None or form is Form.PERCENTILES:
        words = [("pNN" if each is Form.PERCENTILES else word) for word, each in kind.form.items()]
        faults.append(_fault(f"unknown key{_nearest(key, words)}; this law has {', '.join(words)}", item, key))
        return
    try:
        value = _READERS[form](item, unit)
    except ValidationError as error:
        faults.extend(_moved(error, key))
    except ValueError as error:
        faults.append(_fault(str(error), item, key))
    else:
        if percentile:
            fields["percentiles"] = (*fields.get("percentiles", ()), (float(Decimal(percentile[1]) / 100), value))
        else:
            fields[key] = value


def _read_list(item: Any, read: Callable[[Any], Any]) -> tuple[Any, ...]:
    """Each element of a list, with the place of every fault."""
    if not isinstance(item, list | tuple):
        raise ValueError("a list is needed, as [1, 2, 3]")
    values, faults = [], []
    for place, each in enumerate(item):
        try:
            values.append(read(each))
        except ValidationError as error:
            faults.extend(_moved(error, place))
        except ValueError as error:
            faults.append(_fault(str(error), each, place))
    if faults:
        raise ValidationError.from_exception_data("law", faults)
    return tuple(values)


def _read_part(item: Any, unit: Unit) -> dict[str, Any]:
    """One ``{share: 90%, law: …}`` of a mixture."""
    if not isinstance(item, Mapping) or set(item) != {"share", "law"}:
        raise ValueError(f"a part of a mixture is a share and a law, as {{share: 90%, law: {unit.example}}}")
    try:
        share = units.share(item["share"])
    except ValueError as error:
        raise ValidationError.from_exception_data("law", [_fault(str(error), item["share"], "share")]) from None
    try:
        return {"share": share, "law": read_law(item["law"], unit)}
    except ValidationError as error:
        raise ValidationError.from_exception_data("law", _moved(error, "law")) from None
    except ValueError as error:
        raise ValidationError.from_exception_data("law", [_fault(str(error), item["law"], "law")]) from None


_READERS: Mapping[Form, Callable[[Any, Unit], Any]] = {
    Form.QUANTITY: lambda item, unit: float(unit.read(item)),
    Form.QUANTITIES: lambda item, unit: _read_list(item, lambda each: float(unit.read(each))),
    Form.NUMBER: lambda item, unit: units.amount(item),
    Form.NUMBERS: lambda item, unit: _read_list(item, units.amount),
    Form.PARTS: lambda item, unit: _read_list(item, lambda each: _read_part(each, unit)),
}


def _fault(message: str, found: Any, *place: str | int) -> InitErrorDetails:
    return InitErrorDetails(type="value_error", loc=place, input=found, ctx={"error": ValueError(message)})


def _moved(error: ValidationError, place: str | int) -> list[InitErrorDetails]:
    """The same faults, one level further in."""
    return [
        InitErrorDetails(type=each["type"], loc=(place, *each["loc"]), input=each["input"], ctx=each.get("ctx", {}))
        for each in error.errors()
    ]


def _nearest(word: str, words: list[str]) -> str:
    found = difflib.get_close_matches(word, words, n=1)
    return f", did you mean '{found[0]}'?" if found else ""


def _whole(value: float) -> float | int:
    return int(value) if value == int(value) else value


_FACTOR = measuring(0, 1000, MUCH_MORE)
_DURATION = Unit(
    units.duration,
    units.show_duration,
    "{p50: 12s, p95: 30s}",
    {
        "type": "string",
        "examples": ["80ms"],
        ALLOWED: "0s to 3650d (time is counted in nanoseconds, of which ten years leave room for sums)",
    },
)
_SHARE = Unit(
    units.share,
    units.write_share,
    "{p50: 3%, p95: 40%}",
    {"type": ["string", "number"], "examples": ["5%"], ALLOWED: "0% to 100% (a part of a whole)"},
    share=True,
)
_NUMBER = Unit(
    lambda written: float(_FACTOR.check(units.amount(written))),
    _whole,
    "{p50: 2, p95: 5}",
    {"type": ["string", "number"], "examples": ["2"], "minimum": 0, "maximum": 1000, ALLOWED: _FACTOR.words},
)
_SIZE = Unit(
    units.size,
    lambda value: units.show_size(round(value)),
    "{p50: 180MB, p95: 400MB}",
    {"type": "string", "examples": ["180MB"]},
)

DurationLaw = TypeAliasType("DurationLaw", Annotated[Law, _DURATION])
"""A law of nanoseconds: ``12s``, ``{p50: 12s, p95: 30s}``, ``{kind: gamma, mean: 100ms, cv: 0.5}`` …"""

ShareLaw = TypeAliasType("ShareLaw", Annotated[Law, _SHARE])
"""A law of shares, kept between 0 and 1: ``5%``, ``{p50: 3%, p95: 40%}`` …"""

NumberLaw = TypeAliasType("NumberLaw", Annotated[Law, _NUMBER])
"""A law of plain numbers from 0 to 1000, as factors are: ``3``, ``{p50: 2, p95: 5}`` …"""

SizeLaw = TypeAliasType("SizeLaw", Annotated[Law, _SIZE])
"""A law of bytes: ``180MB`` …"""
