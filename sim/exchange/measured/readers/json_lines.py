"""A JSON object per line, as logs are written, as a table: a column for each key that holds a word or a number."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from sim.named_files import UnreadableError

MOST_COLUMNS = 200
_INNER = ("httpRequest", "request", "response", "http")
"""Objects within a line that tell of the request; no other is looked into."""


def rows(lines: Iterable[tuple[int, str]]) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The names of the columns, and each line's number and cells.

    Raises UnreadableError with the line that is no object.

    >>> rows([(1, '{"ts": 1, "request": {"uri": "/x"}, "headers": {"a": 1}}')])
    (['ts', 'request.uri'], [(1, ['1', '/x'])])
    """
    places: dict[str, int] = {}
    found: list[tuple[int, list[str]]] = []
    for number, line in lines:
        if not line.strip():
            continue
        try:
            document = json.loads(line)
        except (ValueError, RecursionError):
            raise UnreadableError(f"line {number}: is no JSON object; write one per line") from None
        if not isinstance(document, dict):
            raise UnreadableError(f"line {number}: is no JSON object; write one per line")
        cells = [""] * len(places)
        for key, value in _flat(document):
            place = places.setdefault(key, len(places))
            if place >= MOST_COLUMNS:
                raise UnreadableError(f"line {number}: has more than {MOST_COLUMNS} keys")
            if place == len(cells):
                cells.append(value)
            else:
                cells[place] = value
        found.append((number, cells))
    return list(places), found


def _flat(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in document.items():
        if isinstance(value, dict) and key in _INNER:
            yield from ((f"{key}.{inner}", _text(each)) for inner, each in value.items() if _is_plain(each))
        elif _is_plain(value):
            yield key, _text(value)


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float | bool)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
