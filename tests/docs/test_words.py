"""What users read: none of the words that only the house knows, in any sentence of the program or of its pages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SPEAKING = ("cli", "notebook", "report", "scenario", "serve", "study", "whatif")
"""Rooms of the program whose sentences users read."""
PAGES = [
    ROOT / "README.md",
    ROOT / "results" / "README.md",
    *sorted((ROOT / "docs").glob("how-to/*.md")),
    *sorted((ROOT / "docs").glob("tutorial/*.md")),
]
BANNED = {
    r"\bhowever seldom\b": "at any share of bad releases",
    r"\bas long again\b": "another 1h",
    r"\bheld in as little as\b": "contained the true value in only",
    r"\byou are indifferent\b|\bindifferent to\b": "the difference you said does not matter",
    r"\bby the means played\b": "on average",
    r"\bonly these cost\b": "some good releases fail requests",
    r"\bmore than the best of all others\b": "against the best other strategy",
    r"\bcommon luck\b": "the same traffic and the same random events",
    r"\bweather\b": "conditions",
    r"\bturns? (the verdict|round)\b": "changes the verdict",
    r"\bmend\b": "correct",
    r"\bwhence\b": "source",
    r"\bbackfired\b": "made it worse",
    r"\bwould surely be enough\b": "are expected to be enough",
}
"""A pattern that no sentence may hold, and what is written instead."""


def strings(source: str) -> Iterator[tuple[int, str]]:
    """A module's strings with their lines: all but docstrings; what stands in braces is left out."""
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    pieces = {id(piece) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for piece in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [piece.value for piece in node.values if isinstance(piece, ast.Constant)]
            yield node.lineno, "{}".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings | pieces:
            yield node.lineno, node.value


def prose(page: str) -> Iterator[tuple[int, str]]:
    """The lines of a Markdown page or of a template, without code."""
    fenced = False
    for number, line in enumerate(page.splitlines(), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced:
            yield number, re.sub(r"`[^`]*`|<[^>]*>|{[{%#].*?[}%#]}", " ", line)


def found(sentences: Iterator[tuple[int, str]]) -> list[str]:
    return [
        f"line {line}: write '{instead}' for '{match.group()}' in: {' '.join(text.split())[:100]}"
        for line, text in sentences
        for pattern, instead in BANNED.items()
        if (match := re.search(pattern, text, re.IGNORECASE)) and " " in text.strip()
    ]


SOURCES = [path for room in SPEAKING for path in sorted((ROOT / "sim" / room).rglob("*.py"))]
TEMPLATES = sorted((ROOT / "sim").rglob("*.j2"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_program_says_it_in_the_words_of_the_field(path: Path) -> None:
    assert not found(strings(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", [*TEMPLATES, *PAGES], ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_page_says_it_in_the_words_of_the_field(path: Path) -> None:
    assert not found(prose(path.read_text(encoding="utf-8")))


def test_a_banned_word_in_a_sentence_is_found_and_in_a_docstring_is_not() -> None:
    planted = 'def told(name):\n    """By the means played."""\n    return f"{name} pays however seldom it is bad"\n'
    assert [line for line, _ in strings(planted)] == [3]
    assert len(found(strings(planted))) == 1
    assert len(found(prose("```\nthe weather\n```\nthe `weather` key\nthe weather outside\n"))) == 1


def test_every_banned_word_has_a_better_one_and_stands_in_no_better_one() -> None:
    for instead in BANNED.values():
        assert not any(re.search(pattern, instead, re.IGNORECASE) for pattern in BANNED)
