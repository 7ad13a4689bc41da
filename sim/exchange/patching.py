"""Lines of a scenario in place of those it has: all else of its text stays as somebody wrote it, comments too."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sim.exchange.drafts.lines import Line, Tree
from sim.exchange.drafts.writing import flow, text_of
from sim.scenario.document import Document, Trail
from sim.scenario.text import read_bytes


def patched(text: str, tree: Tree, name: str) -> str:
    """The text of the scenario ``name`` with the values of ``tree`` in it, each with its origin behind it.

    A value that is there is replaced with all that stands below it; one that is not is added at the end of its section,
    a section at the end of the text. A section in braces is written with its keys below each other first.

    >>> print(patched("release:  # ours\\n  change_failure_rate: 8%\\n  version: {}\\n",
    ...     {"release": {"change_failure_rate": Line("5%", "releases.csv")}}, "shop.yaml"), end="")
    release:  # ours
      change_failure_rate: 5%                     # releases.csv
      version: {}
    """
    for section, part in tree.items():
        if isinstance(part, Line):
            text = _with(text, (section,), {section: part}, name)
            continue
        for key, value in part.items():
            text = _with(text, (section, key), {key: value}, name)
    return text


def _with(text: str, trail: Trail, part: Tree, name: str) -> str:
    document, lines = read_bytes(text.encode(), name), text.splitlines()
    section = trail[:1]
    if section not in document.keys:
        head = [f"{trail[0]}:"] if len(trail) > 1 else []
        return _joined([*lines, *head, *_indented(part, 2 * len(head))])
    start = document.keys[section].line - 1
    if len(trail) > 1 and _in_braces(document, section):
        return _with(_joined(_opened(lines, document, section)), trail, part, name)
    if trail in document.keys:
        first = document.keys[trail].line - 1
        return _joined(
            [*lines[:first], *_indented(part, _indent(lines[first])), *lines[_end(lines, document, trail) :]]
        )
    end = _end(lines, document, section)
    return _joined([*lines[:end], *_indented(part, next(_indents(lines[start + 1 : end]), 2)), *lines[end:]])


def _in_braces(document: Document, section: Trail) -> bool:
    line = document.keys[section].line
    return any(
        len(other) == 2 and other[:1] == section and place.line == line for other, place in document.keys.items()
    )


def _opened(lines: list[str], document: Document, section: Trail) -> list[str]:
    """A section in braces as its keys below each other; what is said behind it stays behind its name."""
    start = document.keys[section].line - 1
    end = _end(lines, document, section)
    comment = re.search(r"\}\s+(#.*)$", lines[end - 1])
    head = f"{section[0]}:" + (f"  {comment[1]}" if comment else "")
    keys = [f"  {flow({key: value})[1:-1]}" for key, value in document.data[section[0]].items()]
    return [*lines[:start], head, *keys, *lines[end:]]


def _joined(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


def _end(lines: list[str], document: Document, trail: Trail) -> int:
    """Behind the last line that belongs to a key; comments and empty lines after it belong to the next one."""
    start = document.keys[trail].line
    others = (place.line for other, place in document.keys.items() if other[: len(trail)] != trail)
    end = min((line for line in others if line > start), default=len(lines) + 1) - 1
    while end > start and lines[end - 1].strip()[:1] in ("", "#"):
        end -= 1
    return end


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _indents(lines: list[str]) -> Iterator[int]:
    yield from (_indent(line) for line in lines if line.strip() and not line.lstrip().startswith("#"))


def _indented(part: Tree, indent: int) -> list[str]:
    return [" " * indent + line for line in text_of(part).splitlines()]
