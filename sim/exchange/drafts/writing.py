"""A tree of lines as the text of a scenario, each value with its origin behind it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from sim.exchange.drafts.lines import Line, Tree
from sim.exchange.scalars import scalar

WIDTH = 44
"""Columns of a value; its origin begins behind them."""

_PLAIN = re.compile(r"[A-Za-z0-9/.][A-Za-z0-9_./%<>=\[\] -]*")


def text_of(tree: Tree) -> str:
    """The sections of a scenario.

    >>> print(text_of({"service": {"replicas": Line(3, "deploy.yaml spec.replicas, line 4")}}), end="")
    service:
      replicas: 3                               # deploy.yaml spec.replicas, line 4
    """
    return "".join(f"{line}\n" for line in _lines(tree, 0))


def _lines(tree: Tree, depth: int) -> Iterator[str]:
    pad = "  " * depth
    for key, part in tree.items():
        if isinstance(part, Line):
            value = part.value
            if isinstance(value, list) and any(isinstance(each, Line) for each in value):
                yield _with(f"{pad}{_word(key)}:", part.origin)
                yield from (_with(f"{pad}  - {flow(each.value)}", each.origin) for each in value)
            else:
                yield _with(f"{pad}{_word(key)}: {flow(value)}", part.origin)
        elif part:
            yield f"{pad}{_word(key)}:"
            yield from _lines(part, depth + 1)


def _with(text: str, origin: str) -> str:
    return f"{text:<{WIDTH - 2}}  # {origin}" if origin else text


def flow(value: Any) -> str:
    """A value on one line.

    >>> flow({"weight": "20%", "hold": "5m", "on": ["503", "connect"]})
    '{weight: 20%, hold: 5m, "on": ["503", connect]}'
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_word(key)}: {flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _word(value) if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)


def _word(text: str) -> str:
    """Text bare where every reader of YAML takes it for text, else in quotes."""
    bare = _PLAIN.fullmatch(text) and not text.endswith(" ") and scalar(text) == text and not _looks_odd(text)
    return text if bare else json.dumps(text, ensure_ascii=False)


def _looks_odd(text: str) -> bool:
    """What YAML 1.2 or an editor might take for something else, or flow style for its own signs."""
    return text.lower() in ("y", "n", "yes", "no", "on", "off", "null") or "[" in text or text[:1] in "<>=."
