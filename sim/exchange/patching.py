"""Lines of a scenario in place of those it has: all else of its text stays as somebody wrote it, comments too."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from sim.exchange.drafts.lines import Line, Tree
from sim.exchange.drafts.writing import flow, text_of
from sim.scenario.document import Document, Trail, show_trail
from sim.scenario.document import part as part_of
from sim.scenario.guesses import SECTION
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
        for trail, value in (
            [((section,), part)] if isinstance(part, Line) else [((section, k), v) for k, v in part.items()]
        ):
            text = _put(text, trail, value, name)
    return text


def placed(text: str, lines: Mapping[Trail, Line], name: str) -> str:
    """The text of the scenario ``name`` with single values in it, each at the end of a trail, however deep.

    All beside them stays; parts in braces on the way are written with their keys below each other first.

    >>> print(placed("traffic:\\n  streams: {web: {peak: 4/s, work: 9ms}}  # ours\\n",
    ...     {("traffic", "streams", "web", "peak"): Line("7/s", "access.log")}, "shop.yaml"), end="")
    traffic:
      streams:  # ours
        web:
          peak: 7/s                                   # access.log
          work: 9ms
    """
    for trail, line in lines.items():
        text = _put(text, trail, line, name)
    return text


def settled(text: str, trails: Collection[Trail], name: str) -> str:
    """The text without the ``guesses`` whose values, or parts of them, have been measured now.

    >>> print(settled("traffic: {}\\nguesses:\\n  traffic.streams.web.peak: nobody knows\\n  oncall: usual\\n",
    ...     [("traffic", "streams", "web", "peak")], "shop.yaml"), end="")
    traffic: {}
    guesses:
      oncall: usual
    """
    known = {show_trail(trail) for trail in trails}
    document, lines = read_bytes(text.encode(), name), text.splitlines()
    guessed = document.data.get(SECTION) or {}
    gone = [
        path for path in guessed if any(path == each or path.startswith((f"{each}.", f"{each}[")) for each in known)
    ]
    if not gone:
        return text
    if len(gone) == len(guessed):
        return _without(document, lines, (SECTION,))
    if _in_braces(document, lines, (SECTION,)):
        return settled(_joined(_opened(lines, document, (SECTION,))), trails, name)
    return settled(_without(document, lines, (SECTION, gone[0])), trails, name)


def _put(text: str, trail: Trail, part: Tree | Line, name: str) -> str:
    document, lines = read_bytes(text.encode(), name), text.splitlines()
    for depth in range(1, len(trail)):
        if trail[:depth] not in document.keys:
            missing = part
            for step in reversed(trail[depth:]):
                missing = {str(step): missing}
            assert not isinstance(missing, Line)
            return _added(document, lines, trail[: depth - 1], {str(trail[depth - 1]): missing})
        if _in_braces(document, lines, trail[:depth]):
            return _put(_joined(_opened(lines, document, trail[:depth])), trail, part, name)
    if trail not in document.keys:
        return _added(document, lines, trail[:-1], {str(trail[-1]): part})
    return _instead(document, lines, trail, {str(trail[-1]): part})


def _without(document: Document, lines: list[str], trail: Trail) -> str:
    first = document.keys[trail].line - 1
    return _joined([*lines[:first], *lines[_end(lines, document, trail) :]])


def _instead(document: Document, lines: list[str], trail: Trail, part: Tree) -> str:
    """A part in the place of one that is there."""
    first = document.keys[trail].line - 1
    return _joined([*lines[:first], *_indented(part, _indent(lines[first])), *lines[_end(lines, document, trail) :]])


def _added(document: Document, lines: list[str], parent: Trail, part: Tree) -> str:
    """A part at the end of the one it belongs to, or of the text."""
    if not parent:
        return _joined([*lines, *_indented(part, 0)])
    start, end = document.keys[parent].line - 1, _end(lines, document, parent)
    indent = next(_indents(lines[start + 1 : end]), _indent(lines[start]) + 2)
    return _joined([*lines[:end], *_indented(part, indent), *lines[end:]])


def _in_braces(document: Document, lines: list[str], trail: Trail) -> bool:
    place = document.keys[trail]
    behind = lines[place.line - 1][place.column - 1 :].partition(":")[2]
    return behind.lstrip().startswith("{")


def _opened(lines: list[str], document: Document, trail: Trail) -> list[str]:
    """A part in braces as its keys below each other; what is said behind it stays behind its name."""
    start = document.keys[trail].line - 1
    end, indent = _end(lines, document, trail), _indent(lines[start])
    comment = re.search(r"\}\s+(#.*)$", lines[end - 1])
    head = f"{' ' * indent}{flow({str(trail[-1]): 0})[1:-4]}:" + (f"  {comment[1]}" if comment else "")
    value = part_of(document.data, trail)
    keys = [f"{' ' * (indent + 2)}{flow({key: each})[1:-1]}" for key, each in value.items()]
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
