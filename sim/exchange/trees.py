"""From the text of a manifest to plain data that knows the line of every part. The only file here that knows YAML.

Manifests are YAML 1.1 and may be large, have many documents, anchors and merge keys; a scenario is YAML 1.2 and may
have none of these, so it has a reader of its own. Each document is read by itself: one that is broken does not hide the
next. Size, depth and what aliases unfold to are bounded while the data are built. No message quotes the text.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from sim.exchange.scalars import Scalar, scalar

DEEPEST = 60
"""Levels of nesting."""
MOST_NODES = 1_000_000
"""Keys and values of one document, aliases unfolded."""

_MARKER = re.compile(r"^(---|\.\.\.)(?=\s|$)", re.MULTILINE)
_NOTHING = re.compile(
    r"(?:[ \t]*(?:#.*)?\r?\n|%.*\r?\n|---[ \t]*(?:#.*)?\r?\n|\.\.\.[ \t]*\r?\n)*[ \t]*(?:#.*|---|\.\.\.)?"
)
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|%[A-Za-z]\S*")


@dataclass(slots=True)
class Node:
    """A value and its line; of a mapping's value the line of its key. ``data`` may be shared where anchors are."""

    data: Data
    line: int


Data: TypeAlias = "Scalar | dict[str, Node] | list[Node]"


@dataclass(frozen=True, slots=True)
class Tree:
    """One document of a file: its number from 1, its first line, its root, and keys that are given twice."""

    number: int
    line: int
    root: Node
    twice: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A document that is not YAML, or beyond the bounds: where, and what was expected."""

    number: int
    line: int
    message: str


def trees(text: str) -> Iterator[Tree | Unreadable]:
    """Every document of a text, in order; those without any content are counted and passed over.

    >>> [tree.root.data["a"].line for tree in trees("a: 1\\n---\\n# nothing\\n---\\na: 2\\n")]
    [1, 5]
    """
    for number, (line, chunk) in enumerate(_chunks(text), 1):
        yield from _tree(number, line, chunk)


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    """The parts between document markers that have content, with the line before each.

    Inside a block of text no line may begin with a marker (YAML 1.1, chapter 9.1), so the text can be cut there.
    """
    cuts = [0, *(found.start() for found in _MARKER.finditer(text)), len(text)]
    line = 0
    for start, end in itertools.pairwise(cuts):
        chunk = text[start:end]
        if not _NOTHING.fullmatch(chunk):
            yield line, chunk
        line += chunk.count("\n")


def _tree(number: int, line: int, chunk: str) -> Iterator[Tree | Unreadable]:
    import yaml

    builder = _Builder(line)
    try:
        root = builder.document(yaml.parse(chunk, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except _BeyondError as error:
        yield Unreadable(number, error.line, str(error))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        yield Unreadable(number, line + 1 + (mark.line if mark else 0), f"not YAML: {_problem(error)}")
    except yaml.YAMLError:
        yield Unreadable(number, line + 1, "not YAML: holds a character that YAML does not allow")
    except RecursionError:
        yield Unreadable(number, line + 1, f"nested deeper than {DEEPEST} levels")
    else:
        if root is not None:
            yield Tree(number, root.line, root, tuple(builder.twice))


def _problem(error: Any) -> str:
    """The parser's complaint without what it quotes, which may be anybody's password."""
    words = ", ".join(part for part in (error.context, error.problem) if part)
    return _QUOTED.sub("…", words)


class _BeyondError(Exception):
    """The document is beyond a bound, or holds what no manifest may."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


class _Builder:
    """Builds nodes from the parser's events; ``weights`` says to how many nodes each anchor unfolds."""

    def __init__(self, line: int) -> None:
        self.before = line
        self.built = 0
        self.anchors: dict[str, tuple[Data, int]] = {}
        self.twice: list[tuple[str, int]] = []

    def document(self, events: Iterator[Any]) -> Node | None:
        for event in events:
            if type(event).__name__ == "DocumentStartEvent":
                root = self._node(next(events), events, 0, None)
                for _ in events:  # to the end, so that what is broken behind it is found
                    pass
                return root
        return None

    def _node(self, event: Any, events: Iterator[Any], depth: int, line: int | None) -> Node:
        here = self.before + event.start_mark.line + 1
        kind = type(event).__name__
        if kind == "AliasEvent":
            return Node(self._unfolded(event.anchor, here), line or here)
        before = self.built
        data: Data
        if kind == "ScalarEvent":
            data = scalar(event.value) if event.implicit[0] else event.value
        elif depth >= DEEPEST:
            raise _BeyondError(here, f"nested deeper than {DEEPEST} levels")
        else:
            data = (self._mapping if kind == "MappingStartEvent" else self._sequence)(events, depth + 1)
        self._count(1, here)
        if event.anchor is not None:
            self.anchors[event.anchor] = data, self.built - before
        return Node(data, line or here)

    def _mapping(self, events: Iterator[Any], depth: int) -> dict[str, Node]:
        found: dict[str, Node] = {}
        merged: list[Node] = []
        for event in events:
            kind = type(event).__name__
            if kind == "MappingEndEvent":
                break
            line = self.before + event.start_mark.line + 1
            if kind != "ScalarEvent":
                raise _BeyondError(line, "a key must be a word, not a list, a mapping or an alias")
            node = self._node(next(events), events, depth, line)
            if event.value == "<<" and event.implicit[0]:
                merged += node.data if isinstance(node.data, list) else [node]
                continue
            if event.value in found:
                self.twice.append((event.value, line))
            found[event.value] = node
        for each in merged:
            if isinstance(each.data, dict):
                found = {**each.data, **found}
        return found

    def _sequence(self, events: Iterator[Any], depth: int) -> list[Node]:
        found: list[Node] = []
        for event in events:
            if type(event).__name__ == "SequenceEndEvent":
                break
            found.append(self._node(event, events, depth, None))
        return found

    def _unfolded(self, anchor: str, line: int) -> Data:
        if anchor not in self.anchors:
            raise _BeyondError(line, "an alias names no anchor before it in this document")
        data, weight = self.anchors[anchor]
        self._count(weight, line)
        return data

    def _count(self, nodes: int, line: int) -> None:
        self.built += nodes
        if self.built > MOST_NODES:
            raise _BeyondError(line, f"holds more than {MOST_NODES:,} values, aliases unfolded")
