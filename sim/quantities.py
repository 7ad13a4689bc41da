"""Field types of the scenario's quantities: pydantic reads what a person writes, keeps the number, writes text back.

``Duration`` and ``Period`` hold integer nanoseconds, ``Size`` bytes, ``Cpu`` thousandths of a core, ``Rate`` requests
per second, ``Bandwidth`` bytes per second, ``Share`` a number from 0 to 1. What ``model_dump`` writes, the same field
reads back to the same number. A default is given as a person would write it, with where it comes from and how far to
trust it:
``every: Duration = default("10s", origin="Kubernetes' probe period", trust="high")``.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from sim import units
from sim.allowed import ALLOWED, Within, counting, lasting, measuring, pulled, rated, sharing, sized

_DURATION = r"^([0-9]+(\.[0-9]+)?(d|h|ms|m|s|us|ns))+$"
_PERCENT = re.compile(r"[+-]?[0-9]+%", re.ASCII)

SHORTEST_PERIOD = 100 * units.MILLISECOND
"""Between two looks, probes or scrapes, each of which is an event of the cluster plane."""

MOST_PODS = 50_000
"""Of a fleet, and machines of a pool: each is a row that is played."""
MOST_PERCENT = 10_000
_COUNT_OR_SHARE = f"0 to {MOST_PODS:,}, or 0% to {MOST_PERCENT:,}% (every pod is played)"

Trust: TypeAlias = Literal["low", "medium", "high"]


def default(written: Any, *, origin: str, trust: Trust, means: str = "") -> Any:
    """A field's default as written in a scenario, with its origin and how far to trust it; ``plan`` shows all three.

    ``means`` says what the field is, for editors and the reference; a test asks for it.
    """
    notes: dict[str, Any] = {"origin": origin, "trust": trust}
    if not means:  # it may stand in the annotation
        return Field(default=written, json_schema_extra=notes)
    return Field(default=written, description=means, json_schema_extra=notes)


def _text_schema(pattern: str, *examples: str) -> WithJsonSchema:
    """What an editor may accept: text of this form, or the bare number 0."""
    text = {"type": "string", "pattern": pattern, "examples": list(examples)}
    return WithJsonSchema({"anyOf": [text, {"type": "number", "enum": [0]}]})


def _number_schema(pattern: str, number: dict[str, Any], *examples: str) -> WithJsonSchema:
    """What an editor may accept: text of this form, or a bare number."""
    return WithJsonSchema({"anyOf": [{"type": "string", "pattern": pattern, "examples": list(examples)}, number]})


def _not_without_end(period: int) -> int:
    """A period of 0 would be looked at for ever at one instant, one of a nanosecond almost as long."""
    if period < SHORTEST_PERIOD:
        raise ValueError(f"must be {units.show_duration(SHORTEST_PERIOD)} or longer")
    return period


def _whole_or_number(value: float) -> float | int:
    return int(value) if value == int(value) else value


Duration = Annotated[
    int,
    BeforeValidator(units.duration),
    PlainSerializer(units.show_duration),
    _text_schema(_DURATION, "250ms", "45s", "5m", "1h30m"),
    lasting("0s", "3650d", "time is counted in nanoseconds, of which ten years leave room for sums"),
]
Period = Annotated[
    int,
    BeforeValidator(units.duration),
    AfterValidator(_not_without_end),
    PlainSerializer(units.show_duration),
    WithJsonSchema({"type": "string", "pattern": _DURATION, "examples": ["15s", "1m"]}),
    lasting("100ms", "3650d", "each look is an event that is played"),
]
"""A duration that something comes round in: a look, a probe, a scrape, a window."""
Share = Annotated[
    float,
    BeforeValidator(units.share),
    PlainSerializer(units.write_share),
    _number_schema(r"^[0-9]+(\.[0-9]+)? ?%?$", {"type": "number", "minimum": 0, "maximum": 1}, "5%", "0.05%"),
    sharing("0%", "100%", "a part of a whole"),
]
Rate = Annotated[
    float,
    BeforeValidator(units.rate),
    PlainSerializer(units.show_rate),
    _text_schema(r"^[0-9]+(\.[0-9]+)? ?[kMG]?/(s|sec|min|m|h|d)$", "90/s", "1200/min"),
    rated("0/s", "10M/s", "requests are played one by one"),
]
Size = Annotated[
    int,
    BeforeValidator(units.size),
    PlainSerializer(units.show_size),
    _text_schema(r"^[0-9]+(\.[0-9]+)? ?(B|[kKMGT]B?|[KMGT]iB?)$", "180MB", "512Mi"),
    sized("0B", "1000TB", "more than any machine has"),
]
Cpu = Annotated[
    int,
    BeforeValidator(units.cpu),
    PlainSerializer(units.show_cpu),
    _number_schema(r"^[0-9]+(\.[0-9]+)?m?$", {"type": "number", "minimum": 0}, "500m", "4"),
    Within(0, 100_000_000, "0 to 100,000 cores (more than any machine has)", units.show_cpu),
]
Bandwidth = Annotated[
    float,
    BeforeValidator(units.bandwidth),
    PlainSerializer(units.show_bandwidth),
    _text_schema(r"^[0-9]+(\.[0-9]+)? ?(B|[kKMGT]B?|[KMGT]iB?|[kMG]?bit)/s$", "100MB/s"),
    pulled("1kB/s", "1TB/s", "an image must come to its end, and no network is faster"),
]
Count = Annotated[
    int,
    BeforeValidator(units.count),
    _number_schema(r"^[0-9]+(\.[0-9]+)?[kMGT]?$", {"type": "number", "minimum": 0}, "8", "50k"),
    counting(0, 1_000_000_000, "more cannot be told from no limit"),
]
Seed = Annotated[
    int,
    BeforeValidator(units.count),
    _number_schema(r"^[0-9]+[kMGT]?$", {"type": "number", "minimum": 0}, "1"),
    counting(0, 10**18, "a seed is kept in 64 bits"),
]
"""A number from which all chance is drawn."""
Amount = Annotated[
    float,
    BeforeValidator(units.amount),
    PlainSerializer(_whole_or_number),
    _number_schema(r"^[0-9]+(\.[0-9]+)?[kMGT]?$", {"type": "number", "minimum": 0}, "120M", "1.5k"),
    measuring(0, 1e15, "beyond it a number no longer tells one piece more"),
]


def int_or_percent(written: Any) -> tuple[int, bool]:
    """A number, or text of a whole number and a percent sign, and which of the two: Kubernetes' IntOrString.

    >>> int_or_percent(3), int_or_percent("40%")
    ((3, False), (40, True))

    Raises ValueError for everything else; a number in quotes is neither.
    """
    if isinstance(written, int) and not isinstance(written, bool):
        return written, False
    if isinstance(written, str) and _PERCENT.fullmatch(written):
        return int(written[:-1]), True
    raise ValueError(f"cannot read {written!r}; write a whole number as 2, or a whole percentage as '25%'")


def scaled(value: float, total: int, *, up: bool) -> int:
    """So many per cent of a total, a part rounded up or down; dust of a float adds nothing.

    >>> scaled(39, 10, up=True), scaled(39, 10, up=False)
    (4, 3)
    """
    part = value * total / 100
    return math.ceil(part - 1e-9) if up else math.floor(part + 1e-9)


@dataclass(frozen=True, slots=True)
class CountOrShare:
    """So many, or a share of a total: ``2`` or ``25%``. Exactly one of the two is given.

    >>> CountOrShare.read("25%").up(10), CountOrShare.read("25%").down(10), CountOrShare.read(2).up(10)
    (3, 2, 2)
    """

    count: int | None = None
    share: float | None = None

    @classmethod
    def read(cls, written: Any) -> CountOrShare:
        """From a whole number, or text with a percent sign, as Kubernetes reads it; raises ValueError."""
        if isinstance(written, CountOrShare):
            return written
        value, is_percent = int_or_percent(written)
        if value < 0:
            raise ValueError(f"found {written!r}; must not be below 0")
        if value > (MOST_PERCENT if is_percent else MOST_PODS):
            raise ValueError(f"{written} is not allowed; allowed: {_COUNT_OR_SHARE}")
        return cls(share=value / 100) if is_percent else cls(count=value)

    def up(self, total: int) -> int:
        """So many of a total, a part rounded up (as Kubernetes rounds surge)."""
        return self.count if self.count is not None else scaled(self._percent(), total, up=True)

    def down(self, total: int) -> int:
        """So many of a total, a part rounded down (as Kubernetes rounds unavailable)."""
        return self.count if self.count is not None else scaled(self._percent(), total, up=False)

    def written(self) -> int | str:
        """As a person writes it."""
        return self.count if self.count is not None else f"{round(self._percent())}%"

    def _percent(self) -> float:
        assert self.share is not None, "neither a count nor a share"
        return self.share * 100

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        write = core_schema.plain_serializer_function_ser_schema(lambda value: value.written())
        return core_schema.no_info_plain_validator_function(cls.read, serialization=write)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        text = {"type": "string", "pattern": r"^[0-9]+%$", "examples": ["25%"]}
        return {"anyOf": [text, {"type": "integer", "minimum": 0, "maximum": MOST_PODS}], ALLOWED: _COUNT_OR_SHARE}


def _of_all(part: CountOrShare) -> CountOrShare:
    if part.share is not None and part.share > 1:
        raise ValueError(f"{part.written()} is more than all there are; Kubernetes takes up to 100%")
    return part


CountOrPart = Annotated[CountOrShare, AfterValidator(_of_all)]
"""So many, or a share that is no more than the whole."""


def fenceposts(surge: CountOrShare, unavailable: CountOrShare, replicas: int) -> tuple[int, int]:
    """Extra and missing pods: surge is rounded up, unavailable down; if both are 0, one pod may be missing.

    The rule of Kubernetes' ``ResolveFenceposts``.

    >>> quarter = CountOrShare(share=0.25)
    >>> [fenceposts(quarter, quarter, replicas) for replicas in (1, 3, 10)]
    [(1, 0), (1, 0), (3, 2)]
    """
    extra, missing = surge.up(replicas), unavailable.down(replicas)
    return (extra, missing) if extra or missing else (0, 1)
