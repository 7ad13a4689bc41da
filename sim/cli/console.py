"""Where words go: the answer to stdout, all else to stderr."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Mapping
from typing import Any

from sim.errors import shown


def say(text: str) -> None:
    """A part of the answer."""
    _write(sys.stdout, text)


def log(text: str) -> None:
    """Progress, warnings, complaints."""
    _write(sys.stderr, text)


def say_json(document: Mapping[str, Any] | list[Any]) -> None:
    """The answer as one JSON document."""
    import json

    say(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))


def width() -> int:
    """Columns to use: the terminal's, between 60 and 100; 80 when the answer goes into a file or a pipe."""
    import shutil

    return max(60, min(100, shutil.get_terminal_size((80, 24)).columns)) if sys.stdout.isatty() else 80


def shown_path(path: str | os.PathLike[str]) -> str:
    """A path as short as it can be said from here."""
    absolute = os.path.abspath(path)
    relative = os.path.relpath(absolute)
    return relative if not relative.startswith("..") else absolute


def plain(text: str) -> str:
    """Text whose spaces are all plain, for whoever pipes it into a tool."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


def harmless(text: str) -> str:
    """Text of several lines that can neither steer a terminal nor turn its order round, whatever names say.

    >>> harmless("calm\\x1b[2J\\nservice") == "calm\N{REPLACEMENT CHARACTER}[2J\\nservice"
    True
    """
    return "\n".join("\t".join(map(shown, line.split("\t"))) for line in text.split("\n"))


class _Lost(io.TextIOBase):
    """Stands in for standard output once that takes no more: what is said is lost, what is done goes on."""

    def __init__(self, why: str) -> None:
        super().__init__()
        self.why = why

    def write(self, text: str, /) -> int:
        return len(text)


def lost() -> str:
    """Why a part of the answer could not be said; "" where it was, or where the reader had seen enough (``| head``)."""
    return sys.stdout.why if isinstance(sys.stdout, _Lost) else ""


def silence_stdout(why: str = "") -> None:
    """From here on nobody reads: neither what follows nor what waits to be written may end the command."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.stdout = _Lost(why)


def _write(stream: Any, text: str) -> None:
    """A line; what the stream's encoding lacks is replaced, so that a narrow locale costs a sign and not the answer.

    A reader who has gone away ends nothing: a study keeps its own status, and its report is written.
    """
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        print(harmless(text).encode(encoding, errors="replace").decode(encoding), file=stream)
    except OSError as error:
        _refused(stream, error)


def flush_stdout() -> None:
    """Have all that was said on its way."""
    try:
        sys.stdout.flush()
    except OSError as error:
        _refused(sys.stdout, error)


def _refused(stream: Any, error: OSError) -> None:
    """What cannot be said on stderr can be said nowhere."""
    if stream is sys.stdout:
        silence_stdout("" if isinstance(error, BrokenPipeError) else str(error.strerror or error))
