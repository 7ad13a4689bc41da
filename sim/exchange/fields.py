"""How the rest of the room looks into a manifest: by key, with the place of whatever is found or missing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sim.exchange.scalars import Scalar
from sim.exchange.spots import Remark, Spot
from sim.exchange.trees import Node
from sim.trails import Trail

_GO_DURATION = re.compile(r"(?:([0-9]+(?:\.[0-9]+)?|\.[0-9]+)(ns|us|µs|ms|s|m|h|d|w))+")
_GO_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?|\.[0-9]+)(ns|us|µs|ms|s|m|h|d|w)")
_IN_NS = {
    "ns": 1, "us": 10**3, "µs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9,
    "d": 86_400 * 10**9, "w": 604_800 * 10**9,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """A part of a manifest that may not be there.

    ``whole``, ``text`` and the others give the value, or None where it is not there or is something else; the latter
    is noted as a remark of the manifest, with what was expected.
    """

    file: str
    document: int
    trail: Trail
    node: Node | None
    line: int
    remarks: list[Remark] = field(compare=False, repr=False)

    @property
    def spot(self) -> Spot:
        """Where it stands; of what is missing, the line of the part it would stand in."""
        return Spot(self.file, self.document, self.trail, self.line)

    @property
    def there(self) -> bool:
        """Whether it is written, and not as null."""
        return self.node is not None and self.node.data is not None

    @property
    def data(self) -> Any:
        """The bare data: a scalar, a mapping or a list of nodes, or None."""
        return None if self.node is None else self.node.data

    def __getitem__(self, key: str | int) -> Field:
        return self._child(key)

    def at(self, *keys: str | int) -> Field:
        """The part along these keys."""
        found = self
        for key in keys:
            found = found._child(key)
        return found

    def _child(self, key: str | int) -> Field:
        data = self.data
        node: Node | None = None
        if isinstance(key, str) and isinstance(data, dict):
            node = data.get(key)
        elif isinstance(key, int) and isinstance(data, list) and -len(data) <= key < len(data):
            node = data[key]
        line = node.line if node is not None else self.line
        return Field(self.file, self.document, (*self.trail, key), node, line, self.remarks)

    def names(self) -> tuple[str, ...]:
        """The keys of a mapping; none of anything else."""
        return tuple(self.data) if isinstance(self.data, dict) else ()

    def items(self) -> Iterator[Field]:
        """The entries of a list; none where nothing is written."""
        if isinstance(self.data, list):
            for number in range(len(self.data)):
                yield self._child(number)
        elif self.there:
            self.expected("a list")

    def text(self) -> str | None:
        """Text; a number or truth where text belongs is taken as it stands."""
        data = self._scalar("text")
        return None if data is None else _as_text(data)

    def whole(self) -> int | None:
        """A whole number."""
        data = self._scalar("a whole number")
        if data is None:
            return None
        if isinstance(data, bool) or not isinstance(data, int | float) or data != int(data):
            self.expected("a whole number")
            return None
        return int(data)

    def number(self) -> float | None:
        """A number."""
        data = self._scalar("a number")
        if data is None:
            return None
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.expected("a number")
            return None
        return float(data)

    def flag(self) -> bool | None:
        """True or false."""
        data = self._scalar("true or false")
        if data is not None and not isinstance(data, bool):
            self.expected("true or false")
            return None
        return data

    def seconds(self) -> int | None:
        """Nanoseconds of a whole number of seconds."""
        found = self.whole()
        return None if found is None else found * 10**9

    def duration(self) -> int | None:
        """Nanoseconds of a duration as Go writes it, ``1m30s``; of a bare number, seconds."""
        data = self._scalar("a duration as 30s or 5m")
        if data is None:
            return None
        found = nanoseconds(_as_text(data))
        if found is None:
            self.expected("a duration as 30s or 5m")
        return found

    def count_or_percent(self) -> int | str | None:
        """Kubernetes' IntOrString: a number, or text of a number and a percent sign."""
        data = self._scalar("a number, or a percentage as 25%")
        if isinstance(data, int) and not isinstance(data, bool):
            return data
        if isinstance(data, str) and re.fullmatch(r"[0-9]+%", data):
            return data
        if data is not None:
            self.expected("a number, or a percentage as 25%")
        return None

    def labels(self) -> dict[str, str]:
        """A mapping of words to words."""
        if not isinstance(self.data, dict):
            return {}
        return {key: _as_text(node.data) for key, node in self.data.items() if not isinstance(node.data, dict | list)}

    def _scalar(self, wanted: str) -> Scalar:
        data = self.data
        if isinstance(data, dict | list):
            self.expected(wanted)
            return None
        return data  # type: ignore[no-any-return]

    def expected(self, wanted: str) -> None:
        """Note what should stand here instead."""
        remark = Remark(self.spot, f"expected {wanted}, found {_kind(self.data)}")
        if remark not in self.remarks:
            self.remarks.append(remark)


def nanoseconds(written: str) -> int | None:
    """A duration as Go or Prometheus writes it, or bare seconds; None where it is neither.

    >>> nanoseconds("1m30s"), nanoseconds("20"), nanoseconds("soon")
    (90000000000, 20000000000, None)
    """
    if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", written):
        return round(Decimal(written) * 10**9)
    if len(written) > 40 or not _GO_DURATION.fullmatch(written):
        return None
    return round(sum((Decimal(number) * _IN_NS[unit] for number, unit in _GO_PART.findall(written)), Decimal(0)))


def _as_text(data: Scalar) -> str:
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, float) and data == int(data) and abs(data) < 1e15:
        return str(int(data))
    return "" if data is None else str(data)


def _kind(data: Any) -> str:
    """What something is, without saying what it holds."""
    names = {dict: "a mapping", list: "a list", bool: "true or false", int: "a number", float: "a number", str: "text"}
    return names.get(type(data), "nothing")
