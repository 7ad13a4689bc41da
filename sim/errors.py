"""Everything rollrisk can refuse to do, as one small tree.

    RollriskError
    ├── InputError          the person can mend it: exit status 2
    │   ├── ScenarioError   one or more problems in a scenario file, each with its place
    │   └── UsageError      a command or call that does not fit
    ├── MissingExtra        an optional library is not installed: exit status 2
    └── ModelError          our own fault: a law of the house was broken; exit status 1

A problem says where it is, what was found, what is allowed and what to write.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass


class RollriskError(Exception):
    """Base of all errors raised on purpose by rollrisk."""


class InputError(RollriskError):
    """The input is at fault, not the program; the message says how to mend it."""


class UsageError(InputError):
    """A command line or a call asks for something that does not exist or does not fit."""


class MissingExtra(InputError):  # noqa: N818 (it names what is missing)
    """An optional library is needed and not installed; the message names the extra."""


class ModelError(RollriskError):
    """A law of the model was broken: always a fault of ours, never of the input."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with a document.

    ``line`` and ``column`` count from 1, as editors do; 0 means the whole file.
    ``path`` is the place inside the document, as ``strategies.canary.steps[0].weight``.
    """

    file: str
    line: int = 0
    column: int = 0
    path: str = ""
    message: str
    excerpt: str = ""

    def __str__(self) -> str:
        place = self.file if not self.line else f"{self.file}:{self.line}:{self.column}"
        where = f" {self.path}:" if self.path else ""
        text = shown(f"{place}:{where} {self.message}")
        if self.excerpt and self.line:
            text += f"\n    {shown(self.excerpt)}\n    {' ' * max(0, self.column - 1)}^"
        return text


_TURNS_TEXT_ROUND = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def is_shown(sign: str) -> bool:
    """Whether a character shows itself or nothing, rather than steering the terminal or the order of text.

    >>> is_shown("é"), is_shown("\\x1b"), is_shown("\\u202e")
    (True, False, False)
    """
    return unicodedata.category(sign) not in ("Cc", "Cs", "Zl", "Zp") and sign not in _TURNS_TEXT_ROUND


def shown(text: str) -> str:
    """Text from a file or an option as a message may say it: control characters as the sign for one unknown.

    >>> shown("\\x1b[31mred")
    '\ufffd[31mred'
    """
    return "".join(sign if is_shown(sign) else "\ufffd" for sign in text)


class ScenarioError(InputError):
    """All problems found in a scenario, together; ``problems`` holds them one by one."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def said_plainly(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    """A warning as a reader of the command's output wants it: what it says, without the place in our source.

    Stands in for :func:`warnings.formatwarning` in the command and in its workers.

    >>> said_plainly("compiled anew", RuntimeWarning, "jit.py", 12)
    'warning: compiled anew\\n'
    """
    return f"warning: {shown(str(message))}\n"
