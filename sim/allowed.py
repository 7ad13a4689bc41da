"""From how much to how much a number of a scenario may go, and why: enforced when it is read, and told to editors.

A range is there because beyond it the number means nothing, cannot be played, or is a slip of the pen; each says which.
What this machine can hold is another question (``sim/study/room.py``): a range refuses everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError, ValidatorFunctionWrapHandler
from pydantic_core import CoreSchema, core_schema

from sim import units

ALLOWED = "allowed"
"""The key under which a form carries its range in words, until the schema puts them into the field's description."""


class BeyondError(ValueError):
    """A value lies beyond its range."""

    def __init__(self, value: Any, message: str) -> None:
        super().__init__(message)
        self.value = value


@dataclass(frozen=True, slots=True)
class Within:
    """A range, both ends allowed. Stands in a field's annotation, as ``Annotated[int, counting(1, 60, "…")]``."""

    least: float
    most: float
    words: str  # the range as a person writes it, and the reason
    show: Callable[[Any], str]

    def check(self, value: Any) -> Any:
        """The value; raises BeyondError beyond the range."""
        if value is not None and not self.least <= value <= self.most:
            raise BeyondError(value, f"{self.show(value)} is not allowed; allowed: {self.words}")
        return value

    def read(self, written: Any, reader: ValidatorFunctionWrapHandler) -> Any:
        """What is written, by the reader within; where it is beyond the reader's own range, ours is told."""
        try:
            value = reader(written)
        except ValidationError as error:
            for fault in error.errors():
                beyond = fault.get("ctx", {}).get("error")
                if isinstance(beyond, BeyondError):
                    self.check(beyond.value)
            raise
        return self.check(value)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Asked when the value is read."""
        return core_schema.no_info_wrap_validator_function(self.read, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The form with its ends, where a bare number may stand, and in words."""
        return with_ends(dict(handler(schema)), self.least, self.most) | {ALLOWED: self.words}


def with_ends(form: dict[str, Any], least: float, most: float) -> dict[str, Any]:
    """A form whose numbers have a minimum and a maximum; text with a unit can have none."""
    if "anyOf" in form:
        return form | {"anyOf": [with_ends(each, least, most) for each in form["anyOf"]]}
    if form.get("type") in ("number", "integer") and "enum" not in form:
        ends = {"minimum": least, "maximum": most}
        return form | {key: int(end) if end == int(end) else end for key, end in ends.items()}
    return form


def lasting(least: str, most: str, why: str) -> Within:
    """Of times.

    >>> lasting("1s", "1h", "why").words, lasting("1s", "1h", "why").check(units.duration("5m"))
    ('1s to 1h (why)', 300000000000)
    """
    return Within(units.duration(least), units.duration(most), f"{least} to {most} ({why})", units.show_duration)


def counting(least: int, most: int, why: str) -> Within:
    """Of whole numbers.

    >>> counting(1, 50_000, "why").words
    '1 to 50,000 (why)'
    """
    return Within(least, most, f"{least:,} to {most:,} ({why})", lambda value: f"{value:,}")


def measuring(least: float, most: float, why: str) -> Within:
    """Of numbers that need not be whole.

    >>> measuring(0.001, 1000, "why").words
    '0.001 to 1,000 (why)'
    """
    return Within(least, most, f"{least:,g} to {_plain(most)} ({why})", lambda value: f"{value:,g}")


def sharing(least: str, most: str, why: str) -> Within:
    """Of shares."""
    return Within(units.share(least), units.share(most), f"{least} to {most} ({why})", units.show_share)


def sized(least: str, most: str, why: str) -> Within:
    """Of sizes in bytes."""
    return Within(units.size(least), units.size(most), f"{least} to {most} ({why})", units.show_size)


def rated(least: str, most: str, why: str) -> Within:
    """Of rates per second."""
    return Within(units.rate(least), units.rate(most), f"{least} to {most} ({why})", units.show_rate)


def pulled(least: str, most: str, why: str) -> Within:
    """Of bandwidths."""
    return Within(units.bandwidth(least), units.bandwidth(most), f"{least} to {most} ({why})", units.show_bandwidth)


def _plain(number: float) -> str:
    return f"{number:,.0f}" if number == int(number) else f"{number:,g}"


MUCH_MORE = "a thousand times as much is more than any outage has shown"
FACTOR = measuring(0.001, 1000, MUCH_MORE)
"""Of what multiplies times or requests."""
FACTOR_UP = measuring(1, 1000, MUCH_MORE)
"""… and never makes less of them."""
MEASUREMENTS = counting(0, 1_000_000, "each one is a measurement that is played")
FAILURES_LET_PASS = counting(
    -1, 1_000_000, "each one is a measurement that is played; -1 is no limit, as in Argo Rollouts"
)
