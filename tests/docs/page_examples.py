"""The examples of a page, in its order: files to write, commands to type, Python to run.

A fenced block is played by its language: ``console`` line by line where a line begins with a prompt and ``rollrisk``,
``python`` in one name space per page. A comment above a block says more:

    <!-- file NAME -->     the block is the content of a file
    <!-- change NAME -->   the block's sections take the place of those in a file
    <!-- exits N -->       the command ends with this status
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(
    r"(?:^ *<!-- (?P<mark>[^>]*) -->\n)?^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^ *```$", re.M | re.S
)
_TOP_KEY = re.compile(r"^(\w+):.*\n(?:^(?: .*)?\n)*", re.M)
PROMPT = "$ "


@dataclass(frozen=True, slots=True)
class Example:
    """One block: its language, what the comment above it says, its text, and the line it begins in."""

    language: str
    mark: str
    text: str
    line: int

    def commands(self) -> list[list[str]]:
        """The ``rollrisk`` commands in the block, as lists of arguments."""
        typed = (line.strip() for line in self.text.splitlines())
        lines = [line.removeprefix(PROMPT) for line in typed if line.startswith(PROMPT)]
        return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("rollrisk ")]

    def expected(self) -> int:
        """The exit status that is announced."""
        found = re.fullmatch(r"exits (\d+)", self.mark)
        return int(found[1]) if found else 0


def examples(page: Path) -> list[Example]:
    """All fenced blocks of a page."""
    text = page.read_text(encoding="utf-8")
    found = []
    for block in _BLOCK.finditer(text):
        indent = len(block["indent"])
        body = "".join(line[indent:] if line.strip() else "\n" for line in block["text"].splitlines(keepends=True))
        found.append(Example(block["language"], block["mark"] or "", body, text.count("\n", 0, block.start()) + 1))
    return found


def with_sections(scenario: str, written: str) -> str:
    """A scenario's text with the top-level sections of another in the place of its own.

    >>> with_sections("a: 1\\nb:\\n  c: 2\\n", "b: 3\\n")
    'a: 1\\nb: 3\\n'
    """
    for section in _TOP_KEY.finditer(written):
        name = section[1]
        scenario = re.sub(rf"^{name}:.*\n(?:^(?: .*)?\n)*", lambda _, text=section[0]: text, scenario, flags=re.M)
    return scenario
